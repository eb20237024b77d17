// Users' routers: every form of a plan, and every way to fail.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CascadeAgent, ConfigurationError, TimeoutError } from '../dist/index.js';
import { answering, CAPITAL, PARIS, pair, register } from './support/classes.mjs';

const provider = register(answering(async (request) => ({ ...PARIS, model: request.model })));

function agentWith(router, rest = {}) {
  return new CascadeAgent(pair(provider, { router, ...rest }));
}

const PLANS = [
  ['large', 'direct', 'large'],
  [['small', 'large'], 'cascade', 'small'],
  [{ model: 'large', reason: 'mine' }, 'direct', 'large'],
  [{ models: ['small', 'large'], threshold: 0.1 }, 'cascade', 'small'],
  [{ steps: [{ model: 'small', gate: 'open' }], runAllSteps: true }, 'strategy', 'small'],
];

test('every form of a plan is followed, at once and later', async () => {
  for (const [plan, route, model] of PLANS) {
    for (const router of [() => plan, async () => plan, { name: 'object', route: () => plan }]) {
      const result = await agentWith(router).run(CAPITAL);
      assert.deepEqual([result.routingStrategy, result.answerModel], [route, model]);
      if (plan.reason) assert.equal(result.reason, 'mine');
      const decided = result.trace.find((step) => step.stage === 'route');
      assert.equal(decided.rule, 'custom_router');
    }
  }
});

test('nothing leaves the query to the next router, then to the standard one', async () => {
  const asked = [];
  const agent = agentWith([
    () => {
      asked.push('first');
    },
    {
      route(request) {
        asked.push('second');
        return request.query.includes('France') ? 'large' : null;
      },
    },
  ]);
  assert.equal((await agent.run(CAPITAL)).answerModel, 'large');
  const result = await agent.run('What is the capital of Italy?');
  assert.equal(result.routingStrategy, 'cascade');
  assert.deepEqual(asked, ['first', 'second', 'first', 'second']);
});

test('a router is given the query, the models and the options', async () => {
  const seen = [];
  const agent = agentWith((request) => {
    seen.push(request);
    return 'large';
  });
  await agent.run(CAPITAL, {
    complexityHint: 'hard',
    userTier: 'pro',
    timeout: 60000,
    metadata: { the_team: 'legal' },
  });
  const [request] = seen;
  assert.deepEqual(
    [request.query, request.complexity, request.verifier, request.cascadeEnabled],
    [CAPITAL, 'hard', 'large', true],
  );
  assert.deepEqual(
    request.models.map((model) => [model.name, model.cost, model.supportsTools]),
    [
      ['small', 0.0002, true],
      ['large', 0.005, true],
    ],
  );
  const { userTier, timeout, metadata } = request.options;
  assert.deepEqual([userTier, timeout, metadata], ['pro', 60000, { the_team: 'legal' }]);
});

test('plans, streams and a plan handed on are routed too', async () => {
  const agent = agentWith(() => 'large');
  const plan = await agent.plan(CAPITAL);
  assert.deepEqual([plan.route, plan.steps[0].models], ['direct', ['large']]);
  for await (const event of agent.streamEvents(CAPITAL)) {
    if (event.type === 'complete') assert.equal(event.data.result.answerModel, 'large');
  }
  const other = agentWith(() => plan);
  assert.equal((await other.run(CAPITAL)).answerModel, 'large');
});

const FAULTS = [
  [true, 'router', /its answer is `boolean`/],
  [7, 'router', /its answer is `number`/],
  ['huge', 'router.model', /unknown model: `huge`/],
  [['small', 'huge'], 'router.models[1]', /unknown model: `huge`/],
  [{ model: 'small', modle: 'large' }, 'router.modle', /unknown field/],
  [{ steps: [{ models: [] }] }, 'router.steps[0].models', /no models/],
];

test('a wrong answer is an error that names the router and the field', async () => {
  for (const [plan, field, text] of FAULTS) {
    for (const router of [
      function mine() {
        return plan;
      },
      async function mine() {
        return plan;
      },
    ]) {
      await assert.rejects(agentWith(router).run(CAPITAL), (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.deepEqual([error.kind, error.field], ['routing', field]);
        assert.match(error.message, /router `mine`/);
        assert.match(error.message, text);
        assert.ok(error.hint);
        assert.deepEqual(
          error.trace.map((step) => step.stage),
          ['analyse'],
        );
        return true;
      });
    }
  }
});

test('what a router throws or rejects with is told', async () => {
  const thrown = [
    function mine() {
      throw new Error('no tier');
    },
    async function mine() {
      throw new Error('no tier');
    },
  ];
  for (const router of thrown) {
    await assert.rejects(agentWith(router).run(CAPITAL), {
      kind: 'routing',
      field: 'router',
      message: /router `mine` failed: no tier/,
    });
  }
});

test('a router that hangs is named at the deadline', async () => {
  const hangs = { name: 'slow', route: () => new Promise(() => {}) };
  await assert.rejects(agentWith(hangs).run(CAPITAL, { timeout: 50 }), (error) => {
    assert.ok(error instanceof TimeoutError);
    assert.match(error.message, /router `slow` did not answer/);
    assert.equal(error.field, 'timeout');
    return true;
  });
});

test('what is no router is refused', () => {
  for (const router of [3, null, {}, ['small']]) {
    assert.throws(() => agentWith(router), { field: 'router' });
  }
});
