/** Limits of spending, and how they stand. */
import { encode } from '../codec.js';
import type { BudgetWindow, LimitMeasure, LimitOwner } from '../errors.js';
import { native } from '../native.js';
import { dateOf, published, refuse, renamed } from './asked.js';

/**
 * Limits of one owner of budgets: money in USD, over the calendar's hour, day, week and month, and
 * altogether; requests and tokens over minute, hour and day. What is left out is not limited; a limit
 * of zero leaves only what is free.
 */
export interface BudgetConfig {
  hourly?: number;
  daily?: number;
  weekly?: number;
  monthly?: number;
  total?: number;
  /** Other names of `hourly`, `daily`, `weekly`, `monthly` and `total`. */
  hourlyBudget?: number;
  dailyBudget?: number;
  weeklyBudget?: number;
  monthlyBudget?: number;
  totalBudget?: number;
  requestsPerMinute?: number;
  requestsPerHour?: number;
  requestsPerDay?: number;
  tokensPerMinute?: number;
  tokensPerHour?: number;
  tokensPerDay?: number;
  /** Tier of the person these limits are for, where a request names none. */
  tier?: string;
}

/** Budgets by id. */
export type Budgets = Record<string, BudgetConfig>;

/** Whose budgets are meant. */
export interface BudgetScope {
  userId?: string;
  userTier?: string;
  sessionId?: string;
  keyId?: string;
  tenantId?: string;
}

/** How one limit stands; amounts are in USD, requests or tokens, as `measure` says. */
export interface BudgetStanding {
  /** The limit's name in a `BudgetConfig`, such as `daily` or `requestsPerHour`. */
  name: string;
  ownerKind: LimitOwner;
  /** Empty for everything together. */
  ownerId: string;
  window: BudgetWindow;
  measure: LimitMeasure;
  limit: number;
  used: number;
  /** Set aside for runs under way. */
  reserved: number;
  /** Left for new runs, zero at least. */
  remaining: number;
  /** The part used, in percent. */
  usedPct: number;
  /** Whether more than the limit is used. */
  exceeded: boolean;
  /** When the window ends; absent for a lifetime. */
  resetsAt?: Date;
}

/** How the budget stands that decides; amounts are in the unit of `measure`. */
export interface BudgetStatus {
  ownerKind: LimitOwner;
  ownerId: string;
  window: BudgetWindow;
  measure: LimitMeasure;
  limit: number;
  used: number;
  reserved: number;
  /** Requests counted in the window. */
  requests: number;
  resetsAt?: Date;
}

/** A threshold of a budget that was passed for the first time in its window. */
export interface BudgetWarning {
  level: 'warn' | 'degrade' | 'used_up';
  /** The threshold as a share of the limit. */
  threshold: number;
  status: BudgetStatus;
  /** The user's tier; absent when the cost named none. */
  tier?: string;
  message: string;
}

/** What would be done with a request. */
export type BudgetAction = 'allow' | 'warn' | 'degrade' | 'block';

const BUDGET_NAMES = {
  hourly: 'hourly',
  daily: 'daily',
  weekly: 'weekly',
  monthly: 'monthly',
  total: 'total',
  hourlyBudget: 'hourly_budget',
  dailyBudget: 'daily_budget',
  weeklyBudget: 'weekly_budget',
  monthlyBudget: 'monthly_budget',
  totalBudget: 'total_budget',
  requestsPerMinute: 'requests_per_minute',
  requestsPerHour: 'requests_per_hour',
  requestsPerDay: 'requests_per_day',
  tokensPerMinute: 'tokens_per_minute',
  tokensPerHour: 'tokens_per_hour',
  tokensPerDay: 'tokens_per_day',
  tier: 'tier',
} as const satisfies Record<keyof BudgetConfig, string>;

const OWN_NAMES: Record<string, string> = Object.fromEntries(
  Object.entries(BUDGET_NAMES).map(([name, engine]) => [engine, name]),
);

const SCOPE_NAMES = {
  userId: 'user_id',
  userTier: 'user_tier',
  sessionId: 'session_id',
  keyId: 'key_id',
  tenantId: 'tenant_id',
} as const satisfies Record<keyof BudgetScope, string>;

function isObject(value: unknown): value is Record<string, any> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The engine's form of the limits of one owner, at the option `field`. */
export function engineBudget(field: string, budget: unknown): Record<string, any> {
  if (!isObject(budget)) {
    refuse(
      field,
      `\`${field}\` is no budget: \`${typeof budget}\``,
      'give `{daily: 1}` or the like',
    );
  }
  return renamed(field, budget, BUDGET_NAMES);
}

/** The engine's form of budgets by id, at the option `field`. */
export function engineBudgets(field: string, budgets: unknown): Record<string, any> {
  if (!isObject(budgets)) {
    refuse(field, `\`${field}\` is no object: \`${typeof budgets}\``, 'give budgets by id');
  }
  return Object.fromEntries(
    Object.entries(budgets).map(([owner, budget]) => [
      owner,
      engineBudget(`${field}.${owner}`, budget),
    ]),
  );
}

/** Limits of the engine's form. */
export function budgetFromEngine(record: Record<string, any>): BudgetConfig {
  const entries = Object.entries(record).map(([name, value]) => {
    const own = OWN_NAMES[name] ?? name;
    return [own, own === 'tier' ? value : Number(value)];
  });
  return Object.fromEntries(entries);
}

/**
 * Checks the limits of one owner.
 *
 * @throws ConfigurationError that names the limit at fault.
 */
export function checkBudget(budget: BudgetConfig): void {
  const text = encode(engineBudget('budget', budget));
  published(() => native.checkBudget(text));
}

/** Whether anything is limited. */
export function hasAnyLimit(budget: BudgetConfig): boolean {
  return Object.entries(budget).some(([name, limit]) => name !== 'tier' && limit !== undefined);
}

/** The engine's form of whose budgets are meant. */
export function engineScope(scope: BudgetScope): string {
  return encode(renamed('scope', scope, SCOPE_NAMES));
}

/** A standing of the engine's form. */
export function standingFromEngine(record: Record<string, any>): BudgetStanding {
  const resetsAt = dateOf(record.resets_at);
  return {
    name: OWN_NAMES[record.name] ?? record.name,
    ownerKind: record.owner_kind,
    ownerId: record.owner_id,
    window: record.window,
    measure: record.measure,
    limit: Number(record.limit),
    used: Number(record.used),
    reserved: Number(record.reserved),
    remaining: Number(record.remaining),
    usedPct: record.used_pct,
    exceeded: record.exceeded,
    ...(resetsAt === undefined ? {} : { resetsAt }),
  };
}

/** A status of the engine's form. */
export function statusFromEngine(record: Record<string, any>): BudgetStatus {
  const at = record.resets_at;
  return {
    ownerKind: record.owner.kind,
    ownerId: record.owner.id,
    window: record.window,
    measure: record.measure,
    limit: Number(record.limit),
    used: Number(record.used),
    reserved: Number(record.reserved),
    requests: record.requests,
    ...(at === null ? {} : { resetsAt: new Date(at.secs * 1000 + at.nanos / 1e6) }),
  };
}

/** A warning of the engine's form. */
export function warningFromEngine(record: Record<string, any>): BudgetWarning {
  return {
    level: record.level,
    threshold: record.threshold,
    status: statusFromEngine(record.status),
    ...(record.tier === null ? {} : { tier: record.tier }),
    message: record.message,
  };
}

/**
 * Whether an amount may be spent. Like every object it is true in a condition, whatever it says: look
 * at `allowed`, or take it apart as `[allowed, action, message]`.
 */
export class Affordability {
  constructor(
    /** Whether it fits every budget. */
    readonly allowed: boolean,
    /** What would be done. */
    readonly action: BudgetAction,
    /** Why; null when nothing stands in the way. */
    readonly message: string | null,
    /** The budget that decides; null when none is near its end. */
    readonly status: BudgetStatus | null,
  ) {}

  *[Symbol.iterator](): Generator<boolean | BudgetAction | string | null, void, void> {
    yield this.allowed;
    yield this.action;
    yield this.message;
  }
}

/** An affordability in the addon's text. */
export function affordabilityFromText(text: string): Affordability {
  const { allowed, action, message, status } = JSON.parse(text);
  const read = status === null ? null : statusFromEngine(status);
  return new Affordability(allowed, action, message, read);
}
