// Callbacks that decide whether a run may spend.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  BudgetExceededError,
  CascadeAgent,
  ConfigurationError,
  CostTracker,
  EnforcementAction,
  EnforcementCallbacks,
  gracefulDegradation,
  strictBudgetEnforcement,
  tierBasedEnforcement,
} from '../../dist/index.js';
import { counted, QUESTION, single } from './support.mjs';

/** The warnings of the process while `work` runs. */
async function warningsOf(work) {
  const heard = [];
  const listen = (warning) => heard.push(warning.message);
  process.on('warning', listen);
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('warning', listen);
  }
  return heard;
}

function pairOf(provider, rest) {
  return new CascadeAgent({
    models: [
      { name: 'small', provider, cost: 0.001, maxTokens: 90 },
      { name: 'large', provider, cost: 0.01, maxTokens: 90 },
    ],
    ...rest,
  });
}

test('a callback sees the run and its tightest budget', async () => {
  const seen = [];
  const costTracker = new CostTracker({ userBudgets: { ada: { daily: 1, total: 100 } } });
  costTracker.addCost({ model: 'm', provider: 'p', cost: 0.25, userId: 'ada' });
  const enforcementCallbacks = new EnforcementCallbacks({
    onBudgetCheck: (context) => {
      seen.push(context);
    },
  });
  const agent = single({ costTracker, enforcementCallbacks });
  await agent.run(QUESTION, { userId: 'ada', userTier: 'pro', metadata: { page: 1 } });
  const [context] = seen;
  assert.equal(seen.length, 1);
  assert.deepEqual(
    [context.userId, context.userTier, context.periodName, context.budgetLimit],
    ['ada', 'pro', 'daily', 1],
  );
  assert.deepEqual(
    [context.budgetUsed, context.currentCost, context.budgetRemaining],
    [0.25, 0.25, 0.75],
  );
  assert.deepEqual([context.budgetPctUsed, context.budgetUsedPct], [0.25, 25]);
  assert.equal(context.budgetExceeded, false);
  assert.equal(context.model, 'only');
  assert.equal(context.query, QUESTION);
  assert.deepEqual(context.metadata, { page: 1 });
  assert.equal(context.totalRequests, 1);
  assert.ok(context.estimatedCost > 0 && context.tokens > 90);
  assert.ok(context.resetsAt > new Date());
});

test('without a budget there is no limit', async () => {
  const seen = [];
  const onBudgetCheck = (context) => {
    seen.push(context);
  };
  await single({ enforcementCallbacks: new EnforcementCallbacks({ onBudgetCheck }) }).run(QUESTION);
  assert.equal(seen[0].budgetRemaining, Number.POSITIVE_INFINITY);
  assert.ok(!('budgetLimit' in seen[0]) && !('resetsAt' in seen[0]));
});

const BLOCKS = {
  'its name': () => 'block',
  'the constant': () => EnforcementAction.BLOCK,
  'a pair': () => ['block', 'pay first'],
  'an object': () => ({ action: 'block', message: 'pay first' }),
  'a promise': async () => ['block', 'pay first'],
  'a later promise': () =>
    new Promise((resolve) => setTimeout(() => resolve({ action: 'block' }), 5)),
};

for (const [form, onBudgetCheck] of Object.entries(BLOCKS)) {
  test(`a block counts in every mode, as ${form}`, async () => {
    const { provider, calls } = counted();
    const enforcementCallbacks = new EnforcementCallbacks({ onBudgetCheck });
    for (const rest of [
      { enforcementCallbacks },
      { costTracker: new CostTracker({ enforcementCallbacks }) },
    ]) {
      await assert.rejects(single(rest, provider).run(QUESTION), (error) => {
        assert.ok(error instanceof BudgetExceededError, `${error}`);
        return true;
      });
    }
    assert.deepEqual(calls, []);
  });
}

test('the message of a block reaches the caller', async () => {
  const enforcementCallbacks = new EnforcementCallbacks({
    onBudgetCheck: () => ({ action: 'block', message: 'the card is declined' }),
  });
  await assert.rejects(single({ enforcementCallbacks }).run(QUESTION), /the card is declined/);
});

test('a degrade answers with the cheapest model', async () => {
  const { provider, calls } = counted();
  const enforcementCallbacks = new EnforcementCallbacks({ onBudgetCheck: () => 'degrade' });
  const result = await pairOf(provider, { enforcementCallbacks }).run(QUESTION, {
    forceDirect: true,
  });
  assert.equal(result.answerModel, 'small');
  assert.deepEqual(calls, ['small']);
});

test('a filter leaves models, as they are or by name', async () => {
  const { provider, calls } = counted();
  const offered = [];
  for (const onModelFilter of [
    (_, models) => {
      offered.push(models.map(({ name, cost }) => [name, cost]));
      return models.filter((model) => model.name === 'small');
    },
    async () => ['small'],
  ]) {
    const agent = pairOf(provider, {
      enforcementCallbacks: new EnforcementCallbacks({ onModelFilter }),
    });
    const result = await agent.run(QUESTION, { forceDirect: true });
    assert.equal(result.answerModel, 'small');
  }
  assert.deepEqual(calls, ['small', 'small']);
  assert.deepEqual(offered, [
    [
      ['small', 0.001],
      ['large', 0.01],
    ],
  ]);
  const none = new EnforcementCallbacks({ onModelFilter: () => [] });
  await assert.rejects(
    pairOf(provider, { enforcementCallbacks: none }).run(QUESTION),
    BudgetExceededError,
  );
});

test('the first answer other than allow counts', async () => {
  const asked = [];
  const callbacks = new EnforcementCallbacks({
    onBudgetCheck: () => {
      asked.push('hook');
      return 'allow';
    },
  });
  const warns = () => {
    asked.push('warns');
    return ['warn', 'slowly'];
  };
  const blocks = () => {
    asked.push('blocks');
    return 'block';
  };
  callbacks.register(warns);
  callbacks.register(blocks);
  assert.deepEqual(await callbacks.checkBudget({ userId: 'ada' }), ['warn', 'slowly']);
  assert.deepEqual(asked, ['hook', 'warns']);
  callbacks.unregister(warns);
  callbacks.unregister(warns);
  assert.equal(await callbacks.check({}), 'block');
  assert.deepEqual(callbacks.callbacks, [blocks]);
  callbacks.clear();
  assert.equal(await callbacks.check({}), 'allow');
  assert.deepEqual(callbacks.getStats(), { registeredCallbacks: 1, totalChecks: 3, failures: 0 });
});

const FAULTS = {
  throws: () => {
    throw new Error('the database is away');
  },
  rejects: async () => {
    throw new Error('the database is away');
  },
  hangs: () => new Promise(() => {}),
  'returns a number': () => 3,
  'returns a function': () => () => 'block',
  'returns an unknown word': () => 'deny',
  'returns an empty object': () => ({}),
  'returns NaN': () => Number.NaN,
  'returns a circle': () => {
    const circle = {};
    circle.self = circle;
    return circle;
  },
};

for (const [fault, onBudgetCheck] of Object.entries(FAULTS)) {
  test(`a callback that ${fault} is passed over, or blocks`, async () => {
    const { provider } = counted();
    const open = new EnforcementCallbacks({ onBudgetCheck, timeLimitMs: 50 });
    const warned = await warningsOf(async () => {
      await single({ enforcementCallbacks: open }, provider).run(QUESTION);
    });
    assert.equal(open.getStats().failures, 1);
    assert.ok(
      warned.some((text) => text.startsWith('an enforcement callback failed')),
      `${warned}`,
    );
    const closed = new EnforcementCallbacks({ onBudgetCheck, timeLimitMs: 50, failOpen: false });
    await warningsOf(() =>
      assert.rejects(single({ enforcementCallbacks: closed }, provider).run(QUESTION), (error) => {
        assert.ok(error instanceof BudgetExceededError, `${error}`);
        return true;
      }),
    );
  });
}

test('a filter that names an unknown model is a failure', async () => {
  const { provider } = counted();
  const callbacks = (failOpen) =>
    new EnforcementCallbacks({ onModelFilter: () => ['unknown'], failOpen });
  await warningsOf(async () => {
    await pairOf(provider, { enforcementCallbacks: callbacks(true) }).run(QUESTION);
    await assert.rejects(
      pairOf(provider, { enforcementCallbacks: callbacks(false) }).run(QUESTION),
      BudgetExceededError,
    );
  });
});

test('warnings are heard before the run is over, of costs from outside too', async () => {
  const heard = [];
  const enforcementCallbacks = new EnforcementCallbacks({
    onBudgetWarning: (context, warning) =>
      heard.push([context.userId, context.metadata.warning, warning]),
  });
  const costTracker = new CostTracker({
    userBudgets: { ada: { daily: 0.001 }, bob: { daily: 1 } },
    enforcementCallbacks,
  });
  await single({ costTracker }).run(QUESTION, { userId: 'ada' });
  assert.equal(heard.length, 2);
  assert.equal(heard[0][0], 'ada');
  assert.match(heard[0][2], /80 %/);
  assert.equal(heard[0][1], heard[0][2]);
  costTracker.addCost({ model: 'm', provider: 'p', cost: 0.85, userId: 'bob' });
  await costTracker.flush();
  assert.equal(heard.length, 3);
  assert.equal(heard[2][0], 'bob');
});

test('a callback may use the agent that asks it', async () => {
  const { provider, calls } = counted();
  const own = single({}, provider);
  let agent;
  const enforcementCallbacks = new EnforcementCallbacks({
    onBudgetCheck: async ({ metadata }) => {
      if (metadata.inner) return 'allow';
      await own.run(QUESTION);
      await agent.run(QUESTION, { metadata: { inner: true } });
      return 'allow';
    },
  });
  agent = single({ enforcementCallbacks }, provider);
  await agent.run(QUESTION);
  assert.equal(calls.length, 3);
});

test('`canAfford` asks synchronous callbacks, `canAffordAsync` all', async () => {
  const budgets = { userBudgets: { ada: { daily: 1 } } };
  const blocking = new CostTracker({
    ...budgets,
    enforcementCallbacks: new EnforcementCallbacks({ onBudgetCheck: () => ['block', 'no card'] }),
  });
  assert.deepEqual([...blocking.canAfford('ada', 0.1)], [false, 'block', 'no card']);
  const later = new CostTracker({
    ...budgets,
    enforcementCallbacks: new EnforcementCallbacks({
      onBudgetCheck: async () => ['degrade', 'cheaply'],
    }),
  });
  assert.throws(() => later.canAfford('ada', 0.1), /canAffordAsync/);
  const found = await later.canAffordAsync('ada', 0.1);
  assert.deepEqual([...found], [true, 'degrade', 'cheaply']);
});

test('the ready-made callbacks decide as documented', async () => {
  const at = (budgetPctUsed, userTier) => ({
    userTier,
    budgetPctUsed,
    budgetLimit: 1,
    budgetUsed: budgetPctUsed,
    budgetExceeded: budgetPctUsed > 1,
  });
  const decisions = (decide, tier) =>
    [0.5, 0.85, 0.95, 1.2].map((share) => decide(at(share, tier)));
  assert.deepEqual(decisions(strictBudgetEnforcement), ['allow', 'warn', 'warn', 'block']);
  assert.deepEqual(decisions(gracefulDegradation), ['allow', 'warn', 'degrade', 'block']);
  assert.deepEqual(decisions(tierBasedEnforcement, 'free'), ['allow', 'warn', 'warn', 'block']);
  assert.deepEqual(decisions(tierBasedEnforcement, 'pro'), ['allow', 'allow', 'warn', 'degrade']);
  assert.deepEqual(decisions(tierBasedEnforcement, 'enterprise'), [
    'allow',
    'allow',
    'warn',
    'warn',
  ]);
  assert.deepEqual(decisions(tierBasedEnforcement), ['allow', 'allow', 'allow', 'allow']);
  const callbacks = new EnforcementCallbacks();
  assert.equal((await callbacks.checkBudget(at(1)))[0], 'block');
  assert.equal((await callbacks.checkBudget(at(0.95)))[0], 'warn');
  assert.equal((await callbacks.checkBudget(at(0.5)))[0], 'allow');
  callbacks.register(gracefulDegradation);
  assert.equal(await callbacks.check(at(0.95)), 'degrade');
});

test('a ready-made callback holds an agent to its budget', async () => {
  const { provider } = counted();
  const enforcementCallbacks = new EnforcementCallbacks();
  enforcementCallbacks.register(gracefulDegradation);
  const costTracker = new CostTracker({ userBudgets: { ada: { daily: 1 } }, enforcementCallbacks });
  const agent = pairOf(provider, { costTracker });
  const options = { userId: 'ada', forceDirect: true };
  costTracker.addCost({ model: 'm', provider: 'p', cost: 0.92, userId: 'ada' });
  assert.equal((await agent.run(QUESTION, options)).answerModel, 'small');
  costTracker.addCost({ model: 'm', provider: 'p', cost: 0.2, userId: 'ada' });
  await assert.rejects(agent.run(QUESTION, options), BudgetExceededError);
});

test('bad options are refused by name', () => {
  const cases = [
    [{ onBudgetCheck: 'block' }, 'onBudgetCheck'],
    [{ onModelFilter: 1 }, 'onModelFilter'],
    [{ onBudgetWarning: {} }, 'onBudgetWarning'],
    [{ timeLimitMs: 0 }, 'timeLimitMs'],
    [{ timeLimitMs: -1 }, 'timeLimitMs'],
    [{ onCheck: () => 'allow' }, 'onCheck'],
  ];
  for (const [options, field] of cases) {
    assert.throws(
      () => new EnforcementCallbacks(options),
      (error) => {
        assert.ok(error instanceof ConfigurationError, `${error}`);
        assert.equal(error.field, field);
        return true;
      },
    );
  }
  assert.throws(() => new EnforcementCallbacks().register(undefined), { field: 'callback' });
});

test('callbacks and listeners do not keep the process alive', () => {
  const source = `
    import * as core from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const enforcementCallbacks = new core.EnforcementCallbacks({
      onBudgetCheck: () => 'allow', onBudgetWarning: () => {},
    });
    const callbacks = new core.CallbackManager();
    callbacks.register('query_start', () => {});
    new core.RateLimiter();
    const costTracker = new core.CostTracker({ enforcementCallbacks, onWarning: () => {} });
    core.providerRegistry.register('own', class {
      name = 'own';
      isAvailable() { return true; }
      calculateCost() { return 0; }
      async generate() { return { content: 'Paris.', model: 'own' }; }
    });
    const agent = new core.CascadeAgent({
      models: [{ name: 'own', provider: 'own', cost: 0.001 }], costTracker, callbacks,
    });
    await agent.run('What is the capital of France?');
    console.log('done', costTracker.entries.length);
  `;
  const run = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
    timeout: 20_000,
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  assert.equal(run.status, 0, run.stderr);
  assert.equal(run.stdout.trim(), 'done 1');
});
