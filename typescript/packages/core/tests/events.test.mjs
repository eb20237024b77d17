// What a listener hears of runs, streams and batches.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CascadeAgent, ConfigurationError } from '../dist/index.js';
import { answering, CAPITAL, PARIS, pair, register } from './support/classes.mjs';
import { eventually } from './support/loopback.mjs';

const provider = register(answering(async (request) => ({ ...PARIS, model: request.model })));

/** An agent and the events that it has told so far. */
function listening(rest = {}, name = provider) {
  const events = [];
  const onEvent = (event) => events.push(event);
  return { events, agent: new CascadeAgent(pair(name, { onEvent, ...rest })) };
}

function types(events) {
  return events.map((event) => event.type);
}

const refusing = { qualityChecks: [{ name: 'never', check: () => [false, 'not today'] }] };

test('an accepted draft: plan, attempt, result', async () => {
  const { agent, events } = listening();
  const result = await agent.run(CAPITAL);
  // All of it is heard before the run is over.
  assert.deepEqual(types(events), ['planned', 'attempt', 'completed']);
  const { plan } = events[0];
  assert.equal(plan.route, 'cascade');
  assert.equal(plan.runAllSteps, false);
  assert.deepEqual(plan.steps, [
    {
      name: 'draft',
      models: ['small'],
      samples: 1,
      gate: 'judge',
      retries: 0,
      fallbacks: [],
    },
    {
      name: 'verifier',
      models: ['large'],
      samples: 1,
      gate: 'open',
      retries: 0,
      fallbacks: [],
    },
  ]);
  assert.deepEqual(events[1].attempt, result.attempts[0]);
  assert.deepEqual(
    JSON.parse(JSON.stringify(events[2].result)),
    JSON.parse(JSON.stringify(result)),
  );
});

test('events of one run have one id, which no other run has', async () => {
  const { agent, events } = listening();
  await Promise.all([agent.run(CAPITAL), agent.run(`${CAPITAL} Say it.`)]);
  for await (const _ of agent.stream(CAPITAL)) {
    // Only the events of the listener are of interest.
  }
  await agent.runBatch([CAPITAL, `${CAPITAL} Say it.`]);
  const runs = Map.groupBy
    ? Map.groupBy(events, (event) => event.runId)
    : events.reduce((all, event) => {
        all.set(event.runId, [...(all.get(event.runId) ?? []), event]);
        return all;
      }, new Map());
  assert.equal(runs.size, 5);
  for (const [id, told] of runs) {
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.deepEqual(types(told), ['planned', 'attempt', 'completed']);
  }
});

test('a rejected draft: two attempts with their verdicts and costs', async () => {
  const { agent, events } = listening(refusing);
  const result = await agent.run(CAPITAL);
  assert.deepEqual(types(events), ['planned', 'attempt', 'attempt', 'completed']);
  const attempts = events.filter((event) => event.type === 'attempt').map((at) => at.attempt);
  assert.deepEqual(attempts, result.attempts);
  assert.deepEqual(
    attempts.map((attempt) => attempt.outcome),
    ['rejected', 'accepted'],
  );
  assert.equal(attempts[0].verdict.checks.at(-1).reason, 'not today');
  const total = attempts.reduce((sum, attempt) => sum + attempt.cost, 0);
  assert.ok(Math.abs(total - result.totalCost) < 1e-12);
});

test('a run at once tells as one that waits', async () => {
  const models = [
    { name: 'm', provider: 'cascadeflow-instant', cost: 1, extra: { content: PARIS.content } },
  ];
  const events = [];
  const agent = new CascadeAgent({ models, onEvent: (event) => events.push(event) });
  await agent.run(CAPITAL);
  assert.deepEqual(types(events), ['planned', 'attempt', 'completed']);
});

test('a failed run: its attempts, then kind and message', async () => {
  const broken = register(
    answering(() => {
      throw new Error('no luck');
    }),
  );
  const { agent, events } = listening({}, broken);
  await assert.rejects(agent.run(CAPITAL), (error) => {
    assert.deepEqual(types(events), ['planned', 'attempt', 'attempt', 'failed']);
    assert.equal(events[3].kind, error.kind);
    assert.equal(events[1].attempt.errorKind, 'user_code');
    assert.match(events[1].attempt.error, /no luck/);
    assert.ok(events[3].message.length > 0);
    return true;
  });
});

test('a cancelled run is told as failed', async () => {
  const { agent, events } = listening({}, register(answering(() => new Promise(() => {}))));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(agent.run(CAPITAL, { signal: controller.signal }), { name: 'AbortError' });
  assert.equal(events.at(-1).type, 'failed');
  assert.equal(events.at(-1).kind, 'cancelled');
});

test('a stream tells as a run, and that it was left', async () => {
  const { agent, events } = listening(refusing);
  for await (const event of agent.streamEvents(CAPITAL)) {
    if (event.type === 'complete') {
      assert.deepEqual(types(events), ['planned', 'attempt', 'attempt', 'completed']);
      assert.equal(events[3].result.totalCost, event.data.result.totalCost);
    }
  }
  assert.equal(events.length, 4);
  for await (const event of agent.streamEvents(CAPITAL)) {
    if (event.type === 'routing') break;
  }
  await eventually(() => events.at(-1).type === 'failed', 'the end of the stream is heard');
  assert.equal(events.at(-1).kind, 'cancelled');
});

test('a batch tells every run once, before it is over', async () => {
  const { agent, events } = listening();
  const queries = Array.from({ length: 20 }, (_, n) => `What is the capital of country ${n}?`);
  const batch = await agent.runBatch(queries, { maxParallel: 5 });
  assert.equal(batch.successCount, 20);
  const count = (type) => events.filter((event) => event.type === type).length;
  assert.equal(count('planned'), 20);
  assert.equal(count('completed'), 20);
  const attempts = batch.results.reduce((sum, result) => sum + result.attempts.length, 0);
  assert.equal(count('attempt'), attempts);
});

test('a listener that throws or rejects warns and breaks nothing', async () => {
  const warnings = [];
  const hear = (warning) => warnings.push(warning);
  process.on('warning', hear);
  try {
    for (const onEvent of [
      () => {
        throw new Error('my log is full');
      },
      async () => {
        throw new Error('my log is full');
      },
      () => Promise.reject('my log is full'),
    ]) {
      warnings.length = 0;
      const agent = new CascadeAgent(pair(provider, { onEvent }));
      assert.equal((await agent.run(CAPITAL)).content, PARIS.content);
      await eventually(() => warnings.length === 3, 'each event warns');
      for (const warning of warnings) {
        assert.equal(warning.name, 'CascadeflowWarning');
        assert.match(warning.message, /`onEvent` threw: my log is full/);
      }
    }
  } finally {
    process.off('warning', hear);
  }
});

test('a listener may run the agent', async () => {
  const inner = [];
  let agent;
  agent = new CascadeAgent(
    pair(provider, {
      onEvent: (event) => {
        if (event.type === 'planned' && inner.length === 0) inner.push(agent.run('Two plus two?'));
      },
    }),
  );
  await agent.run(CAPITAL);
  assert.equal((await inner[0]).content, PARIS.content);
});

test('a listener that is no function is refused', () => {
  for (const onEvent of [5, null, {}, 'log']) {
    assert.throws(
      () => new CascadeAgent(pair(provider, { onEvent })),
      (error) => {
        assert.ok(error instanceof ConfigurationError, `${error}`);
        assert.equal(error.field, 'onEvent');
        return true;
      },
    );
  }
});
