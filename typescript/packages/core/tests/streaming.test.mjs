import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CascadeAgent,
  collectResult,
  collectStream,
  createStreamEvent,
  isChunkEvent,
  isCompleteEvent,
  isErrorEvent,
  StreamEventType,
} from '../dist/index.js';
import { answering, CAPITAL, PARIS, pair, register } from './support/classes.mjs';

function rejecting() {
  return register(
    answering(async (request) => ({
      ...PARIS,
      content: request.model === 'small' ? "I'm sorry, I can't help with that." : PARIS.content,
    })),
  );
}

async function events(agent, options) {
  const all = [];
  for await (const event of agent.streamEvents(CAPITAL, options)) all.push(event);
  return all;
}

test('an accepted draft: data in snake case, result at the end', async () => {
  const agent = new CascadeAgent(pair(register(answering(async () => PARIS))));
  const all = await events(agent);
  assert.deepEqual(
    all.map((event) => event.type),
    ['routing', 'chunk', 'draft_decision', 'complete'],
  );
  assert.equal(all[0].data.strategy, 'cascade');
  assert.equal(all[1].data.phase, 'draft');
  assert.equal(all[2].data.accepted, true);
  assert.equal(all[2].data.draft_model, 'small');
  assert.equal(all[2].data.verifier_model, 'large');
  assert.equal(typeof all[2].data.quality_threshold, 'number');
  assert.equal(all[3].data.result.content, PARIS.content);
});

test('a rejected draft is never shown as final', async () => {
  const buffered = new CascadeAgent(pair(rejecting()));
  const quiet = await events(buffered);
  assert.deepEqual(
    quiet.map((event) => event.type),
    ['routing', 'draft_decision', 'switch', 'chunk', 'complete'],
  );
  assert.ok(!JSON.stringify(quiet.filter(isChunkEvent)).includes('sorry'));
  const [, , change] = quiet;
  assert.equal(change.data.from_model, 'small');
  assert.equal(change.data.to_model, 'large');
  const optimistic = await events(buffered, { streamPolicy: 'optimistic' });
  const shown = optimistic.map((event) => event.type);
  assert.ok(shown.indexOf('chunk') < shown.indexOf('switch'));
  assert.equal(
    await collectStream(buffered.stream(CAPITAL, { streamPolicy: 'optimistic' })),
    PARIS.content,
  );
});

test('the helpers of events', async () => {
  const event = createStreamEvent(StreamEventType.CHUNK, 'x', { model: 'm' });
  assert.deepEqual(event, { type: 'chunk', content: 'x', data: { model: 'm' } });
  assert.ok(isChunkEvent(event));
  assert.ok(!isCompleteEvent(event) && !isErrorEvent(event));
  assert.deepEqual(createStreamEvent(StreamEventType.COMPLETE), {
    type: 'complete',
    content: '',
    data: {},
  });
  const agent = new CascadeAgent(pair(register(answering(async () => PARIS))));
  assert.equal((await collectResult(agent.runStream(CAPITAL))).content, PARIS.content);
  assert.equal((await agent.runStreaming(CAPITAL)).content, PARIS.content);
});

test('a failed run ends with an error event; the collectors throw it', async () => {
  const provider = register(
    answering(async () => {
      throw new Error('both down');
    }),
  );
  const agent = new CascadeAgent(pair(provider));
  const all = await events(agent);
  assert.equal(all.at(-1).type, 'error');
  assert.match(all.at(-1).data.error, /both down/);
  assert.equal(all.at(-1).data.exception.attempts.length, 2);
  await assert.rejects(collectStream(agent.stream(CAPITAL)), /both down/);
  await assert.rejects(collectResult(agent.stream(CAPITAL)), /both down/);
  await assert.rejects(agent.runStreaming(CAPITAL), /both down/);
});

test('a stream makes the decision, cost and result of a run', async () => {
  for (const provider of [register(answering(async () => PARIS)), rejecting()]) {
    const agent = new CascadeAgent(pair(provider));
    const plain = await agent.run(CAPITAL);
    const streamed = await collectResult(agent.stream(CAPITAL));
    const timeless = (result) =>
      Object.fromEntries(Object.entries(result).filter(([key]) => !key.endsWith('Ms')));
    assert.deepEqual(timeless(streamed), timeless(plain));
  }
});

test('an aborted stream throws AbortError', async () => {
  const agent = new CascadeAgent(pair(register(answering(() => new Promise(() => {})))));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 30);
  await assert.rejects(events(agent, { signal: controller.signal }), { name: 'AbortError' });
  await assert.rejects(events(agent, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});
