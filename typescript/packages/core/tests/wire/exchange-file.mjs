// Reads the HTTP exchanges of shared-tests/http; shared-tests/README.md tells the format.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The key that every exchange is made with. */
export const KEY = 'test-key-0123456789';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '../../../../../shared-tests/http');

// The schema names every key there is; an unknown one is a failure.
const schema = JSON.parse(readFileSync(join(FOLDER, 'schema.json'), 'utf8'));

function check(value, part, where) {
  const known = Object.keys(part.properties);
  for (const key of Object.keys(value)) assert.ok(known.includes(key), `${where}: unknown ${key}`);
  for (const key of part.required ?? []) assert.ok(key in value, `${where}: no ${key}`);
}

function eventText(event) {
  if (typeof event === 'string') return `data: ${event}\n\n`;
  if ('raw' in event) return event.raw;
  return `event: ${event.event}\ndata: ${event.data}\n\n`;
}

/** What is sent: the head, and the pieces of the body. */
function readReply(written) {
  if (written === undefined) return undefined;
  const forms = [
    ['body', 'application/json', () => [written.body]],
    ['sse', 'text/event-stream', () => written.sse.map(eventText)],
    ['lines', 'application/x-ndjson', () => written.lines.map((line) => `${line}\n`)],
  ].filter(([name]) => name in written);
  assert.equal(forms.length, 1, 'a reply has one of `body`, `sse` and `lines`');
  const [[, type, pieces]] = forms;
  const headers = { 'content-type': type, ...written.headers };
  return { status: written.status ?? 200, headers, pieces: pieces() };
}

function* read() {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((one) => one.isDirectory());
  for (const folder of folders.map((one) => one.name).sort()) {
    for (const name of readdirSync(join(FOLDER, folder)).sort()) {
      const file = parse(readFileSync(join(FOLDER, folder, name), 'utf8'));
      check(file, schema, name);
      for (const written of file.exchanges) {
        check(written, schema.$defs.exchange, written.name);
        check(written.request, schema.$defs.request, written.name);
        check(written.expected, schema.$defs.expected, written.name);
        for (const reply of [written.response, written.streamed]) {
          if (reply) check(reply, schema.$defs.reply, written.name);
        }
        yield {
          ...written,
          provider: file.provider,
          topic: name.replace('.yaml', ''),
          basePath: file.base_path,
          environment: file.environment ?? {},
          headers: { ...file.headers, ...written.request.headers },
          operation: written.operation ?? 'chat',
          response: readReply(written.response),
          streamed: readReply(written.streamed),
        };
      }
    }
  }
}

export const exchanges = [...read()];

/** The ways to play chat exchanges of these providers (all when none is named). */
export function ways(...providers) {
  return exchanges
    .filter((one) => one.operation === 'chat')
    .filter((one) => providers.length === 0 || providers.includes(one.provider))
    .flatMap((exchange) => {
      // An error answers plain and streamed calls alike.
      const streamed = exchange.streamed ?? (exchange.expected.error && exchange.response);
      return [
        { exchange, stream: false, reply: exchange.response },
        { exchange, stream: true, reply: streamed },
      ];
    })
    .filter((way) => way.reply)
    .map((way) => ({ ...way, id: `${way.exchange.name}, ${way.stream ? 'streamed' : 'plain'}` }));
}

/** What an exchange expects, with the empty values that it leaves out. */
export function expectedRecord({ expected }) {
  if (expected.error) return { error: expected.error, text: expected.text ?? '' };
  return {
    text: expected.text,
    thinking: expected.thinking ?? '',
    ...(expected.signatures ? { signatures: expected.signatures } : {}),
    toolCalls: expected.tool_calls ?? [],
    finishReason: expected.finish_reason,
    usage: expected.usage ? counts(expected.usage) : undefined,
    serviceTier: expected.usage?.service_tier,
    logprobs: expected.logprobs?.map(([, logprob]) => logprob),
  };
}

/** A usage record; counts that are not given are zero. */
export function counts(given) {
  return {
    input_tokens: given.input_tokens ?? 0,
    output_tokens: given.output_tokens ?? 0,
    cached_input_tokens: given.cached_input_tokens ?? 0,
    cache_write_5m_tokens: given.cache_write_5m_tokens ?? 0,
    cache_write_1h_tokens: given.cache_write_1h_tokens ?? 0,
    reasoning_tokens: given.reasoning_tokens ?? 0,
    audio_input_tokens: given.audio_input_tokens ?? 0,
    cached_audio_input_tokens: given.cached_audio_input_tokens ?? 0,
    audio_output_tokens: given.audio_output_tokens ?? 0,
    image_input_tokens: given.image_input_tokens ?? 0,
    image_output_tokens: given.image_output_tokens ?? 0,
  };
}

/** A call; `given` may be JSON text or what it means. */
export function toolCall(id, name, given) {
  return { id, name, arguments: typeof given === 'string' ? JSON.parse(given || '{}') : given };
}

/** The path at which `whole` lacks something of `part`; lists must be of one length. */
export function lacks(part, whole, path = '') {
  if (Array.isArray(part)) {
    if (!Array.isArray(whole) || part.length !== whole.length) return path;
    return part.map((item, at) => lacks(item, whole[at], `${path}[${at}]`)).find((one) => one);
  }
  if (typeof part === 'object' && part !== null) {
    if (typeof whole !== 'object' || whole === null) return path;
    return Object.keys(part)
      .map((name) => lacks(part[name], whole[name], `${path}.${name}`))
      .find((one) => one);
  }
  return part === whole ? undefined : path || '.';
}
