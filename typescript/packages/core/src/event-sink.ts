/** What the engine tells a listener. */
import { compact } from './codec.js';
import { ConfigurationError, type ErrorKind } from './errors.js';
import { type Attempt, type CascadeResult, resultFromText } from './result.js';

/** One step of a plan. */
export interface PlanStep {
  /** Unique within the plan. */
  name: string;
  /** Models asked at once, by name. */
  models: string[];
  /** Answers asked of each model. */
  samples: number;
  /** `judge` for the agent's judge, `open` for any answer, or the name of a check. */
  gate: string;
  /** Confidence that the answer must reach, 0 to 1; absent where it is the judge's own. */
  threshold?: number;
  /** How often the step is tried again after a rejected or failed answer. */
  retries: number;
  /** Models tried in order when the step's models all fail, by name. */
  fallbacks: string[];
}

/** What a run is going to do, and why. */
export interface Plan {
  route: 'cascade' | 'direct' | 'strategy';
  /** Stable name of the rule that decided. */
  rule: string;
  reason: string;
  /** Whether every step runs even after one passed. */
  runAllSteps: boolean;
  /** Detected or given domain; absent when nothing looked. */
  domain?: string;
  domainConfidence?: number;
  /** In order; the first whose answer passes ends the run. */
  steps: PlanStep[];
}

/** Something that happened in a run; `runId` is equal in all events of one run and in no other. */
export type EngineEvent = { runId: string } & EngineEventKind;

type EngineEventKind =
  /** The plan was made. */
  | { type: 'planned'; plan: Plan }
  /** A call of a model ended and was accounted; also one that was cancelled. */
  | { type: 'attempt'; attempt: Attempt }
  /** The run gave its result. */
  | { type: 'completed'; result: CascadeResult }
  /** The run failed; kind `cancelled` of one that nobody waits for any more. */
  | { type: 'failed'; kind: ErrorKind; message: string };

/** Hears what happens in the runs of an agent. */
export type EngineEventListener = (event: EngineEvent) => void;

const COMPLETED = 'completed ';

function planFromRecord(record: Record<string, any>): Plan {
  return compact({
    route: record.route,
    rule: record.rule,
    reason: record.reason,
    runAllSteps: record.run_all_steps,
    domain: record.domain ?? undefined,
    domainConfidence: record.domain_confidence ?? undefined,
    steps: record.steps.map((step: Record<string, any>) =>
      compact({ ...step, threshold: step.threshold ?? undefined }),
    ),
  });
}

/** The event in the addon's text. */
function eventFromText(text: string): EngineEvent {
  if (text.startsWith(COMPLETED)) {
    const end = text.indexOf('\n');
    const runId = text.slice(COMPLETED.length, end);
    return { runId, type: 'completed', result: resultFromText(text.slice(end + 1)) };
  }
  const event = JSON.parse(text);
  return event.type === 'planned' ? { ...event, plan: planFromRecord(event.plan) } : event;
}

function warn(thrown: unknown): void {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  process.emitWarning(`the listener \`onEvent\` threw: ${message}`, {
    type: 'CascadeflowWarning',
    ...(thrown instanceof Error && thrown.stack !== undefined ? { detail: thrown.stack } : {}),
  });
}

/**
 * What the addon calls for `listener`; null without one.
 *
 * @throws ConfigurationError about `onEvent` when it is no function.
 */
export function hostListener(listener: unknown): ((text: string) => void) | null {
  if (listener === undefined) return null;
  if (typeof listener !== 'function') {
    const error = new ConfigurationError(
      `\`onEvent\` is not a function: \`${typeof listener}\` (hint: give a function of one event)`,
      'onEvent',
    );
    error.hint = 'give a function of one event';
    throw error;
  }
  return (text) => {
    // An empty text only marks a place in the queue.
    if (text === '') return;
    try {
      // Nobody waits for a listener, but what an async one rejects with must not end the process.
      const returned: unknown = listener(eventFromText(text));
      if (returned instanceof Promise) returned.catch(warn);
    } catch (error) {
      warn(error);
    }
  };
}
