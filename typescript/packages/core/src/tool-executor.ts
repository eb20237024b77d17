/** Users' tool executors and their way into the engine. */
import { encode } from './codec.js';
import { ConfigurationError } from './errors.js';
import type { ToolCall } from './message.js';
import { native, type ToolHost } from './native.js';
import { answer } from './native-call.js';

/**
 * Executes one call of a tool, at once or later. Text goes to the model as it is, anything else as
 * JSON; what it throws is told to the model as `{"error": …}`.
 */
export type ToolExecutorFunction = (call: ToolCall) => unknown;

/** A tool executor as an object. A function of the same parameter will do as well. */
export interface ToolExecutor {
  execute(call: ToolCall): unknown;
}

/**
 * The handle through which the engine has tools executed; null without an executor.
 *
 * @throws ConfigurationError about `toolExecutor` when it cannot be called.
 */
export function hostTools(executor: unknown): ToolHost | null {
  if (executor === undefined) return null;
  const method = (executor as Partial<ToolExecutor> | null)?.execute;
  const execute: ToolExecutorFunction | undefined =
    typeof executor === 'function'
      ? (executor as ToolExecutorFunction)
      : typeof method === 'function'
        ? (call) => method.call(executor as ToolExecutor, call)
        : undefined;
  if (execute === undefined) {
    const hint = 'give a function of one call, or an object with a function `execute`';
    const error = new ConfigurationError(
      `\`toolExecutor\` cannot be called: \`${executor === null ? 'null' : typeof executor}\` (hint: ${hint})`,
      'toolExecutor',
    );
    error.hint = hint;
    throw error;
  }
  return new native.ToolHost((id, what, json) => {
    // Nothing is to be done about a call that is not waited for any more.
    if (what !== 'call') return;
    answer(
      id,
      () => execute(JSON.parse(json) as ToolCall),
      (returned) => encode({ returned: returned ?? null }),
    );
  });
}
