// Every exchange of shared-tests/http through the published classes.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { AuthenticationError, RateLimitError } from '../../dist/index.js';
import { call, list } from './driver.mjs';
import { exchanges, expectedRecord, KEY, lacks, ways } from './exchange-file.mjs';
import { startReplay } from './replay-server.mjs';

const CLASSES = { auth: AuthenticationError, rate_limit: RateLimitError };

let server;

// A server of the test's own: circuit breakers count the failures of an address.
beforeEach(async () => {
  server = await startReplay();
});

afterEach(() => server.stop());

function checkError(wanted, got) {
  const { kind, status, retry_after: retryAfter, request_id: requestId } = wanted;
  assert.ok(got instanceof Error, `${JSON.stringify(got)} is no error`);
  assert.equal(got.kind, kind);
  if (CLASSES[kind]) assert.ok(got instanceof CLASSES[kind], `${got}`);
  if (status !== undefined) assert.equal(got.statusCode, status);
  if (retryAfter !== undefined) assert.equal(got.retryAfter, retryAfter);
  if (requestId !== undefined) assert.equal(got.requestId, requestId);
  assert.ok(got.message.includes(wanted.message_contains ?? ''), got.message);
  assert.ok(!`${got.stack}${JSON.stringify(got)}`.includes(KEY));
}

for (const { exchange, stream, reply, id } of ways()) {
  test(id, async () => {
    Object.assign(process.env, exchange.environment);
    server.play(reply);
    const record = await call(exchange, server.url, stream);
    const expected = expectedRecord(exchange);
    if (expected.error) {
      checkError(expected.error, record.error);
      assert.equal(record.text, expected.text);
    } else {
      assert.equal(record.error, undefined);
      for (const name of Object.keys(record).filter((name) => name in expected)) {
        assert.deepEqual(record[name], expected[name], name);
      }
      const cost = exchange.expected.reported_cost;
      if (cost && !stream) assert.equal(record.cost, Number(cost));
    }
    assert.equal(server.received.length, 1);
    const [sent] = server.received;
    const request = exchange.request;
    assert.equal(sent.path, (stream && request.streamed_path) || request.path);
    assert.equal(lacks(exchange.headers, sent.headers), undefined);
    assert.equal(lacks(request.body ?? {}, sent.body), undefined);
    if (stream) assert.equal(lacks(request.streamed_body ?? {}, sent.body), undefined);
    for (const name of request.without ?? []) assert.ok(!(name in sent.body), name);
  });
}

const others = exchanges.filter((one) => one.operation !== 'chat');

for (const exchange of others) {
  test(exchange.name, async () => {
    Object.assign(process.env, exchange.environment);
    server.play(exchange.response);
    const record = await list(exchange, server.url);
    const { error, models, embeddings, usage } = exchange.expected;
    if (error) {
      checkError(error, record.error);
    } else {
      assert.equal(record.error, undefined);
      assert.deepEqual(record.models, models);
      assert.deepEqual(record.embeddings, embeddings);
      if (usage) assert.equal(record.inputTokens, usage.input_tokens);
    }
    const [sent] = server.received;
    assert.equal(sent.path, exchange.request.path);
    assert.equal(sent.method, exchange.request.method ?? 'POST');
    assert.equal(lacks(exchange.headers, sent.headers), undefined);
    const { body } = exchange.request;
    if (body) assert.equal(lacks(body, sent.body), undefined);
  });
}

test('every exchange is played', () => {
  const operations = new Set(exchanges.map((one) => one.operation));
  assert.deepEqual([...operations].sort(), ['chat', 'embed', 'models']);
  assert.ok(others.length >= 20);
});

test('every exchange of an answer is played', () => {
  const played = new Set(ways().map((way) => way.exchange.name));
  const names = exchanges.filter((one) => one.operation === 'chat').map((one) => one.name);
  assert.deepEqual([...played], names);
  assert.ok(played.size >= 200);
});
