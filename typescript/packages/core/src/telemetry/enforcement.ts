/** Callbacks that decide whether a run may spend. */
import { encode } from '../codec.js';
import { toPublished } from '../errors.js';
import { type ModelConfig, modelFromEngine } from '../model.js';
import { type EnforcementHost, type NativeEnforcementChain, native } from '../native.js';
import { answer } from '../native-call.js';
import { asked, awaited, dateOf, published, refuse, renamed, warnOf } from './asked.js';

/** What a callback decides. */
export const EnforcementAction = {
  ALLOW: 'allow',
  WARN: 'warn',
  DEGRADE: 'degrade',
  BLOCK: 'block',
} as const;
export type EnforcementAction = (typeof EnforcementAction)[keyof typeof EnforcementAction];

/** What a callback is told. Money is in USD, of the window of the tightest budget. */
export interface EnforcementContext {
  /** Empty when the run names nobody. */
  userId: string;
  userTier?: string;
  /** The most that the run can cost. */
  estimatedCost: number;
  /** Spent in the window, the run not included. */
  currentCost: number;
  /** The same as `currentCost`. */
  totalCost: number;
  /** The same as `currentCost`. */
  budgetUsed: number;
  /** Absent when no budget applies. */
  budgetLimit?: number;
  /** Infinite when no budget applies. */
  budgetRemaining: number;
  /** The part used or set aside, 1 at the limit; 0 without a budget. */
  budgetPctUsed: number;
  /** The same in percent. */
  budgetUsedPct: number;
  /** Whether the budget is used up. */
  budgetExceeded: boolean;
  /** `hourly`, `daily`, `weekly`, `monthly` or `total`. */
  periodName: string;
  /** Requests counted in the window. */
  totalRequests: number;
  /** When the window ends; absent when it never does. */
  resetsAt?: Date;
  /** The model that is asked first, and its provider. */
  model?: string;
  provider?: string;
  query?: string;
  /** The most tokens that the run can use. */
  tokens?: number;
  metadata: Record<string, any>;
}

/** A context as callers make it: what is left out is worked out from the rest, or not known. */
export type EnforcementContextInput = Partial<EnforcementContext>;

/**
 * What a callback returns: an action, alone, in front of a message, or in an object with one; nothing
 * allows.
 */
export type EnforcementDecision =
  | EnforcementAction
  | readonly [EnforcementAction, (string | null)?]
  | { action: EnforcementAction; message?: string | null }
  | null
  | undefined;

/** Decides, at once or later. */
export type EnforcementCallback = (
  context: EnforcementContext,
) => EnforcementDecision | Promise<EnforcementDecision>;

/** Gives those of the agent's models that a run may use, or their names; nothing leaves all. */
export type ModelFilter = (
  context: EnforcementContext,
  models: ModelConfig[],
) =>
  | readonly (ModelConfig | string)[]
  | undefined
  | null
  | Promise<readonly (ModelConfig | string)[] | undefined | null>;

/** Hears of a threshold that a budget passed. */
export type BudgetWarningListener = (
  context: EnforcementContext,
  warning: string,
) => void | Promise<void>;

export interface EnforcementCallbacksOptions {
  /** Decides about each run, before those that are registered. */
  onBudgetCheck?: EnforcementCallback;
  /** Chooses the models of each run. */
  onModelFilter?: ModelFilter;
  /** Hears of each threshold that a budget passes for the first time. */
  onBudgetWarning?: BudgetWarningListener;
  /** Milliseconds that each callback may take; 5,000 by default. */
  timeLimitMs?: number;
  /**
   * Whether a callback that throws, takes too long or returns something else is passed over (true, the
   * default), or taken for a block.
   */
  failOpen?: boolean;
  /** Writes decisions other than allow to the console. */
  verbose?: boolean;
}

const OPTIONS: Record<keyof EnforcementCallbacksOptions, string> = {
  onBudgetCheck: 'onBudgetCheck',
  onModelFilter: 'onModelFilter',
  onBudgetWarning: 'onBudgetWarning',
  timeLimitMs: 'timeLimitMs',
  failOpen: 'failOpen',
  verbose: 'verbose',
};

/** The published names of the windows. */
const PERIODS: Record<string, string> = {
  minute: 'minute',
  hour: 'hourly',
  day: 'daily',
  week: 'weekly',
  month: 'monthly',
  lifetime: 'total',
};
const WINDOWS: Record<string, string> = Object.fromEntries(
  Object.entries(PERIODS).map(([window, period]) => [period, window]),
);

const TIME_LIMIT_MS = 5_000;

function contextFromEngine(record: Record<string, any>): EnforcementContext {
  const used = Number(record.budget_used);
  const optional = {
    userTier: record.user_tier,
    budgetLimit: record.budget_limit === null ? null : Number(record.budget_limit),
    resetsAt: dateOf(record.resets_at) ?? null,
    model: record.model,
    provider: record.provider,
    query: record.query,
    tokens: record.tokens,
  };
  const known = Object.entries(optional).filter(([, value]) => value !== null);
  return {
    userId: record.user_id,
    estimatedCost: Number(record.estimated_cost),
    currentCost: used,
    totalCost: used,
    budgetUsed: used,
    budgetRemaining:
      record.budget_remaining === null ? Number.POSITIVE_INFINITY : Number(record.budget_remaining),
    budgetPctUsed: record.budget_share,
    budgetUsedPct: 100 * record.budget_share,
    budgetExceeded: record.budget_exceeded,
    periodName: PERIODS[record.period] ?? record.period,
    totalRequests: record.total_requests,
    metadata: record.metadata,
    ...Object.fromEntries(known),
  };
}

function engineContext(context: EnforcementContextInput): string {
  const limit = context.budgetLimit;
  const used = context.budgetUsed ?? context.currentCost ?? context.totalCost ?? 0;
  const share =
    context.budgetPctUsed ??
    (context.budgetUsedPct === undefined ? undefined : context.budgetUsedPct / 100) ??
    (limit ? used / limit : 0);
  const remaining =
    context.budgetRemaining ?? (limit === undefined ? undefined : Math.max(0, limit - used));
  const period = context.periodName ?? 'total';
  return encode({
    user_id: context.userId ?? '',
    user_tier: context.userTier,
    estimated_cost: context.estimatedCost ?? 0,
    budget_used: used,
    budget_limit: limit,
    budget_remaining: remaining === Number.POSITIVE_INFINITY ? undefined : remaining,
    budget_share: share,
    budget_exceeded: context.budgetExceeded ?? false,
    period: WINDOWS[period] ?? period,
    total_requests: context.totalRequests ?? 0,
    resets_at: context.resetsAt === undefined ? undefined : context.resetsAt.getTime() / 1000,
    model: context.model,
    provider: context.provider,
    query: context.query,
    tokens: context.tokens,
    metadata: context.metadata ?? {},
  });
}

/** What a callback returned as the engine reads it. */
function decisionText(returned: unknown): string {
  // JSON has nothing for these, and nothing would allow.
  if (typeof returned === 'function' || typeof returned === 'symbol') {
    throw new TypeError(`returned a ${typeof returned}`);
  }
  return encode({ returned });
}

function namesText(kept: unknown): string {
  if (!Array.isArray(kept)) return decisionText(kept);
  return encode({ returned: kept.map((model) => model?.name ?? model) });
}

function hostOf(
  name: string,
  check?: EnforcementCallback,
  filter?: ModelFilter,
  warn?: BudgetWarningListener,
): EnforcementHost {
  const dispatch = (id: number, what: string, json: string) => {
    if (what === 'check' && check !== undefined) {
      const { context } = JSON.parse(json);
      answer<unknown>(id, () => check(contextFromEngine(context)), decisionText);
    } else if (what === 'filter' && filter !== undefined) {
      const { context, models } = JSON.parse(json);
      const offered = () => filter(contextFromEngine(context), models.map(modelFromEngine));
      answer<unknown>(id, offered, namesText);
    }
    // Nothing is to be done about a call that is not waited for any more.
  };
  const failed = (error: unknown) => warnOf(`\`${name}\` threw`, error);
  const hear = (text: string) => {
    // An empty text only marks a place in the queue.
    if (text === '' || warn === undefined) return;
    try {
      const { context, warning } = JSON.parse(text);
      const told = contextFromEngine(context);
      told.metadata = { ...told.metadata, warning };
      const returned: unknown = warn(told, warning);
      if (returned instanceof Promise) returned.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
  return new native.EnforcementHost(
    name,
    check !== undefined,
    filter !== undefined,
    dispatch,
    warn === undefined ? null : hear,
  );
}

function functionOf<T>(field: string, hook: T | undefined): T | undefined {
  if (hook === undefined || hook === null) return undefined;
  if (typeof hook === 'function') return hook;
  return refuse(
    field,
    `\`${field}\` is not a function: \`${typeof hook}\``,
    'give a function that takes an `EnforcementContext`',
  );
}

/** The addon's chains, out of reach of users. */
const HANDLES = new WeakMap<object, NativeEnforcementChain>();

/**
 * Callbacks that are asked before a run spends, in the order they were registered; the first answer
 * other than allow counts. A `block` or `degrade` of theirs counts in every mode of the budgets. All may
 * be asynchronous. One that throws, takes longer than `timeLimitMs` or returns something else becomes a
 * warning of the process and is passed over, or, with `failOpen: false`, taken for a block. They do not
 * keep the process alive.
 */
export class EnforcementCallbacks {
  readonly #chain: NativeEnforcementChain;
  /** What stands at each position of the chain; hooks of the constructor are null. */
  readonly #places: (EnforcementCallback | null)[] = [];
  readonly #verbose: boolean;
  readonly #hasCheck: boolean;

  /** @throws ConfigurationError that names the option at fault. */
  constructor(options: EnforcementCallbacksOptions = {}) {
    renamed('', options, OPTIONS);
    const check = functionOf('onBudgetCheck', options.onBudgetCheck);
    const filter = functionOf('onModelFilter', options.onModelFilter);
    const warn = functionOf('onBudgetWarning', options.onBudgetWarning);
    this.#verbose = options.verbose ?? false;
    this.#hasCheck = check !== undefined;
    this.#chain = published(
      () =>
        new native.NativeEnforcementChain(
          options.timeLimitMs ?? TIME_LIMIT_MS,
          options.failOpen ?? true,
          (text) => {
            if (text !== '') warnOf('an enforcement callback failed', toPublished(new Error(text)));
          },
        ),
    );
    HANDLES.set(this, this.#chain);
    if (check !== undefined) this.#add(check, null);
    if (filter !== undefined || warn !== undefined) {
      const name = filter === undefined ? 'onBudgetWarning' : 'onModelFilter';
      this.#chain.register(hostOf(name, undefined, filter, warn));
      this.#places.push(null);
    }
  }

  #add(callback: EnforcementCallback, place: EnforcementCallback | null): void {
    const builtIn = BUILT_IN.get(callback);
    if (builtIn !== undefined) this.#chain.registerBuiltIn(builtIn);
    else this.#chain.register(hostOf(callback.name || 'callback', callback));
    this.#places.push(place);
  }

  /** Those that are registered, in order. */
  get callbacks(): EnforcementCallback[] {
    return this.#places.filter((callback) => callback !== null);
  }

  /**
   * Adds a callback at the end.
   *
   * @throws ConfigurationError when it is no function.
   */
  register(callback: EnforcementCallback): void {
    const own = functionOf('callback', callback);
    if (own === undefined) {
      refuse(
        'callback',
        'there is no callback',
        'give a function that takes an `EnforcementContext`',
      );
    }
    this.#add(own, own);
  }

  /** Takes a callback out; one that is not registered is passed over. */
  unregister(callback: EnforcementCallback): void {
    const position = this.#places.indexOf(callback);
    if (position < 0) return;
    this.#places.splice(position, 1);
    this.#chain.remove(position);
  }

  /** Takes out what was registered; the hooks of the constructor stay. */
  clear(): void {
    for (const callback of this.callbacks) this.unregister(callback);
  }

  /** What the callbacks decide; allow without any. */
  async check(context: EnforcementContextInput): Promise<EnforcementAction> {
    return (await this.#decide(context))[0];
  }

  /**
   * What the callbacks decide, with the message. Without any, a budget that is used up blocks, and one
   * used to 90 % warns.
   */
  async checkBudget(
    context: EnforcementContextInput,
  ): Promise<[action: EnforcementAction, message: string | null]> {
    if (this.#hasCheck || this.callbacks.length > 0) return this.#decide(context);
    return builtIn('default', context);
  }

  async #decide(context: EnforcementContextInput): Promise<[EnforcementAction, string | null]> {
    const text = engineContext(context);
    const decision = JSON.parse(await awaited(() => this.#chain.decide(text)));
    if (this.#verbose && decision[0] !== 'allow') {
      console.info(`enforcement decided ${decision[0]}: ${decision[1]}`);
    }
    return decision;
  }

  /** How many callbacks there are, how often they were asked, and how often one failed. */
  getStats(): { registeredCallbacks: number; totalChecks: number; failures: number } {
    return {
      registeredCallbacks: this.callbacks.length + Number(this.#hasCheck),
      totalChecks: this.#chain.checks(),
      failures: this.#chain.failures(),
    };
  }
}

function builtIn(
  name: string,
  context: EnforcementContextInput,
): [EnforcementAction, string | null] {
  const text = engineContext(context);
  return asked(() => native.builtInEnforcement(name, text));
}

/** Blocks when the budget is used up, warns from 80 % on. */
export function strictBudgetEnforcement(context: EnforcementContextInput): EnforcementAction {
  return builtIn('strict', context)[0];
}

/** Blocks when the budget is used up, degrades from 90 % on, warns from 80 % on. */
export function gracefulDegradation(context: EnforcementContextInput): EnforcementAction {
  return builtIn('graceful', context)[0];
}

/**
 * By the tier: `free` is warned from 80 % on and blocked, `pro` warned from 90 % on and degraded,
 * `enterprise` warned from 90 % on. Other tiers, and people without one, are allowed everything.
 */
export function tierBasedEnforcement(context: EnforcementContextInput): EnforcementAction {
  return builtIn('tier_based', context)[0];
}

/** Ready-made callbacks, which runs ask without entering JavaScript. */
const BUILT_IN = new Map<unknown, string>([
  [strictBudgetEnforcement, 'strict'],
  [gracefulDegradation, 'graceful'],
  [tierBasedEnforcement, 'tier_based'],
]);

/**
 * The addon's chain behind `given`, an option; null without one.
 *
 * @throws ConfigurationError about the option `field` when it is none.
 */
export function hostEnforcement(field: string, given: unknown): NativeEnforcementChain | null {
  if (given === undefined || given === null) return null;
  const handle = typeof given === 'object' ? HANDLES.get(given) : undefined;
  if (handle !== undefined) return handle;
  return refuse(
    field,
    `\`${field}\` is no set of callbacks: \`${typeof given}\``,
    'give an `EnforcementCallbacks`',
  );
}
