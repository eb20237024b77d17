/** Circuit breakers: whether what is called has failed so often that calling it again is no use. */

import type { ManualClock } from './clock.js';
import { compact, encode } from './codec.js';
import { ConfigurationError, toPublished } from './errors.js';
import { type NativeCircuitBreaker, native } from './native.js';

/** Whether calls are let through. */
export enum CircuitState {
  /** All are. */
  CLOSED = 'closed',
  /** None is. */
  OPEN = 'open',
  /** Probes are. */
  HALF_OPEN = 'half_open',
}

/** When a breaker opens and how it closes again. */
export interface CircuitBreakerConfig {
  /** Failures within `failureWindowMs` that open it; 1 or more, 5 by default. */
  failureThreshold?: number;
  /** Milliseconds until a probe is let through; 30,000 by default, 0 lets one through at once. */
  recoveryTimeoutMs?: number;
  /** Probes at a time while it is half open; 1 or more, 1 by default. */
  halfOpenMaxCalls?: number;
  /** Successful probes that close it; 1 or more, 1 by default. */
  successThreshold?: number;
  /** How long a failure counts, in milliseconds; 60,000 by default. */
  failureWindowMs?: number;
}

/** One change of a breaker's state; `at` is in milliseconds since the Unix epoch. */
export interface CircuitStateChange {
  from: CircuitState;
  to: CircuitState;
  at: number;
}

/**
 * What a breaker has seen since it was made or reset; moments are in milliseconds since the Unix
 * epoch.
 */
export interface CircuitMetrics {
  /** Calls that ended, well or not. */
  totalCalls: number;
  successfulCalls: number;
  failedCalls: number;
  /** Calls that were not let through. */
  rejectedCalls: number;
  /** The latest changes of state, oldest first. */
  stateChanges: CircuitStateChange[];
  /** Absent when no call has failed. */
  lastFailureTime?: number;
  /** Absent when no call has succeeded. */
  lastSuccessTime?: number;
}

/** What can be seen of one breaker of the process. */
export interface CircuitStatus {
  name: string;
  state: CircuitState;
  /** Milliseconds until a probe is let through; absent unless it is open. */
  timeUntilRetryMs?: number;
  metrics: CircuitMetrics;
}

/** Hears of a change of a breaker's state. */
export type CircuitStateListener = (from: CircuitState, to: CircuitState, name: string) => void;

/** How a call is guarded. */
export interface GuardOptions {
  /** Which errors count as failures; all but an `AbortError` by default. */
  isFailure?: (error: unknown) => boolean;
}

function engineConfig(config: CircuitBreakerConfig): string {
  const { failureThreshold, recoveryTimeoutMs, halfOpenMaxCalls, successThreshold, ...others } =
    config;
  const { failureWindowMs, ...unknown } = others;
  for (const name of Object.keys(unknown)) {
    const hint =
      'use failureThreshold, recoveryTimeoutMs, halfOpenMaxCalls, successThreshold or failureWindowMs';
    const error = new ConfigurationError(
      `unknown option of a circuit breaker: \`${name}\` (hint: ${hint})`,
      name,
    );
    error.hint = hint;
    throw error;
  }
  // Refuses what JSON would quietly change, by the names that the caller knows.
  encode(config);
  return encode(
    compact({
      failure_threshold: failureThreshold,
      recovery_timeout_ms: recoveryTimeoutMs,
      half_open_max_calls: halfOpenMaxCalls,
      success_threshold: successThreshold,
      failure_window_ms: failureWindowMs,
    }),
  );
}

function published<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toPublished(error);
  }
}

/** A handle that exists already; the constructor takes it instead of a name. */
class Made {
  constructor(readonly breaker: NativeCircuitBreaker) {}
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** What the addon calls for `listener`, which must not fail. */
function hosted(listener: CircuitStateListener): (name: string, from: string, to: string) => void {
  if (typeof listener !== 'function') {
    throw new ConfigurationError(
      `a listener is not a function: \`${typeof listener}\` (hint: give a function of two states)`,
      'listener',
    );
  }
  return (name, from, to) => {
    try {
      listener(from as CircuitState, to as CircuitState, name);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      process.emitWarning(`a listener of circuit breaker \`${name}\` threw: ${message}`, {
        type: 'CascadeflowWarning',
      });
    }
  };
}

/**
 * Lets calls through until too many fail, then none for a while, then a probe.
 *
 * One made with `new` is its own; those of the process, which the built-in providers use (one for
 * each provider, model and key), come from `getCircuitBreaker` and `CircuitBreakerRegistry`.
 *
 * @example
 * ```ts
 * const breaker = new CircuitBreaker('search', { failureThreshold: 3 });
 * const found = await breaker.execute(() => search('rivers'));
 * ```
 */
export class CircuitBreaker {
  readonly #breaker: NativeCircuitBreaker;

  /** @throws ConfigurationError that names the option out of range. */
  constructor(
    name = 'default',
    config: CircuitBreakerConfig = {},
    options: { clock?: ManualClock } = {},
  ) {
    const given: unknown = name;
    this.#breaker =
      given instanceof Made
        ? given.breaker
        : published(
            () =>
              new native.NativeCircuitBreaker(
                name,
                engineConfig(config),
                options.clock?.native ?? null,
              ),
          );
  }

  /** Its name. */
  get name(): string {
    return this.#breaker.name();
  }

  /** Its configuration, with every default filled in. */
  get config(): Required<CircuitBreakerConfig> {
    return JSON.parse(this.#breaker.config());
  }

  /** Its state now; an open one becomes half open when its time has come. */
  get state(): CircuitState {
    return this.#breaker.state() as CircuitState;
  }

  get isClosed(): boolean {
    return this.state === CircuitState.CLOSED;
  }

  get isOpen(): boolean {
    return this.state === CircuitState.OPEN;
  }

  get isHalfOpen(): boolean {
    return this.state === CircuitState.HALF_OPEN;
  }

  /** Milliseconds until a probe is let through; undefined unless it is open. */
  get timeUntilRetryMs(): number | undefined {
    return this.#breaker.timeUntilRetry() ?? undefined;
  }

  /** Failures that count now. */
  get failureCount(): number {
    return this.#breaker.failureCount();
  }

  /**
   * Whether a call may go out. Takes a probe's place while half open, so that its outcome must be
   * recorded; `execute` sees to that by itself.
   */
  canExecute(): boolean {
    return this.#breaker.canExecute();
  }

  /** Counts a call that succeeded. */
  recordSuccess(): void {
    this.#breaker.recordSuccess();
  }

  /** Counts a call that failed. */
  recordFailure(): void {
    this.#breaker.recordFailure();
  }

  /** Counts a call that was not let through. */
  recordRejection(): void {
    this.#breaker.recordRejection();
  }

  /** Opens it, whatever was seen. */
  forceOpen(): void {
    this.#breaker.forceOpen();
  }

  /** Closes it, whatever was seen. */
  forceClose(): void {
    this.#breaker.forceClose();
  }

  /** Closes it and forgets what was seen. */
  reset(): void {
    this.#breaker.reset();
  }

  /** What it has seen. */
  getMetrics(): CircuitMetrics {
    return JSON.parse(this.#breaker.metrics());
  }

  /**
   * Calls `listener` after each change of state: at once when a call of the breaker makes it, on a
   * later turn of the event loop when a provider does. What it throws becomes a warning of the
   * process.
   */
  onStateChange(listener: CircuitStateListener): void {
    this.#breaker.onStateChange(hosted(listener));
  }

  /**
   * Calls `work` where the breaker lets it through, and records how it ended.
   *
   * @throws CircuitOpenError when it does not let it through; otherwise what `work` throws.
   */
  async execute<T>(work: () => T | PromiseLike<T>, options: GuardOptions = {}): Promise<T> {
    const permit = published(() => this.#breaker.acquire());
    const isFailure = options.isFailure ?? ((error) => !isAbort(error));
    try {
      const value = await work();
      permit.succeed();
      return value;
    } catch (error) {
      if (isFailure(error)) permit.fail();
      throw error;
    } finally {
      permit.release();
    }
  }

  toJSON(): CircuitStatus {
    return compact({
      name: this.name,
      state: this.state,
      timeUntilRetryMs: this.timeUntilRetryMs,
      metrics: this.getMetrics(),
    });
  }
}

function wrap(breaker: NativeCircuitBreaker): CircuitBreaker {
  return new CircuitBreaker(new Made(breaker) as unknown as string);
}

/**
 * The breakers of the process, by name. Every instance shows the same ones: those that the built-in
 * providers use, and those made here.
 */
export class CircuitBreakerRegistry implements Iterable<string> {
  /** The breaker of this name, made when there is none; without `config` by the default. */
  getOrCreate(name: string, config?: CircuitBreakerConfig): CircuitBreaker {
    return getCircuitBreaker(name, config);
  }

  /** The breaker of this name; undefined when there is none. */
  get(name: string): CircuitBreaker | undefined {
    const found = native.findCircuitBreaker(name);
    return found === null ? undefined : wrap(found);
  }

  /**
   * Sets the configuration of breakers made from now on without one of their own, those of providers
   * made from now on among them; what it leaves out stays as it is.
   */
  setDefaultConfig(config: CircuitBreakerConfig): void {
    published(() => native.setDefaultCircuitConfig(engineConfig(config)));
  }

  /** What can be seen of every breaker, by name. */
  getHealthStatus(): Record<string, CircuitStatus> {
    return Object.fromEntries(this.#list().map((status) => [status.name, status]));
  }

  /** Names of the breakers that are not open. */
  getAvailableProviders(): string[] {
    return native.availableCircuits();
  }

  /** Closes all breakers and forgets what they have seen. */
  resetAll(): void {
    native.resetCircuitBreakers();
  }

  /** As `CircuitBreaker.onStateChange`, for all breakers of the process, also later ones. */
  onStateChange(listener: CircuitStateListener): void {
    native.onCircuitChange(hosted(listener));
  }

  /** Number of breakers. */
  get size(): number {
    return this.#list().length;
  }

  /** Names in alphabetical order. */
  [Symbol.iterator](): Iterator<string> {
    return this.#list()
      .map((status) => status.name)
      .values();
  }

  #list(): CircuitStatus[] {
    return JSON.parse(native.circuitBreakers());
  }
}

/**
 * The breaker `name` of the process, made when there is none.
 *
 * @throws ConfigurationError that names the option out of range.
 */
export function getCircuitBreaker(name: string, config?: CircuitBreakerConfig): CircuitBreaker {
  return wrap(
    published(() =>
      native.circuitBreaker(name, config === undefined ? null : engineConfig(config)),
    ),
  );
}
