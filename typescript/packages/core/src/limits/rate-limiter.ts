/** Limits of requests, tokens and money within sliding times. */
import { ManualClock } from '../clock.js';
import { encode } from '../codec.js';
import type { BudgetWindow, ErrorKind } from '../errors.js';
import { type NativeRateLimiter, native } from '../native.js';
import { limitsOf, type UserProfile } from '../profiles/user-profile.js';
import { asked, published, refuse, renamed } from '../telemetry/asked.js';

/** Which limit refused. */
export type RateLimitType = 'hourly' | 'daily' | 'budget';

/** A person asked too often or for too much. */
export class RateLimitErrorV2 extends Error {
  /** Seconds; undefined where waiting does not help. */
  retryAfterSeconds?: number | undefined;
  limitType?: RateLimitType | undefined;
  declare kind: ErrorKind;
  /** The same as `retryAfterSeconds`. */
  declare retryAfter?: number;
  /** In requests, tokens or USD, as `measure` says. */
  declare limit?: number;
  declare used?: number;
  declare measure?: 'requests' | 'tokens' | 'cost' | 'burst';
  declare window?: BudgetWindow;
  /** When the request may be made, if nothing else is used meanwhile. */
  declare resetAt?: Date;

  constructor(
    message: string,
    retryAfterSeconds?: number | undefined,
    limitType?: RateLimitType | undefined,
  ) {
    super(message);
    this.name = new.target.name;
    this.retryAfterSeconds = retryAfterSeconds;
    this.limitType = limitType;
    this.kind = limitType === 'budget' ? 'budget' : 'rate_limit';
    if (retryAfterSeconds !== undefined) this.retryAfter = retryAfterSeconds;
  }
}

/**
 * What one person asked for: the times of requests in milliseconds since the Unix epoch, and USD. A record
 * for callers that keep their own; `RateLimiter` counts in a bounded form.
 */
export interface RateLimitState {
  userId: string;
  hourlyRequests: number[];
  dailyRequests: number[];
  dailyCost: number;
  lastReset: Date;
}

export interface RateLimiterOptions {
  /** Milliseconds between clean-ups of people who ask for nothing any more; an hour by default. */
  cleanupIntervalMs?: number;
  /** Most people remembered, those unused for longest being forgotten first; 100,000 by default. */
  maxUsers?: number;
  /** The system's by default. */
  clock?: ManualClock;
}

/** What of one limit is used. */
export interface RateLimitUsage {
  used: number;
  /** Absent without a limit. */
  limit?: number;
}

const OPTIONS: Record<keyof RateLimiterOptions, string> = {
  cleanupIntervalMs: 'cleanupIntervalMs',
  maxUsers: 'maxUsers',
  clock: 'clock',
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MOST = 100_000;
const NO_LIMITS = '{}';

/**
 * Holds people to the limits of their profiles, in the memory of this process. Windows slide: a request
 * counts for an hour and for a day from the moment it was made.
 */
export class RateLimiter {
  readonly #native: NativeRateLimiter;
  readonly #clock: ManualClock | undefined;
  readonly #timer: NodeJS.Timeout;

  /** @throws ConfigurationError that names the option at fault. */
  constructor(options: RateLimiterOptions = {}) {
    renamed('', options, OPTIONS);
    const { maxUsers = MOST, cleanupIntervalMs = HOUR_MS, clock } = options;
    if (!Number.isInteger(maxUsers) || maxUsers < 1) {
      refuse('maxUsers', `not a number of people: \`${maxUsers}\``, 'give a whole number above 0');
    }
    if (!(cleanupIntervalMs > 0)) {
      refuse('cleanupIntervalMs', `no time: \`${cleanupIntervalMs}\``, 'give milliseconds above 0');
    }
    if (clock !== undefined && !(clock instanceof ManualClock)) {
      refuse('clock', `\`clock\` is no clock: \`${typeof clock}\``, 'give a `ManualClock`');
    }
    this.#clock = clock;
    this.#native = published(() => new native.NativeRateLimiter(maxUsers, clock?.native ?? null));
    this.#timer = setInterval(() => this.cleanup(), Math.min(cleanupIntervalMs, 2 ** 31 - 1));
    // It must not keep the process alive.
    this.#timer.unref();
  }

  /**
   * Whether a request of `estimatedCost` USD may be made. Counts nothing: of requests at once, more may
   * pass than the limits allow; see `acquire`.
   *
   * @throws RateLimitErrorV2 when a limit refuses it.
   */
  async checkRateLimit(profile: UserProfile, estimatedCost = 0, tokens = 0): Promise<void> {
    this.#ask(profile, estimatedCost, tokens, false);
  }

  /**
   * Counts a request when it may be made, in one step, so that of many at once no more pass than the limits
   * allow.
   *
   * @throws RateLimitErrorV2 when a limit refuses it.
   */
  async acquire(profile: UserProfile, cost = 0, tokens = 0): Promise<void> {
    this.#ask(profile, cost, tokens, true);
  }

  #ask(profile: UserProfile, cost: number, tokens: number, acquire: boolean): void {
    const limits = encode(limitsOf(profile));
    const text = published(() => this.#native.check(profile.userId, limits, cost, tokens, acquire));
    if (text !== null) throw this.#refusal(JSON.parse(text));
  }

  #refusal(found: Record<string, any>): RateLimitErrorV2 {
    const wait: number | null = found.retry_after_ms;
    const type = found.measure === 'cost' ? 'budget' : found.window === 'day' ? 'daily' : 'hourly';
    const error = new RateLimitErrorV2(
      found.message,
      wait === null ? undefined : wait / 1000,
      type,
    );
    error.limit = Number(found.limit);
    error.used = Number(found.used);
    error.measure = found.measure;
    error.window = found.window;
    const now = this.#clock?.now() ?? Date.now();
    if (wait !== null) error.resetAt = new Date(now + wait);
    return error;
  }

  /** Counts a request, whether or not it may be made; tokens only where `profile` limits them. */
  async recordRequest(
    userId: string,
    cost = 0,
    options: { tokens?: number; profile?: UserProfile } = {},
  ): Promise<void> {
    const limits = options.profile === undefined ? NO_LIMITS : encode(limitsOf(options.profile));
    published(() => this.#native.record(userId, limits, cost, options.tokens ?? 0));
  }

  /** What a person used within the last hour and day, beside the limits of `profile`. */
  getUsageStats(
    userId: string,
    profile: UserProfile,
  ): { hourly: RateLimitUsage; daily: RateLimitUsage; cost: RateLimitUsage } {
    const used = asked(() => this.#native.usage(userId));
    const limits = limitsOf(profile);
    const stat = (count: number, limit: unknown): RateLimitUsage =>
      limit === null ? { used: count } : { used: count, limit: Number(limit) };
    return {
      hourly: stat(used.requests_last_hour, limits.requests_per_hour),
      daily: stat(used.requests_last_day, limits.requests_per_day),
      cost: stat(Number(used.daily_cost), limits.daily_budget),
    };
  }

  /** Forgets what a person used. */
  resetUser(userId: string): void {
    this.#native.reset(userId);
  }

  /** Forgets everybody. */
  clearAll(): void {
    this.#native.clear();
  }

  /** Forgets the people who asked for nothing for so long; how many they were. */
  cleanup(maxAgeMs = DAY_MS): number {
    return published(() => this.#native.forgetIdle(maxAgeMs));
  }

  /** Ends the clean-ups and forgets everybody. */
  destroy(): void {
    clearInterval(this.#timer);
    this.clearAll();
  }
}
