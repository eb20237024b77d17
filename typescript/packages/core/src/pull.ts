/** Native streams as async iterables: nothing is made before it is asked for. */
import { abortError } from './cancellation.js';
import { toPublished } from './errors.js';
import type { NativeStream } from './native.js';

/**
 * The texts of a native stream, read by `read`. Leaving the loop, `return()` and `signal` cancel
 * the work down to the socket. A failure is thrown, or becomes a last item where `failed` says so;
 * one to open the stream is always thrown.
 */
export async function* pull<T>(
  open: () => NativeStream,
  read: (text: string) => T,
  signal?: AbortSignal,
  failed?: (error: unknown) => T,
): AsyncGenerator<T, void, void> {
  if (signal?.aborted) throw abortError(signal);
  let stream: NativeStream | undefined;
  const cancel = () => stream?.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    stream = open();
    for (;;) {
      const next = stream.next();
      const text = typeof next === 'string' ? next : await next;
      if (signal?.aborted) break;
      if (text === '') return;
      yield read(text);
    }
  } catch (error) {
    if (!signal?.aborted) {
      if (failed === undefined || stream === undefined) throw toPublished(error);
      yield failed(error);
      return;
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
  if (signal?.aborted) throw abortError(signal);
}
