// Agents held to budgets.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  BudgetExceededError,
  CascadeAgent,
  ConfigurationError,
  CostTracker,
  ManualClock,
  RateLimitError,
} from '../../dist/index.js';
import { answering, register } from '../support/classes.mjs';
import { counted, DAY, failing, NOON, QUESTION, settledAll, single } from './support.mjs';

const folder = mkdtempSync(join(tmpdir(), 'budgets-'));
after(() => rmSync(folder, { recursive: true }));

/** The worst case of a run of `single`: as much as one call takes, found out without a budget. */
async function worstCase() {
  const tracker = new CostTracker({ userBudgets: { ada: { total: 1 } }, enforcementMode: 'block' });
  const { provider } = counted();
  const agent = single({ costTracker: tracker }, provider);
  const result = await agent.run(QUESTION, { userId: 'ada' });
  const reserved = result.trace.find((step) => step.decision === 'reserve');
  return Number(/worst case ([\d.]+) USD/.exec(reserved.reason)[1]);
}

const WORST = await worstCase();

test('one model without a cascade is accounted', async () => {
  const costTracker = new CostTracker({ userBudgets: { ada: { daily: 1 } } });
  const agent = single({ costTracker });
  assert.equal(agent.costTracker, costTracker);
  const options = { userId: 'ada', userTier: 'pro', sessionId: 's1', keyId: 'k1', tenantId: 't1' };
  const result = await agent.run(QUESTION, { ...options, metadata: { page: 3 } });
  assert.equal(result.totalCost, 0.001);
  assert.equal(costTracker.totalCost, 0.001);
  const [entry] = costTracker.entries;
  const { id, timestamp, queryId, ...rest } = entry;
  assert.ok(id > 0 && timestamp instanceof Date && queryId.length > 0);
  assert.deepEqual(rest, {
    model: 'only',
    provider: agent.getModels()[0].provider,
    tokens: 100,
    cost: 0.001,
    metadata: { page: 3 },
    role: 'direct',
    ...options,
  });
});

test('a cascade books every call, and the agent needs no tracker', async () => {
  const { provider } = counted();
  const costTracker = new CostTracker();
  const models = [
    { name: 'small', provider, cost: 0.001 },
    { name: 'large', provider, cost: 0.01 },
  ];
  const agent = new CascadeAgent({
    models,
    costTracker,
    qualityChecks: [{ name: 'no', check: () => false }],
  });
  const result = await agent.run(QUESTION, { userId: 'ada' });
  assert.deepEqual(
    costTracker.entries.map(({ role, model }) => [role, model]),
    [
      ['draft', 'small'],
      ['verifier', 'large'],
    ],
  );
  assert.equal(costTracker.totalCost, result.totalCost);
  assert.equal(new CascadeAgent({ models }).costTracker, undefined);
});

test('a refusal says whose budget it was, how it stands and when it resets', async () => {
  const { provider, calls } = counted();
  const costTracker = new CostTracker({
    userBudgets: { ada: { daily: 0.0005 } },
    enforcementMode: 'block',
    clock: new ManualClock(NOON),
  });
  const agent = single({ costTracker }, provider);
  await assert.rejects(agent.run(QUESTION, { userId: 'ada' }), (error) => {
    assert.ok(error instanceof BudgetExceededError, `${error}`);
    assert.equal(error.kind, 'budget');
    assert.equal(error.reason, 'budget_exceeded');
    assert.deepEqual(
      [error.limit, error.used, error.reserved, error.remaining],
      [0.0005, 0, 0, 0.0005],
    );
    assert.deepEqual([error.measure, error.window], ['cost', 'day']);
    assert.deepEqual([error.ownerKind, error.ownerId], ['user', 'ada']);
    assert.deepEqual(error.resetAt, new Date(NOON + DAY / 2));
    assert.equal(error.retryAfter, DAY / 2 / 1000);
    assert.equal(error.field, 'daily');
    assert.ok(error.hint);
    return true;
  });
  assert.deepEqual(calls, []);
  assert.equal(costTracker.totalCost, 0);
  // Nobody else is refused.
  await agent.run(QUESTION, { userId: 'bob' });
});

test('limits of requests and of tokens refuse as rate limits', async () => {
  for (const [budget, measure] of [
    [{ requestsPerMinute: 2 }, 'requests'],
    [{ tokensPerDay: 450 }, 'tokens'],
  ]) {
    const clock = new ManualClock(NOON);
    const costTracker = new CostTracker({
      userBudgets: { ada: budget },
      enforcementMode: 'block',
      clock,
    });
    const agent = single({ costTracker });
    const ran = await settledAll(
      Array.from({ length: 8 }, () => agent.run(QUESTION, { userId: 'ada' })),
    );
    assert.ok(ran.fulfilled.length >= 1 && ran.rejected.length >= 1);
    for (const error of ran.rejected) {
      assert.ok(error instanceof RateLimitError, `${error}`);
      assert.equal(error.kind, 'rate_limit');
      assert.equal(error.measure, measure);
      assert.ok(error.retryAfter > 0 && error.resetAt > new Date(NOON));
      assert.ok(error.limit > 0 && error.used <= error.limit);
    }
    clock.advance(DAY);
    await agent.run(QUESTION, { userId: 'ada' });
  }
});

test('the mode `warn` refuses nothing', async () => {
  const costTracker = new CostTracker({
    userBudgets: { ada: { daily: 0.0001, requestsPerDay: 1 } },
  });
  const agent = single({ costTracker });
  for (let at = 0; at < 3; at += 1) await agent.run(QUESTION, { userId: 'ada' });
  assert.equal(costTracker.totalCost, 0.003);
  assert.equal(costTracker.getUserSummary('ada').budgetExceeded, true);
});

test('what is free passes a budget that is used up', async () => {
  const { provider } = counted();
  const costTracker = new CostTracker({ budgetLimit: 0, enforcementMode: 'block' });
  const agent = new CascadeAgent({ models: [{ name: 'own', provider, cost: 0 }], costTracker });
  const result = await agent.run(QUESTION);
  assert.equal(result.totalCost, 0);
  assert.equal(costTracker.entries.length, 1);
});

test('the mode `degrade` answers with the cheapest model before it refuses', async () => {
  const { provider, calls } = counted();
  const costTracker = new CostTracker({
    userBudgets: { ada: { daily: 1 } },
    enforcementMode: 'degrade',
  });
  const agent = new CascadeAgent({
    models: [
      { name: 'small', provider, cost: 0.001, maxTokens: 90 },
      { name: 'large', provider, cost: 0.01, maxTokens: 90 },
    ],
    costTracker,
  });
  const options = { userId: 'ada', forceDirect: true };
  assert.equal((await agent.run(QUESTION, options)).answerModel, 'large');
  costTracker.addCost({ model: 'm', provider: 'p', cost: 0.92, userId: 'ada' });
  const result = await agent.run(QUESTION, options);
  assert.equal(result.answerModel, 'small');
  assert.deepEqual(calls, ['large', 'small']);
  const step = result.trace.find(({ decision }) => decision === 'degrade');
  assert.match(step.reason, /90 %.*small answers/);
  costTracker.addCost({ model: 'm', provider: 'p', cost: 0.08, userId: 'ada' });
  await assert.rejects(agent.run(QUESTION, options), BudgetExceededError);
});

const STORES = { memory: () => undefined, sqlite: (name) => join(folder, `${name}.db`) };

for (const [kind, store] of Object.entries(STORES)) {
  test(`200 runs at once on a budget for ten never pass it: ${kind}`, async () => {
    const { provider, calls } = counted(2);
    const limit = Number((WORST * 10).toFixed(9));
    const costTracker = new CostTracker({
      store: store('runs'),
      userBudgets: { ada: { daily: limit } },
      enforcementMode: 'block',
    });
    const agent = single({ costTracker }, provider);
    const runs = Array.from({ length: 200 }, () => agent.run(QUESTION, { userId: 'ada' }));
    const { fulfilled, rejected } = await settledAll(runs);
    assert.ok(fulfilled.length >= 10, `${fulfilled.length} ran`);
    assert.equal(fulfilled.length + rejected.length, 200);
    assert.equal(calls.length, fulfilled.length);
    for (const error of rejected) assert.ok(error instanceof BudgetExceededError, `${error}`);
    await costTracker.flush();
    const { cost, reserved } = costTracker.getUserSummary('ada').periodCosts.daily;
    assert.ok(cost <= limit, `${cost} of ${limit}`);
    assert.equal(reserved, 0);
    assert.equal(costTracker.entries.length, fulfilled.length);
  });

  test(`200 streams at once on a budget for ten never pass it: ${kind}`, async () => {
    const { provider, calls } = counted(2);
    const limit = Number((WORST * 10).toFixed(9));
    const costTracker = new CostTracker({
      store: store('streams'),
      userBudgets: { ada: { daily: limit } },
      enforcementMode: 'block',
    });
    const agent = single({ costTracker }, provider);
    const one = async () => {
      for await (const event of agent.streamEvents(QUESTION, { userId: 'ada' })) {
        if (event.type === 'error') throw event.data.exception;
        if (event.type === 'complete') return event.data.result;
      }
      throw new Error('no end');
    };
    const { fulfilled, rejected } = await settledAll(Array.from({ length: 200 }, one));
    assert.ok(fulfilled.length >= 10, `${fulfilled.length} ran`);
    assert.equal(calls.length, fulfilled.length);
    for (const error of rejected) assert.ok(error instanceof BudgetExceededError, `${error}`);
    await costTracker.flush();
    assert.ok(costTracker.totalCost <= limit);
    assert.equal(costTracker.getUserSummary('ada').periodCosts.daily.reserved, 0);
  });

  test(`a batch of 200 on a budget for ten never passes it: ${kind}`, async () => {
    const { provider, calls } = counted(1);
    const limit = Number((WORST * 10).toFixed(9));
    const costTracker = new CostTracker({
      store: store('batch'),
      sessionBudgets: { s1: { total: limit } },
      enforcementMode: 'block',
    });
    const agent = single({ costTracker }, provider);
    const queries = Array.from({ length: 200 }, (_, at) => `${QUESTION} ${at}`);
    const report = await agent.runBatch(
      queries,
      { maxParallel: 50, batchSize: 50 },
      { sessionId: 's1' },
    );
    const failed = report.exceptions.filter((error) => error);
    assert.equal(report.successCount + failed.length, 200);
    assert.equal(report.successCount, calls.length);
    assert.ok(failed.length > 0);
    for (const error of failed) assert.ok(error instanceof BudgetExceededError, `${error}`);
    await costTracker.flush();
    assert.ok(costTracker.totalCost <= limit, `${costTracker.totalCost}`);
  });
}

test('a stream that is left gives back what it had set aside', async () => {
  const { provider } = counted();
  const costTracker = new CostTracker({ budgetLimit: 1, enforcementMode: 'block' });
  const agent = single({ costTracker, streamPolicy: 'optimistic' }, provider);
  for await (const event of agent.stream(QUESTION)) {
    if (event.type === 'chunk') break;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  const [standing] = costTracker.getStandings();
  assert.equal(standing.reserved, 0);
  assert.ok(standing.used > 0, 'what was used is not booked');
});

test('a run that fails gives back what it had set aside', async () => {
  const costTracker = new CostTracker({ budgetLimit: 1, enforcementMode: 'block' });
  await assert.rejects(single({ costTracker }, failing()).run(QUESTION));
  const [standing] = costTracker.getStandings();
  assert.deepEqual([standing.reserved, standing.used], [0, 0]);
});

test('what controls an agent must be what it says', () => {
  const cases = [
    'costTracker',
    'enforcementCallbacks',
    'callbacks',
    'metricsCollector',
    'traceLog',
  ];
  for (const option of cases) {
    assert.throws(
      () => single({ [option]: {} }),
      (error) => {
        assert.ok(error instanceof ConfigurationError, `${error}`);
        assert.equal(error.field, option);
        return true;
      },
    );
  }
});

test('an agent of a configuration with budgets has their tracker', async () => {
  const { provider } = counted();
  const path = join(folder, 'configured.db');
  const config = {
    models: [{ name: 'only', provider, cost: 0.01 }],
    budgets: { path, default_user_budget: { daily: 1 }, enforcement_mode: 'block' },
  };
  const agent = CascadeAgent.fromConfig(config);
  const result = await agent.run(QUESTION, { userId: 'ada' });
  assert.ok(agent.costTracker instanceof CostTracker);
  assert.equal(agent.costTracker.enforcementMode, 'block');
  assert.equal(agent.costTracker.byUser.ada, result.totalCost);
  assert.equal(agent.costTracker.canAfford('ada', 1).allowed, false);

  const own = new CostTracker();
  assert.equal(CascadeAgent.fromConfig(config, { costTracker: own }).costTracker, own);
  const { budgets, ...without } = config;
  assert.equal(CascadeAgent.fromConfig(without).costTracker, undefined);
  const wrong = { ...config, budgets: { default_user_budget: { daily: -1 } } };
  assert.throws(
    () => CascadeAgent.fromConfig(wrong),
    (error) => error.field === 'budgets.defaultUserBudget.daily',
  );
});

test('a provider that counts twenty tokens more a message passes no budget', async () => {
  const provider = register(
    answering(async ({ messages }) => {
      const prompt = messages.length * 21;
      const usage = { prompt_tokens: prompt, completion_tokens: 10, total_tokens: prompt + 10 };
      return { content: 'Paris.', model: 'only', usage };
    }),
  );
  const models = [{ name: 'only', provider, cost: 0.01, maxTokens: 10 }];
  const chat = ['system', 'user', 'assistant', 'user'].map((role) => ({ role, content: 'hi' }));
  for (const input of ['hi', chat]) {
    const { totalCost } = await new CascadeAgent({ models }).run(input);
    const daily = totalCost * 10;
    const costTracker = new CostTracker({
      userBudgets: { ada: { daily } },
      enforcementMode: 'block',
    });
    const agent = new CascadeAgent({ models, costTracker });
    const runs = Array.from({ length: 200 }, () => agent.run(input, { userId: 'ada' }));
    const { fulfilled, rejected } = await settledAll(runs);
    assert.ok(fulfilled.length > 0 && fulfilled.length <= 10, `${fulfilled.length} runs`);
    assert.ok(rejected.every((error) => error instanceof BudgetExceededError));
    assert.ok(costTracker.byUser.ada <= daily + 1e-12, `${costTracker.byUser.ada} of ${daily}`);
  }
});
