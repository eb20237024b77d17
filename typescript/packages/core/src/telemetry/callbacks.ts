/** Listeners to what happens in runs, by name of the event. */
import { type NativeCallbackManager, native } from '../native.js';
import { published, refuse, warnOf } from './asked.js';

/** Something that happens in a run. */
export enum CallbackEvent {
  QUERY_START = 'query_start',
  COMPLEXITY_DETECTED = 'complexity_detected',
  MODELS_SCORED = 'models_scored',
  STRATEGY_SELECTED = 'strategy_selected',
  MODEL_CALL_START = 'model_call_start',
  MODEL_CALL_COMPLETE = 'model_call_complete',
  MODEL_CALL_ERROR = 'model_call_error',
  CASCADE_DECISION = 'cascade_decision',
  CACHE_HIT = 'cache_hit',
  CACHE_MISS = 'cache_miss',
  QUERY_COMPLETE = 'query_complete',
  QUERY_ERROR = 'query_error',
}

/** What a listener is told. */
export interface CallbackData {
  event: CallbackEvent;
  /** The query that it is about; empty when it is not known. */
  query: string;
  userTier?: string;
  workflow?: string;
  data: Record<string, any>;
  /** Milliseconds since the Unix epoch. */
  timestamp: number;
}

/** Hears of an event, and may be asynchronous. */
export type CallbackFunction = (data: CallbackData) => void | Promise<void>;

/** How often events came. */
export interface CallbackStats {
  totalTriggers: number;
  byEvent: Record<CallbackEvent, number>;
  /** Listeners that threw or rejected. */
  callbackErrors: number;
  /** Events that have listeners. */
  registeredEvents: string[];
}

const EVENTS = Object.values(CallbackEvent);
const RULE = '='.repeat(60);

function zeros(): Record<CallbackEvent, number> {
  return Object.fromEntries(EVENTS.map((event) => [event, 0])) as Record<CallbackEvent, number>;
}

/** The addon's managers, out of reach of users. */
const HANDLES = new WeakMap<object, NativeCallbackManager>();

/**
 * Listeners by event: give it to an agent as `callbacks`, or tell of events with `trigger`. Listeners of an
 * event hear it in the order they were registered; a run's promise settles after they have. An
 * asynchronous listener is not waited for by runs. What one throws becomes a warning of the process, is
 * counted, and changes nothing. Listeners do not keep the process alive.
 */
export class CallbackManager {
  readonly #native: NativeCallbackManager;
  readonly #listeners = new Map<CallbackEvent, CallbackFunction[]>();
  readonly #verbose: boolean;
  /** Events that were told by `trigger`; those of runs are counted by the addon. */
  #triggered = zeros();
  #errors = 0;

  constructor(verbose = false) {
    this.#verbose = verbose;
    this.#native = published(
      () =>
        new native.NativeCallbackManager((text) => {
          // An empty text only marks a place in the queue.
          if (text === '') return;
          const { user_tier: userTier, timestamp, ...told } = JSON.parse(text);
          const data = { ...told, userTier: userTier ?? undefined, timestamp: timestamp * 1000 };
          data.workflow ??= undefined;
          void this.#tell(data);
        }),
    );
    HANDLES.set(this, this.#native);
  }

  /**
   * Has `callback` hear of `event`; one that is registered twice hears it twice.
   *
   * @throws ConfigurationError when there is no such event, or `callback` is no function.
   */
  register(event: CallbackEvent | `${CallbackEvent}`, callback: CallbackFunction): void {
    if (typeof callback !== 'function') {
      refuse('callback', `not a function: \`${typeof callback}\``, 'give a function of one event');
    }
    const known = this.#known(event);
    published(() => this.#native.listen(known, true));
    const own = this.#listeners.get(known) ?? [];
    this.#listeners.set(known, [...own, callback]);
    if (this.#verbose) console.info(`registered a callback for ${known}`);
  }

  /** Has `callback` no longer hear of `event`; one that never did is passed over. */
  unregister(event: CallbackEvent | `${CallbackEvent}`, callback: CallbackFunction): void {
    const known = this.#known(event);
    const own = this.#listeners.get(known) ?? [];
    const position = own.indexOf(callback);
    if (position < 0) return;
    const left = own.filter((_, at) => at !== position);
    if (left.length > 0) this.#listeners.set(known, left);
    else this.clear(known);
  }

  /** Tells the listeners of an event, and resolves when they have heard it. */
  async trigger(
    event: CallbackEvent | `${CallbackEvent}`,
    query: string,
    data: Record<string, any>,
    userTier?: string,
    workflow?: string,
  ): Promise<void> {
    const known = this.#known(event);
    this.#triggered[known] += 1;
    await this.#tell({ event: known, query, userTier, workflow, data, timestamp: Date.now() });
  }

  /** Forgets the listeners of `event`, or of all. */
  clear(event?: CallbackEvent | `${CallbackEvent}`): void {
    const events = event === undefined ? EVENTS : [this.#known(event)];
    for (const known of events) {
      this.#listeners.delete(known);
      published(() => this.#native.listen(known, false));
    }
  }

  /** How often events came, by event, with the errors of listeners. */
  getStats(): CallbackStats {
    const byEvent = { ...this.#triggered };
    const ofRuns: Record<string, number> = JSON.parse(this.#native.counts());
    for (const event of EVENTS) byEvent[event] += ofRuns[event] ?? 0;
    return {
      totalTriggers: Object.values(byEvent).reduce((sum, count) => sum + count, 0),
      byEvent,
      callbackErrors: this.#errors,
      registeredEvents: EVENTS.filter((event) => this.#listeners.has(event)),
    };
  }

  /** Counts from zero again. */
  resetStats(): void {
    this.#triggered = zeros();
    this.#errors = 0;
    this.#native.resetCounts();
  }

  /** Writes the counts to standard output. */
  printStats(): void {
    const stats = this.getStats();
    const lines = [
      '',
      RULE,
      'CALLBACK MANAGER STATISTICS',
      RULE,
      `Total Triggers:    ${stats.totalTriggers}`,
      `Callback Errors:   ${stats.callbackErrors}`,
    ];
    const counted = EVENTS.filter((event) => stats.byEvent[event] > 0);
    if (counted.length > 0) {
      lines.push('', 'TRIGGERS BY EVENT:');
      for (const event of counted) {
        lines.push(`  ${event.padEnd(30)}: ${String(stats.byEvent[event]).padStart(6)}`);
      }
    }
    if (this.#listeners.size > 0) {
      lines.push('', 'REGISTERED CALLBACKS:');
      for (const [event, own] of this.#listeners) {
        lines.push(`  ${event.padEnd(30)}: ${String(own.length).padStart(3)} callback(s)`);
      }
    }
    process.stdout.write(`${[...lines, RULE, ''].join('\n')}\n`);
  }

  #known(event: string): CallbackEvent {
    published(() => native.checkCallbackEvent(event));
    return event as CallbackEvent;
  }

  async #tell(told: CallbackData): Promise<void> {
    const failed = (error: unknown) => {
      this.#errors += 1;
      warnOf(`a callback of \`${told.event}\` threw`, error);
    };
    const waiting: Promise<void>[] = [];
    for (const listener of this.#listeners.get(told.event) ?? []) {
      try {
        const returned: unknown = listener(told);
        if (returned instanceof Promise) waiting.push(returned.catch(failed));
      } catch (error) {
        failed(error);
      }
    }
    await Promise.all(waiting);
  }
}

/**
 * The addon's manager behind `given`, an option of an agent; null without one.
 *
 * @throws ConfigurationError about `callbacks` when it is none.
 */
export function hostCallbacks(given: unknown): NativeCallbackManager | null {
  if (given === undefined || given === null) return null;
  const handle = typeof given === 'object' ? HANDLES.get(given) : undefined;
  if (handle !== undefined) return handle;
  return refuse(
    'callbacks',
    `\`callbacks\` is none: \`${typeof given}\``,
    'give a `CallbackManager`',
  );
}
