/** From an AbortSignal to the addon. */
import { cascadeflowError } from './errors.js';
import { type Canceller, native } from './native.js';

/** The error of a call that its signal cancelled. */
export function abortError(signal: AbortSignal): cascadeflowError {
  const error = new cascadeflowError('the caller cancelled the call', 'CANCELLED');
  error.name = 'AbortError';
  error.kind = 'cancelled';
  error.cause = signal.reason;
  return error;
}

/** Runs `call` with a canceller that `signal` fires; without a signal there is none. */
export async function withSignal<T>(
  signal: AbortSignal | undefined,
  call: (canceller: Canceller | null) => T | Promise<T>,
): Promise<T> {
  if (signal === undefined) return call(null);
  if (signal.aborted) throw abortError(signal);
  const canceller = new native.Canceller();
  const cancel = () => canceller.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await call(canceller);
  } catch (error) {
    throw signal.aborted ? abortError(signal) : error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
