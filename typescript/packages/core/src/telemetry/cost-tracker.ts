/** What was spent, by whom, and whether more may be. */

import { ManualClock } from '../clock.js';
import { compact, encode } from '../codec.js';
import { type NativeCostTracker, native } from '../native.js';
import { asked, awaited, moment, published, refuse, renamed, utcOffset, warnOf } from './asked.js';
import {
  type Affordability,
  affordabilityFromText,
  type BudgetConfig,
  type BudgetScope,
  type BudgetStanding,
  type Budgets,
  type BudgetWarning,
  budgetFromEngine,
  engineBudget,
  engineBudgets,
  engineScope,
  standingFromEngine,
  warningFromEngine,
} from './budget.js';
import { type EnforcementCallbacks, hostEnforcement } from './enforcement.js';

/** What happens when a budget is used up. */
export type EnforcementMode = 'warn' | 'degrade' | 'block';

export interface CostTrackerOptions {
  /** USD that everything together may cost, ever. */
  budgetLimit?: number;
  /** Limits of everything together. */
  globalBudget?: BudgetConfig;
  /** Limits of each user: by user id, or by a tier for each user of it; the id goes first. */
  userBudgets?: Budgets;
  /** Limits of each user of a tier, where `userBudgets` names neither. */
  tierBudgets?: Budgets;
  /** Limits of each user that nothing else is said of. */
  defaultUserBudget?: BudgetConfig;
  /** Limits of all users of a tier together. */
  sharedTierBudgets?: Budgets;
  /** Limits by API key, named by its name or id. */
  keyBudgets?: Budgets;
  sessionBudgets?: Budgets;
  /** Limits of each session that `sessionBudgets` does not name. */
  defaultSessionBudget?: BudgetConfig;
  tenantBudgets?: Budgets;
  /** Limits of each tenant that `tenantBudgets` does not name. */
  defaultTenantBudget?: BudgetConfig;
  /**
   * `warn` (the default) refuses nothing, limits of requests included; with `degrade` the cheapest model
   * answers before anything is refused; `block` refuses what could pass a budget.
   */
  enforcementMode?: EnforcementMode;
  /** Asked before a run spends, and by `canAfford`. */
  enforcementCallbacks?: EnforcementCallbacks;
  /** Share of a limit from which there are warnings; 0.8 by default. */
  warnThreshold?: number;
  /** The same as `warnThreshold`. */
  warningThreshold?: number;
  /** Share of a limit from which the mode `degrade` degrades; 0.9 by default. */
  degradeAt?: number;
  /** The same as `degradeAt`. */
  degradationThreshold?: number;
  /** Share of a limit that nothing may pass; 1 by default. */
  blockAt?: number;
  /** The same as `blockAt`. */
  blockThreshold?: number;
  /** IANA name of the time zone whose calendar the windows follow; `UTC` by default. */
  timeZone?: string;
  /** Seconds after which what a run has set aside returns by itself; 3,600 by default. */
  reservationSeconds?: number;
  /**
   * Where everything is kept: in memory by default, `sqlite:///ledger.db` or a path in a file that
   * survives, and that several processes may share.
   */
  store?: string;
  /** The clock of the windows; the system's by default. */
  clock?: ManualClock;
  /** Hears of each threshold that a budget passes for the first time in its window. */
  onWarning?: (warning: BudgetWarning) => void | Promise<void>;
  /** Writes warnings to the console. */
  verbose?: boolean;
}

/** A cost to book. */
export interface CostRecord extends BudgetScope {
  model: string;
  provider: string;
  /** 0 by default. */
  tokens?: number;
  /** USD. */
  cost: number;
  queryId?: string;
  /** Kept with it. */
  metadata?: Record<string, any>;
  /**
   * When it was spent: a `Date`, or milliseconds since the Unix epoch; now by default. What was spent in
   * a window that is over counts in the sums only.
   */
  timestamp?: Date | number;
  /** Requests it counts as; 1 by default. */
  requests?: number;
}

/** One cost that is booked. */
export interface CostEntry extends BudgetScope {
  /** Grows in the order of booking. */
  id: number;
  timestamp: Date;
  model: string;
  provider: string;
  tokens: number;
  /** USD. */
  cost: number;
  /** The run, or what the caller named. */
  queryId?: string;
  metadata: Record<string, any>;
  /** What the call was in its run; absent of a cost from outside a run. */
  role?: string;
}

/** Which entries to read: every condition must hold. */
export interface EntryFilter {
  userId?: string;
  userTier?: string;
  model?: string;
  provider?: string;
  /** Not before this time: a `Date`, or milliseconds since the Unix epoch. */
  since?: Date | number;
  /** Before this time. */
  until?: Date | number;
  /** Booked after the entry of this id. */
  after?: number;
  /** At most so many: the oldest, or with `newest` the newest. */
  limit?: number;
  newest?: boolean;
}

/** What was spent, in USD. */
export interface CostSummary {
  totalCost: number;
  totalEntries: number;
  totalTokens: number;
  byModel: Record<string, number>;
  byProvider: Record<string, number>;
  byUser: Record<string, number>;
  enforcementMode: EnforcementMode;
  /** How the limits of everything together stand. */
  budgets: BudgetStanding[];
  /** These four are there with a `budgetLimit`. */
  budgetLimit?: number;
  budgetRemaining?: number;
  budgetUsedPct?: number;
  budgetExceeded?: boolean;
}

/** How one limit of a user stands. */
export interface PeriodCost {
  /** USD, of a limit of money. */
  cost?: number;
  /** Requests or tokens, of another limit. */
  used?: number;
  limit: number;
  remaining: number;
  reserved: number;
  usedPct: number;
  exceeded: boolean;
  resetsAt?: Date;
}

/** What a user spent, in USD, and how their budgets stand. */
export interface UserCostSummary {
  userId: string;
  totalCost: number;
  totalEntries: number;
  /** The same as `totalEntries`. */
  entries: number;
  totalTokens: number;
  userTier?: string;
  /** Their limits; null when nothing limits them. */
  budget: BudgetConfig | null;
  /** Limits of money by their names. */
  periodCosts: Record<string, PeriodCost>;
  /** Limits of requests and tokens by their names. */
  limits: Record<string, PeriodCost>;
  /** Every limit. */
  budgets: BudgetStanding[];
  budgetExceeded: boolean;
}

/** Names of the options, with the engine's for those that are the policy's. */
const OPTIONS = {
  budgetLimit: 'budget_limit',
  globalBudget: 'global',
  userBudgets: 'user_budgets',
  tierBudgets: 'tier_budgets',
  defaultUserBudget: 'default_user_budget',
  sharedTierBudgets: 'shared_tier_budgets',
  keyBudgets: 'key_budgets',
  sessionBudgets: 'session_budgets',
  defaultSessionBudget: 'default_session_budget',
  tenantBudgets: 'tenant_budgets',
  defaultTenantBudget: 'default_tenant_budget',
  enforcementMode: 'enforcement_mode',
  enforcementCallbacks: '',
  warnThreshold: 'warn_threshold',
  warningThreshold: 'warning_threshold',
  degradeAt: 'degrade_at',
  degradationThreshold: 'degradation_threshold',
  blockAt: 'block_at',
  blockThreshold: 'block_threshold',
  timeZone: 'time_zone',
  reservationSeconds: 'reservation_seconds',
  store: '',
  clock: '',
  onWarning: '',
  verbose: '',
} as const satisfies Record<keyof CostTrackerOptions, string>;

const MAPS = new Set([
  'userBudgets',
  'tierBudgets',
  'sharedTierBudgets',
  'keyBudgets',
  'sessionBudgets',
  'tenantBudgets',
]);
const SINGLE = new Set([
  'globalBudget',
  'defaultUserBudget',
  'defaultSessionBudget',
  'defaultTenantBudget',
]);

const RECORD_NAMES = {
  model: 'model',
  provider: 'provider',
  tokens: 'tokens',
  cost: 'cost',
  queryId: 'query_id',
  metadata: 'metadata',
  timestamp: 'timestamp',
  requests: 'requests',
  userId: 'user_id',
  userTier: 'user_tier',
  sessionId: 'session_id',
  keyId: 'key_id',
  tenantId: 'tenant_id',
} as const satisfies Record<keyof CostRecord, string>;

const FILTER_NAMES = {
  userId: 'user_id',
  userTier: 'user_tier',
  model: 'model',
  provider: 'provider',
  since: 'since',
  until: 'until',
  after: 'after',
  limit: 'limit',
  newest: 'newest',
} as const satisfies Record<keyof EntryFilter, string>;

/** Entries read at once. */
const PAGE = 1_000;

function policyOf(options: CostTrackerOptions): string {
  if (typeof options !== 'object' || options === null) {
    refuse(
      'options',
      `the options are no object: \`${typeof options}\``,
      'give `{userBudgets: …}`',
    );
  }
  const known = renamed('', options, Object.fromEntries(Object.keys(OPTIONS).map((n) => [n, n])));
  const policy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(known)) {
    const engine = OPTIONS[name as keyof CostTrackerOptions];
    if (engine === '' || value === null) continue;
    if (MAPS.has(name)) policy[engine] = engineBudgets(name, value);
    else if (SINGLE.has(name)) policy[engine] = engineBudget(name, value);
    else policy[engine] = value;
  }
  return encode(policy);
}

/** The file that a store's name means; null is memory. */
function pathOf(store: unknown): string | null {
  if (store === undefined || store === null) return null;
  if (typeof store !== 'string') {
    refuse('store', `\`store\` is no text: \`${typeof store}\``, 'give `sqlite:///path` or a path');
  }
  if (['', 'memory', ':memory:', 'memory://'].includes(store)) return null;
  if (store.startsWith('sqlite:///')) return store.slice('sqlite:///'.length);
  if (store.includes('://')) {
    refuse(
      'store',
      `no such store: \`${store.slice(0, store.indexOf('://'))}\``,
      'give `sqlite:///path`, a path, or leave it out for memory',
    );
  }
  return store;
}

function clockOf(clock: unknown): ManualClock | undefined {
  if (clock === undefined || clock === null) return undefined;
  if (clock instanceof ManualClock) return clock;
  return refuse('clock', `\`clock\` is no clock: \`${typeof clock}\``, 'give a `ManualClock`');
}

function listenerOf(options: CostTrackerOptions): ((text: string) => void) | null {
  const { onWarning: own, verbose } = options;
  if (own !== undefined && own !== null && typeof own !== 'function') {
    refuse('onWarning', `\`onWarning\` is not a function: \`${typeof own}\``, 'give a function');
  }
  if (!own && !verbose) return null;
  const failed = (error: unknown) => warnOf('the listener `onWarning` threw', error);
  return (text) => {
    // An empty text only marks a place in the queue.
    if (text === '') return;
    try {
      const warning = warningFromEngine(JSON.parse(text));
      if (verbose) console.warn(warning.message);
      const returned: unknown = own?.(warning);
      if (returned instanceof Promise) returned.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}

function openTracker(options: CostTrackerOptions): NativeCostTracker {
  const policy = policyOf(options);
  const path = pathOf(options.store);
  const clock = clockOf(options.clock);
  const chain = hostEnforcement('enforcementCallbacks', options.enforcementCallbacks);
  const listener = listenerOf(options);
  return published(
    () => new native.NativeCostTracker(policy, path, clock?.native ?? null, chain, listener),
  );
}

function numbers(amounts: Record<string, string>): Record<string, number> {
  return Object.fromEntries(Object.entries(amounts).map(([name, usd]) => [name, Number(usd)]));
}

function entriesFromText(text: string): CostEntry[] {
  const entries: any[] = JSON.parse(text);
  for (const entry of entries) entry.timestamp = new Date(entry.timestamp);
  return entries;
}

function periodCost(standing: BudgetStanding): PeriodCost {
  const { used, limit, remaining, reserved, usedPct, exceeded, resetsAt } = standing;
  return compact({
    ...(standing.measure === 'cost' ? { cost: used } : { used }),
    limit,
    remaining,
    reserved,
    usedPct,
    exceeded,
    resetsAt,
  });
}

/** A tracker that the addon has made; the constructor takes it instead of options. */
class Opened {
  constructor(readonly tracker: NativeCostTracker) {}
}

/** The addon's trackers, out of reach of users. */
const HANDLES = new WeakMap<object, NativeCostTracker>();

/** Time for the last writes of a tracker at the end of the process, in milliseconds. */
const AT_EXIT_MS = 2_000;

/** The trackers that are still there at the end of the process. */
const OPEN = new Set<WeakRef<NativeCostTracker>>();
const CLOSED = new FinalizationRegistry((tracker: WeakRef<NativeCostTracker>) => {
  OPEN.delete(tracker);
});

let announced = false;

/** Has the process end with everything of a tracker written, with `process.exit` too. */
function keepAtExit(tracker: NativeCostTracker): void {
  const weak = new WeakRef(tracker);
  OPEN.add(weak);
  CLOSED.register(tracker, weak);
  if (announced) return;
  announced = true;
  process.once('exit', () => {
    for (const open of OPEN) open.deref()?.flushAtExit(AT_EXIT_MS);
  });
}

/**
 * Keeps what was spent, and decides by its budgets whether more may be.
 *
 * Works by itself (book with `addCost`, ask with `canAfford`), or as the ledger of a `CascadeAgent`, which
 * sets aside what a run can cost at most before its first byte, so that a budget is never passed. With
 * several budgets the tightest decides. Methods that are not asynchronous wait for a store in a file.
 */
export class CostTracker {
  readonly #native: NativeCostTracker;
  readonly #policy: Record<string, any>;
  readonly enforcementCallbacks: EnforcementCallbacks | undefined;

  /** @throws ConfigurationError that names the option at fault and the remedy. */
  constructor(options: CostTrackerOptions = {}) {
    const given: unknown = options;
    const opened = given instanceof Opened;
    this.#native = opened ? given.tracker : openTracker(options);
    HANDLES.set(this, this.#native);
    keepAtExit(this.#native);
    this.#policy = asked(() => this.#native.policy());
    this.enforcementCallbacks = opened ? undefined : options.enforcementCallbacks;
  }

  /** USD that everything together may cost, ever; undefined without such a limit. */
  get budgetLimit(): number | undefined {
    const limit = this.#policy.budget_limit;
    return limit === undefined ? undefined : Number(limit);
  }

  get enforcementMode(): EnforcementMode {
    return this.#policy.enforcement_mode;
  }

  get warnThreshold(): number {
    return this.#policy.warn_threshold;
  }

  get degradeAt(): number {
    return this.#policy.degrade_at;
  }

  get blockAt(): number {
    return this.#policy.block_at;
  }

  /**
   * Books a cost. Refuses nothing, in any mode: it was spent.
   *
   * @throws ConfigurationError that names the field at fault.
   */
  addCost(record: CostRecord): void;
  addCost(
    model: string,
    provider: string,
    tokens: number,
    cost: number,
    rest?: Omit<CostRecord, 'model' | 'provider' | 'tokens' | 'cost'>,
  ): void;
  addCost(
    first: CostRecord | string,
    provider?: string,
    tokens?: number,
    cost?: number,
    rest: Partial<CostRecord> = {},
  ): void {
    const given =
      typeof first === 'string' ? { ...rest, model: first, provider, tokens, cost } : first;
    if (typeof given !== 'object' || given === null) {
      refuse(
        'model',
        `there is no cost to book: \`${typeof given}\``,
        'give `{model, provider, cost}`',
      );
    }
    const record = renamed('', given, RECORD_NAMES);
    if (record.timestamp !== undefined) record.timestamp = moment(record.timestamp);
    const text = encode(record);
    published(() => this.#native.addCost(text));
  }

  /**
   * Whether so many USD more, and one request more, fit every budget; `userId` may be a whole scope.
   * Nothing is set aside: of requests at once, only an agent's runs are sure to fit.
   *
   * @throws ConfigurationError when a callback has to be waited for; see `canAffordAsync`.
   */
  canAfford(
    userId: string | BudgetScope | null | undefined,
    estimatedCost: number,
    userTier?: string,
  ): Affordability {
    const found = this.#afford(userId, estimatedCost, userTier);
    if (typeof found === 'string') return affordabilityFromText(found);
    found.catch(() => undefined);
    return refuse(
      'enforcementCallbacks',
      'a callback is asynchronous, and `canAfford` does not wait',
      'use `await tracker.canAffordAsync(…)`',
    );
  }

  /** As `canAfford`, of asynchronous callbacks too. */
  async canAffordAsync(
    userId: string | BudgetScope | null | undefined,
    estimatedCost: number,
    userTier?: string,
  ): Promise<Affordability> {
    return affordabilityFromText(
      await awaited(() => this.#afford(userId, estimatedCost, userTier)),
    );
  }

  #afford(
    who: string | BudgetScope | null | undefined,
    estimatedCost: number,
    userTier: string | undefined,
  ): string | Promise<string> {
    if (typeof estimatedCost !== 'number') {
      refuse(
        'estimatedCost',
        `\`estimatedCost\` is no amount in USD: \`${typeof estimatedCost}\``,
        'give a number, zero or more',
      );
    }
    const named = typeof who === 'string' ? { userId: who } : (who ?? {});
    const scope = engineScope(userTier === undefined ? named : { ...named, userTier });
    return published(() => this.#native.canAfford(scope, estimatedCost));
  }

  /** USD altogether. */
  get totalCost(): number {
    return published(() => this.#native.totalCost());
  }

  /** USD by model. */
  get byModel(): Record<string, number> {
    return asked(() => this.#native.totalsBy('model'));
  }

  /** USD by provider. */
  get byProvider(): Record<string, number> {
    return asked(() => this.#native.totalsBy('provider'));
  }

  /** USD by user. */
  get byUser(): Record<string, number> {
    return asked(() => this.#native.totalsBy('user'));
  }

  /** The entries that are kept, oldest first. Memory keeps the newest, a file all. */
  get entries(): CostEntry[] {
    return [...this.iterEntries()];
  }

  /** The entries that are kept, by user. */
  get userEntries(): Map<string, CostEntry[]> {
    const found = new Map<string, CostEntry[]>();
    for (const entry of this.iterEntries()) {
      if (entry.userId === undefined) continue;
      const own = found.get(entry.userId);
      if (own === undefined) found.set(entry.userId, [entry]);
      else own.push(entry);
    }
    return found;
  }

  /** Whether the warning threshold of `budgetLimit` is passed. */
  get budgetWarned(): boolean {
    const used = this.getSummary().budgetUsedPct;
    return used !== undefined && used >= 100 * this.warnThreshold;
  }

  /** Whether more than `budgetLimit` is used. */
  get budgetExceeded(): boolean {
    return this.getSummary().budgetExceeded ?? false;
  }

  /** The entries that are kept and match, oldest first. */
  getEntries(filter: EntryFilter = {}): CostEntry[] {
    const given = renamed('filter', filter, FILTER_NAMES);
    if (given.since !== undefined) given.since = moment(given.since);
    if (given.until !== undefined) given.until = moment(given.until);
    const text = encode(given);
    return entriesFromText(published(() => this.#native.entries(text)));
  }

  /** The entries that are kept and match, oldest first, read `page` at a time. */
  *iterEntries(
    filter: Omit<EntryFilter, 'limit' | 'newest'> = {},
    page = PAGE,
  ): Generator<CostEntry, void, void> {
    let after = filter.after;
    while (true) {
      const entries = this.getEntries({ ...filter, after, limit: page });
      yield* entries;
      if (entries.length < page) return;
      after = entries.at(-1)?.id;
    }
  }

  /** The newest `count` entries, oldest first. */
  getRecentEntries(count = 10): CostEntry[] {
    return this.getEntries({ limit: count, newest: true });
  }

  /** The entries of a model, oldest first. */
  getEntriesByModel(model: string): CostEntry[] {
    return [...this.iterEntries({ model })];
  }

  /** The entries of a provider, oldest first. */
  getEntriesByProvider(provider: string): CostEntry[] {
    return [...this.iterEntries({ provider })];
  }

  /** What was spent, and how `budgetLimit` stands where there is one. */
  getSummary(): CostSummary {
    const found = asked(() => this.#native.summary());
    return {
      totalCost: Number(found.total_cost),
      totalEntries: found.total_entries,
      totalTokens: found.total_tokens,
      byModel: numbers(found.by_model),
      byProvider: numbers(found.by_provider),
      byUser: numbers(found.by_user),
      enforcementMode: found.enforcement_mode,
      budgets: found.budgets.map(standingFromEngine),
      ...(found.budget_limit === null
        ? {}
        : {
            budgetLimit: Number(found.budget_limit),
            budgetRemaining: Number(found.budget_remaining),
            budgetUsedPct: found.budget_used_pct,
            budgetExceeded: found.budget_exceeded,
          }),
    };
  }

  /** What a user spent, and how their budgets stand; zeros for one who is not known. */
  getUserSummary(userId: string, userTier?: string): UserCostSummary {
    const found = asked(() => this.#native.userSummary(userId, userTier ?? null));
    const budgets: BudgetStanding[] = found.budgets.map(standingFromEngine);
    const named = (wanted: boolean) =>
      Object.fromEntries(
        budgets
          .filter((standing) => (standing.measure === 'cost') === wanted)
          .map((standing) => [standing.name, periodCost(standing)]),
      );
    return {
      userId,
      totalCost: Number(found.total_cost),
      totalEntries: found.total_entries,
      entries: found.total_entries,
      totalTokens: found.total_tokens,
      ...(found.user_tier === null ? {} : { userTier: found.user_tier }),
      budget: found.budget === null ? null : budgetFromEngine(found.budget),
      periodCosts: named(true),
      limits: named(false),
      budgets,
      budgetExceeded: found.budget_exceeded,
    };
  }

  /** How every limit that a request of `scope` draws on stands. */
  getStandings(scope: BudgetScope = {}): BudgetStanding[] {
    const text = engineScope(scope);
    return asked(() => this.#native.standings(text)).map(standingFromEngine);
  }

  /** Ids of the users with entries, sorted. */
  getAllUsers(): string[] {
    return published(() => this.#native.users(null));
  }

  /** Ids of the users whose last cost was booked under a tier, sorted. */
  getUsersByTier(tier: string): string[] {
    return published(() => this.#native.users(tier));
  }

  /** Forgets what was spent. Runs under way keep what they have set aside. */
  reset(): void {
    published(() => this.#native.reset());
  }

  /** Waits until everything booked so far is on disk, and every warning of it heard. */
  async flush(): Promise<void> {
    await awaited(() => this.#native.flush());
  }

  /**
   * Writes the entries that are kept, with their sums, as JSON. Gives their number.
   *
   * @throws ConfigurationError when the file cannot be written.
   */
  async exportJson(path: string): Promise<number> {
    return awaited(() => this.#native.export(path, 'json'));
  }

  /**
   * Writes the entries that are kept as CSV; texts that a spreadsheet would run are quoted. Gives their
   * number.
   *
   * @throws ConfigurationError when the file cannot be written.
   */
  async exportCsv(path: string): Promise<number> {
    return awaited(() => this.#native.export(path, 'csv'));
  }

  /**
   * Writes the entries that are kept into the table `cost_entries` of a SQLite file, in the place of one
   * that is there. Gives their number.
   *
   * @throws ConfigurationError when the file cannot be written.
   */
  async exportSqlite(path: string): Promise<number> {
    return awaited(() => this.#native.export(path, 'sqlite'));
  }

  /** The same as `exportJson`. */
  exportToJson(path: string): Promise<number> {
    return this.exportJson(path);
  }

  /** The same as `exportCsv`. */
  exportToCsv(path: string): Promise<number> {
    return this.exportCsv(path);
  }

  /** The same as `exportSqlite`. */
  exportToSqlite(path: string): Promise<number> {
    return this.exportSqlite(path);
  }

  /**
   * Books the entries of a file that was exported, and gives their number. They count in the sums, on no
   * budget.
   *
   * @throws ConfigurationError when the file cannot be read or understood; nothing is booked then.
   */
  async importEntries(path: string): Promise<number> {
    return awaited(() => this.#native.importEntries(path));
  }

  /**
   * What was spent on each day until now, as the engine takes it for forecasts; the last day is `running`
   * or counts as complete.
   *
   * @internal
   */
  dailySeries(userId: string | undefined, running: boolean): Record<string, any> {
    const now = running ? Date.now() / 1000 : null;
    return asked(() => this.#native.dailySeries(userId ?? null, utcOffset(), now));
  }
}

/** The tracker around one that the addon has made; undefined without one. */
export function trackerOf(tracker: NativeCostTracker | null): CostTracker | undefined {
  if (tracker === null) return undefined;
  return new CostTracker(new Opened(tracker) as unknown as CostTrackerOptions);
}

/**
 * The addon's tracker behind `given`, an option of an agent; null without one.
 *
 * @throws ConfigurationError about `costTracker` when it is none.
 */
export function hostTracker(given: unknown): NativeCostTracker | null {
  if (given === undefined || given === null) return null;
  const handle = typeof given === 'object' ? HANDLES.get(given) : undefined;
  if (handle !== undefined) return handle;
  return refuse(
    'costTracker',
    `\`costTracker\` is no tracker: \`${typeof given}\``,
    'give a `CostTracker`',
  );
}
