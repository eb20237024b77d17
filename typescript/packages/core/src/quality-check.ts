/** Users' checks of drafts and their way into the engine. */
import { encode } from './codec.js';
import type { QueryComplexity } from './complexity.js';
import { ConfigurationError } from './errors.js';
import type { ToolCall } from './message.js';
import { type CheckHost, native } from './native.js';
import { answer } from './native-call.js';

/** What a check is given: the query and one draft. */
export interface Draft {
  /** The text of the query: the last message of the user where messages were given. */
  readonly query: string;
  /** The text of the draft; empty where it only calls tools. */
  readonly content: string;
  /** Complexity that the run was planned for. */
  readonly complexity: QueryComplexity;
  /** Name of the model that made the draft. */
  readonly model: string;
  /** Tools that the draft calls; empty when it calls none. */
  readonly toolCalls: ToolCall[];
  /** Why the model stopped: `stop`, `length`, `tool_calls` …; absent when it did not say. */
  readonly finishReason?: string;
  /**
   * What is required of the draft, 0 to 1: of its confidence, and of this check where it returns a
   * score. Absent in a strategy's step without `threshold`; a score must reach 0.5 then.
   */
  readonly threshold?: number;
}

/** What a check says of a draft. */
export interface QualityCheckOutcome {
  /** Whether the draft passes. */
  passed: boolean;
  /** How good it is, 0 to 1. */
  score?: number;
  /** Why, in a few words. */
  reason?: string;
}

/**
 * What a check returns: whether the draft passes; or a score from 0 to 1, which passes when it
 * reaches `draft.threshold`; or either with a reason; or all three by name.
 */
export type QualityCheckReturn =
  | boolean
  | number
  | readonly [passed: boolean | number, reason: string | null]
  | QualityCheckOutcome;

/** Looks at a draft, at once or later. */
export type QualityCheckFunction = (
  draft: Draft,
) => QualityCheckReturn | PromiseLike<QualityCheckReturn>;

/**
 * A check of drafts under a name; a function is a check under its own name.
 *
 * A check that throws, rejects or returns something else fails the draft, with a reason that names
 * the check. It is waited for until the deadline of the run (`timeout`), without one for ever.
 *
 * @example
 * ```ts
 * const cites: QualityCheck = {
 *   name: 'cites-a-source',
 *   check: (draft) => [/https?:\/\//.test(draft.content), 'there is no link'],
 * };
 * ```
 */
export interface QualityCheck {
  /** Appears in verdicts, and is what a strategy's step names as its `validator`. */
  readonly name: string;
  check(draft: Draft): QualityCheckReturn | PromiseLike<QualityCheckReturn>;
}

function refuse(what: string, hint: string): never {
  const error = new ConfigurationError(`${what} (hint: ${hint})`, 'qualityChecks');
  error.hint = hint;
  throw error;
}

function named(given: unknown, position: number): QualityCheck {
  if (typeof given === 'function') {
    return { name: given.name, check: given as QualityCheckFunction };
  }
  const check = given as Partial<QualityCheck> | null | undefined;
  if (typeof check?.check !== 'function' || typeof check.name !== 'string') {
    refuse(
      `quality check ${position} is not a check: \`${given === null ? 'null' : typeof given}\``,
      'give a named function, or an object with `name` and a function `check`',
    );
  }
  return check as QualityCheck;
}

function hostCheck(check: QualityCheck): CheckHost {
  return new native.CheckHost(check.name, (id, what, json) => {
    // Nothing is to be done about a call that is not waited for any more.
    if (what !== 'check') return;
    answer(
      id,
      () => check.check(JSON.parse(json) as Draft),
      (returned) => encode({ returned }),
    );
  });
}

/**
 * The handles through which the engine calls `checks`.
 *
 * @throws ConfigurationError about `qualityChecks` when one is no check.
 */
export function hostChecks(checks: unknown): CheckHost[] {
  if (checks === undefined) return [];
  if (!Array.isArray(checks)) {
    refuse(`\`qualityChecks\` is not a list: \`${typeof checks}\``, 'give a list of checks');
  }
  return checks.map((check, position) => hostCheck(named(check, position)));
}
