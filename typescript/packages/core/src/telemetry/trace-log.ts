/** Decision traces of past runs. */
import type { ErrorKind } from '../errors.js';
import { type NativeTraceLog, native } from '../native.js';
import type { Attempt, TraceStep } from '../result.js';
import { asked, published, refuse } from './asked.js';

/** What one run decided, and what it cost. */
export interface TraceRecord {
  runId: string;
  /** When it began. */
  at: Date;
  userId?: string;
  tenantId?: string;
  /** The decisions in their order. */
  steps: TraceStep[];
  /** The calls of models in the order they ended. */
  attempts: Attempt[];
  /** What all calls cost together, in USD. */
  totalCost: number;
  /** The model that answered; absent of a run that failed. */
  answerModel?: string;
  /** Why it failed; absent of a run that gave an answer. */
  errorKind?: ErrorKind;
  /** Milliseconds. */
  totalMs: number;
}

function recordOf(found: any): TraceRecord {
  return { ...found, at: new Date(found.at) };
}

/** The addon's logs, out of reach of users. */
const HANDLES = new WeakMap<object, NativeTraceLog>();

/**
 * Keeps the traces of an agent's last runs, those that failed too: give it to an agent as `traceLog`. No
 * run enters JavaScript for it.
 */
export class TraceLog {
  readonly #native: NativeTraceLog;

  /** @param capacity how many traces are kept; the oldest goes first. */
  constructor(capacity = 1_000) {
    if (!Number.isInteger(capacity) || capacity < 0) {
      refuse(
        'capacity',
        `not a number of traces: \`${capacity}\``,
        'give a whole number, 0 or more',
      );
    }
    this.#native = published(() => new native.NativeTraceLog(capacity));
    HANDLES.set(this, this.#native);
  }

  /** The last `count` traces, newest first. */
  recent(count = 10): TraceRecord[] {
    return asked(() => this.#native.recent(count)).map(recordOf);
  }

  /** The trace of one run; undefined when it is not kept any more, or has not ended. */
  ofRun(runId: string): TraceRecord | undefined {
    const text = published(() => this.#native.ofRun(runId));
    return text === null ? undefined : recordOf(JSON.parse(text));
  }

  /** How many runs ended, those not kept any more included. */
  get runs(): number {
    return this.#native.runs();
  }

  /** What all of them cost together, in USD. */
  get totalCost(): number {
    return this.#native.totalCost();
  }

  /** Forgets every trace and starts counting anew. */
  clear(): void {
    this.#native.clear();
  }
}

/**
 * The addon's log behind `given`, an option of an agent; null without one.
 *
 * @throws ConfigurationError about `traceLog` when it is none.
 */
export function hostTraces(given: unknown): NativeTraceLog | null {
  if (given === undefined || given === null) return null;
  const handle = typeof given === 'object' ? HANDLES.get(given) : undefined;
  if (handle !== undefined) return handle;
  return refuse('traceLog', `\`traceLog\` is none: \`${typeof given}\``, 'give a `TraceLog`');
}
