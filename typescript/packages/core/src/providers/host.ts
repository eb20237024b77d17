/**
 * A user's provider class as the engine calls it.
 *
 * A call is an id, an operation and a JSON text; it is answered with `native.answerCall`, at once
 * when the class returned a plain value.
 *
 * | operation | what is asked | answer |
 * |---|---|---|
 * | `generate` | the request | the response |
 * | `open` | the request; the id names the stream | none |
 * | `next` | the stream's id | the next chunk; empty at the end |
 * | `close` | nothing; the stream is not wanted any more | none |
 * | `abort` | nothing; the call is not waited for any more | none |
 */
import { encode } from '../codec.js';
import type { ModelConfig } from '../model.js';
import { native, type ProviderHost } from '../native.js';
import { answer } from '../native-call.js';
import type { Provider, ProviderClass, ProviderRequest, StreamChunk } from './base.js';

interface OpenStream {
  iterator: AsyncIterator<StreamChunk>;
  request: Request;
}

/** The request of the engine, with a signal that is made only when it is looked at. */
class Request {
  declare messages: ProviderRequest['messages'];
  declare model: string;
  #controller: AbortController | undefined;
  #aborted = false;

  constructor(json: string) {
    Object.assign(this, JSON.parse(json));
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted) this.#controller.abort();
    return this.#controller.signal;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort();
  }
}

/** What of a response or chunk is the engine's; `raw` and the like stay here. */
const FIELDS = [
  'content',
  'model',
  'usage',
  'finish_reason',
  'tool_calls',
  'logprobs',
  'logprob',
  'thinking',
  'content_blocks',
  'confidence',
  'cost',
  'request_id',
  'metadata',
] as const;

function pick(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const picked: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const entry = (value as Record<string, unknown>)[field];
    if (entry !== undefined) picked[field] = entry;
  }
  return picked;
}

function count(usage: unknown, ...names: string[]): number | undefined {
  for (const name of names) {
    const value = (usage as Record<string, unknown> | undefined)?.[name];
    if (typeof value === 'number') return value;
  }
  return undefined;
}

/** The answer as JSON text; the class prices it where the model's configuration does not. */
function encodeAnswer(
  provider: Provider,
  value: unknown,
  model: string,
  config: ModelConfig,
): string {
  const answer = pick(value);
  // Not an object: the engine tells the user what it got instead.
  if (answer === undefined) return encode(value ?? null);
  const input = count(answer.usage, 'prompt_tokens', 'input_tokens');
  const output = count(answer.usage, 'completion_tokens', 'output_tokens');
  if (
    answer.cost === undefined &&
    config.cost === undefined &&
    input !== undefined &&
    output !== undefined &&
    typeof provider.calculateCost === 'function'
  ) {
    answer.cost = provider.calculateCost(input, output, model);
  }
  return encode(answer);
}

function unavailable(name: string): Error {
  const error = new Error(`provider class \`${name}\` says that it is not available`);
  return Object.assign(error, { kind: 'connection', hint: 'see its `isAvailable`' });
}

/** The handle through which the engine calls an instance of `providerClass` made with `config`. */
export function hostProvider(providerClass: ProviderClass, config: ModelConfig): ProviderHost {
  const provider = new providerClass(config);
  const name = providerClass.name || provider.name || 'anonymous';
  const calls = new Map<number, Request>();
  const streams = new Map<number, OpenStream>();

  const available = () =>
    typeof provider.isAvailable !== 'function' || provider.isAvailable() !== false;

  const generate = (id: number, json: string) => {
    const request = new Request(json);
    calls.set(id, request);
    answer(
      id,
      () => {
        if (!available()) throw unavailable(name);
        return provider.generate(request);
      },
      (value) => {
        calls.delete(id);
        return encodeAnswer(provider, value, request.model, config);
      },
    );
  };

  const open = (id: number, json: string) => {
    const request = new Request(json);
    // A failure to open is told by the first chunk, where somebody waits for an answer.
    let iterator: AsyncIterator<StreamChunk>;
    try {
      if (!available()) throw unavailable(name);
      const iterable: any = provider.stream?.(request);
      const made = iterable?.[Symbol.asyncIterator]?.() ?? iterable?.[Symbol.iterator]?.();
      if (made === undefined) {
        throw new TypeError('`stream` did not return an async iterable');
      }
      iterator = made;
    } catch (error) {
      iterator = { next: () => Promise.reject(error) };
    }
    streams.set(id, { iterator, request });
  };

  const next = (id: number, stream: number) => {
    const opened = streams.get(stream);
    answer(
      id,
      () => opened?.iterator.next() ?? Promise.resolve({ done: true as const, value: undefined }),
      (step) => {
        if (step.done) {
          streams.delete(stream);
          return '';
        }
        return encodeAnswer(provider, step.value, opened?.request.model ?? config.name, config);
      },
    );
  };

  const close = (id: number) => {
    const opened = streams.get(id);
    streams.delete(id);
    opened?.request.abort();
    // What a generator throws when it is ended is of no interest.
    void (async () => opened?.iterator.return?.())().catch(() => undefined);
  };

  return new native.ProviderHost(name, typeof provider.stream === 'function', (id, what, json) => {
    switch (what) {
      case 'generate':
        return generate(id, json);
      case 'open':
        return open(id, json);
      case 'next':
        return next(id, Number(json));
      case 'close':
        return close(id);
      default:
        calls.get(id)?.abort();
        calls.delete(id);
    }
  });
}
