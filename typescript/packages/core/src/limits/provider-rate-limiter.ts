/** What a provider allows all calls of it together. */
import type { ManualClock } from '../clock.js';
import { encode } from '../codec.js';
import { type NativeCallGate, native } from '../native.js';
import { asked, published, renamed } from '../telemetry/asked.js';

/** What is left out is not limited. */
export interface ProviderRateLimitPolicy {
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  /** Calls under way at once. */
  concurrency?: number;
}

/** Whether a call may begin. */
export interface RateLimitDecision {
  allowed: boolean;
  /** Why not; absent when it may. */
  reason?: string;
  /**
   * Milliseconds until it may; absent when it may now, when it has to wait for another call's end, and when it
   * never may.
   */
  retryAfterMs?: number;
}

const NAMES = {
  requestsPerMinute: 'requests_per_minute',
  tokensPerMinute: 'tokens_per_minute',
  concurrency: 'concurrency',
} as const satisfies Record<keyof ProviderRateLimitPolicy, string>;

/** Lets calls of one provider begin as its limits allow, within sliding minutes. */
export class ProviderRateLimiter {
  readonly #gate: NativeCallGate;

  /** @throws ConfigurationError that names the limit at fault. */
  constructor(policy: ProviderRateLimitPolicy, options: { clock?: ManualClock } = {}) {
    const limits = encode(renamed('', policy, NAMES));
    const clock = options.clock?.native ?? null;
    this.#gate = published(() => new native.NativeCallGate(limits, clock));
  }

  /** Whether a call of so many tokens may begin. Counts nothing. */
  check(tokens = 0): RateLimitDecision {
    return this.#ask(tokens, false);
  }

  /** Counts a call when it may begin, in one step; call `endRequest` when it is over. */
  startRequest(tokens = 0): RateLimitDecision {
    return this.#ask(tokens, true);
  }

  /** Tells that a call that began is over. */
  endRequest(): void {
    this.#gate.end();
  }

  #ask(tokens: number, start: boolean): RateLimitDecision {
    const { allowed, reason, retry_after_ms: wait } = asked(() => this.#gate.check(tokens, start));
    return {
      allowed,
      ...(reason === null ? {} : { reason }),
      ...(wait === null ? {} : { retryAfterMs: wait }),
    };
  }
}
