import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BatchStrategy,
  CascadeAgent,
  DEFAULT_BATCH_CONFIG,
  normalizeBatchConfig,
} from '../dist/index.js';
import { answering, PARIS, pair, register } from './support/classes.mjs';

const QUERIES = Array.from({ length: 12 }, (_, n) => `What is the capital of country ${n}?`);

test('a batch keeps order, bounds its parallelism and reports progress', async () => {
  let running = 0;
  let most = 0;
  const provider = register(
    answering(async (request) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      const number = request.messages.at(-1).content.match(/\d+/)[0];
      return { ...PARIS, content: `The capital of country ${number} is Paris.` };
    }),
  );
  const progress = [];
  const agent = new CascadeAgent(pair(provider));
  const batch = await agent.runBatch(QUERIES, {
    maxParallel: 4,
    metadata: { run_name: 'x' },
    onProgress: (at) => progress.push(at),
  });
  assert.equal(most, 4);
  assert.equal(batch.successCount, 12);
  assert.equal(batch.failureCount, 0);
  assert.equal(batch.successRate, 1);
  assert.deepEqual(batch.metadata, { run_name: 'x' });
  for (const [n, result] of batch.results.entries())
    assert.match(result.content, new RegExp(`country ${n} `));
  const total = batch.results.reduce((sum, result) => sum + result.totalCost, 0);
  assert.ok(Math.abs(batch.totalCost - total) < 1e-12);
  assert.deepEqual(
    progress.map((at) => at.done),
    QUERIES.map((_, n) => n + 1),
  );
  assert.equal(progress.at(-1).total, 12);
});

test('a failed query does not touch the others', async () => {
  const provider = register(
    answering(async (request) => {
      if (/country 3\?/.test(request.messages.at(-1).content)) throw new Error('no such country');
      return PARIS;
    }),
  );
  const batch = await new CascadeAgent(pair(provider)).runBatch(QUERIES);
  assert.equal(batch.failureCount, 1);
  assert.equal(batch.results[3], null);
  assert.match(batch.errors[3], /no such country/);
  assert.equal(batch.errors[4], null);
  assert.equal(batch.exceptions[3].attempts.length, 2);
});

test('each query has its own time', async () => {
  const provider = register(
    answering((request) =>
      /country 3\?/.test(request.messages.at(-1).content) ? new Promise(() => {}) : PARIS,
    ),
  );
  const batch = await new CascadeAgent(pair(provider)).runBatch(QUERIES, {
    timeoutPerQuery: 0.2,
    retryFailed: false,
  });
  assert.equal(batch.failureCount, 1);
  assert.equal(batch.exceptions[3].name, 'TimeoutError');
});

test('defaults and their limits', () => {
  assert.equal(DEFAULT_BATCH_CONFIG.batchSize, 10);
  assert.equal(DEFAULT_BATCH_CONFIG.maxParallel, 3);
  assert.equal(DEFAULT_BATCH_CONFIG.timeoutPerQuery, 30);
  assert.equal(normalizeBatchConfig({ maxParallel: 5 }).maxParallel, 5);
  assert.equal(normalizeBatchConfig().strategy, BatchStrategy.AUTO);
  assert.throws(() => normalizeBatchConfig({ maxParallel: 0 }), { field: 'maxParallel' });
  assert.throws(() => normalizeBatchConfig({ timeoutPerQuery: Number.NaN }), {
    field: 'timeoutPerQuery',
  });
});

test('an empty batch and an aborted one', async () => {
  const agent = new CascadeAgent(pair(register(answering(() => new Promise(() => {})))));
  const empty = await agent.runBatch([]);
  assert.deepEqual(empty.results, []);
  assert.equal(empty.successRate, 0);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(agent.runBatch(QUERIES, {}, { signal: controller.signal }), {
    name: 'AbortError',
  });
});
