/** How calls of the engine into user code are answered. */
import { describeThrown } from './errors.js';
import { native } from './native.js';

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function fail(id: number, thrown: unknown): void {
  native.answerCall(id, true, describeThrown(thrown));
}

/** Answers the call `id` with what `make` gives, now or later, as `write` writes it. */
export function answer<T>(
  id: number,
  make: () => T | PromiseLike<T>,
  write: (value: T) => string,
): void {
  const settle = (value: T) => {
    try {
      native.answerCall(id, false, write(value));
    } catch (error) {
      // Without the kind of whatever refused the value: the fault is the user code's.
      fail(id, new Error(error instanceof Error ? error.message : String(error)));
    }
  };
  try {
    const value = make();
    if (isThenable(value)) {
      value.then(settle as (value: unknown) => void, (error: unknown) => fail(id, error));
    } else {
      settle(value as T);
    }
  } catch (error) {
    fail(id, error);
  }
}
