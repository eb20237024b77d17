// What was saved, what will be spent, and what should not have been.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AnomalyDetector,
  AnomalySeverity,
  CascadeAgent,
  CostCalculator,
  CostForecaster,
  CostTracker,
  calculateCascadeCost,
  createAnomalyAlerts,
  DEFAULT_DEGRADATION_MAP,
  estimateCostSavings,
  getCheaperModel,
  getCheaperModels,
  getDegradationChain,
} from '../../dist/index.js';
import { counted, DAY, QUESTION } from './support.mjs';

function near(actual, expected) {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

const PRICED = {
  draftModel: { name: 'small', provider: 'custom', cost: 0.001 },
  verifierModel: { name: 'large', provider: 'custom', cost: 0.01 },
};

test('a rejected draft costs more than the verifier alone, and says so', async () => {
  const breakdown = await new CostCalculator().calculateFromTokens({
    ...PRICED,
    queryInputTokens: 50,
    draftOutputTokens: 100,
    verifierOutputTokens: 200,
    draftAccepted: false,
  });
  near(breakdown.draftCost, 0.00015);
  near(breakdown.verifierCost, 0.0025);
  near(breakdown.totalCost, 0.00265);
  near(breakdown.bigonlyCost, 0.0025);
  near(breakdown.costSaved, -0.00015);
  near(breakdown.savingsPercentage, -6);
  assert.deepEqual(
    [breakdown.draftTokens, breakdown.verifierTokens, breakdown.totalTokens],
    [150, 250, 400],
  );
  assert.equal(breakdown.draftAccepted, false);
  assert.equal(breakdown.metadata.draftModel, 'small');
});

test('an accepted draft saves; names are priced by the catalogue', async () => {
  const calculator = new CostCalculator();
  const accepted = { draftOutputTokens: 100, verifierOutputTokens: 0, draftAccepted: true };
  const own = await calculator.calculateFromTokens({
    ...PRICED,
    ...accepted,
    queryInputTokens: 50,
  });
  near(own.savingsPercentage, 90);
  const listed = await calculator.calculateFromTokens({
    ...accepted,
    draftModel: 'gpt-4o-mini',
    verifierModel: 'gpt-4o',
    verifierProvider: 'openai',
  });
  assert.ok(listed.draftCost > 0 && listed.savingsPercentage > 80);
  await assert.rejects(
    calculator.calculateFromTokens({
      ...accepted,
      draftModel: 'nobody-knows',
      verifierModel: 'gpt-4o',
    }),
    { name: 'ConfigurationError', field: 'cost' },
  );
  await assert.rejects(
    calculator.calculateFromTokens({ ...PRICED, ...accepted, draftOutputTokens: -1 }),
    { name: 'ConfigurationError' },
  );
});

test('the breakdown of a result is what it cost', async () => {
  const { provider } = counted();
  const agent = new CascadeAgent({
    models: [
      { name: 'small', provider, cost: 0.001 },
      { name: 'large', provider, cost: 0.01 },
    ],
    qualityChecks: [{ name: 'no', check: () => false }],
  });
  const result = await agent.run(QUESTION);
  const breakdown = calculateCascadeCost(result, QUESTION);
  near(breakdown.draftCost, 0.0001);
  near(breakdown.verifierCost, 0.001);
  near(breakdown.costSaved, -0.0001);
  near(breakdown.savingsPercentage, -10);
  assert.deepEqual([breakdown.draftTokens, breakdown.verifierTokens], [100, 100]);
  assert.equal(breakdown.wasCascaded, true);
});

test('tokens are estimated by words', () => {
  const texts = ['', 'a', 'hello world', 'word '.repeat(100)];
  assert.deepEqual(texts.map(CostCalculator.estimateTokens), [0, 1, 2, 130]);
});

test('cheaper models', () => {
  assert.equal(DEFAULT_DEGRADATION_MAP['gpt-4'], 'gpt-4o-mini');
  assert.equal(DEFAULT_DEGRADATION_MAP['gpt-3.5-turbo'], null);
  assert.equal(getCheaperModel('gpt-4'), 'gpt-4o-mini');
  assert.equal(getCheaperModel('gpt-3.5-turbo'), null);
  assert.equal(getCheaperModel('a', { a: 'b', b: null }), 'b');
  assert.deepEqual(getDegradationChain('a', { a: 'b', b: 'a' }), ['a', 'b']);
  assert.equal(getDegradationChain('gpt-4')[0], 'gpt-4');
  assert.ok(estimateCostSavings('gpt-4', 'gpt-4o-mini') > 0.9);
  assert.equal(estimateCostSavings('gpt-4o-mini', 'gpt-4'), 0);
  assert.equal(estimateCostSavings('nobody-knows', 'gpt-4'), null);
  const models = [
    { name: 'free', provider: 'custom', cost: 0 },
    { name: 'small', provider: 'custom', cost: 0.001 },
    { name: 'large', provider: 'custom', cost: 0.01 },
  ];
  const found = getCheaperModels(models, 'large', { inputTokens: 500, outputTokens: 500 });
  assert.deepEqual(
    found.map(({ model, cost }) => [model.name, cost]),
    [
      ['free', 0],
      ['small', 0.001],
    ],
  );
  near(found[0].saving, 1);
  near(found[1].saving, 0.9);
  assert.equal(found[0].model, models[0]);
  assert.deepEqual(getCheaperModels(models, 'free'), []);
  assert.deepEqual(getCheaperModels(models, 'unknown'), []);
});

/** A tracker with a cost on each of the last days, the oldest first. */
function history(costs, userId = 'ada') {
  const tracker = new CostTracker();
  costs.forEach((cost, at) => {
    const timestamp = Date.now() - (costs.length - at) * DAY;
    tracker.addCost({ model: 'm', provider: 'p', cost, userId, timestamp });
  });
  return tracker;
}

test('a steady spending is forecast to go on', () => {
  const tracker = history(Array.from({ length: 20 }, () => 2));
  for (const source of [tracker, { entries: tracker.entries }]) {
    const forecaster = new CostForecaster(source);
    const forecast = forecaster.forecastDaily(7);
    near(Math.round(forecast.predictedCost * 1e6) / 1e6, 14);
    assert.equal(forecast.trend, 'stable');
    assert.equal(forecast.periodDays, 7);
    assert.equal(forecast.metadata.days.length, 7);
    assert.ok(forecast.lowerBound <= 14.000001 && forecast.upperBound >= 13.999999);
    assert.deepEqual(forecaster.forecastUser('nobody', 3).metadata.error, 'insufficient_data');
    const [days, confidence] = forecaster.calculateBudgetRunway(20, 'ada');
    assert.ok(days >= 9 && days <= 11, `${days}`);
    assert.ok(confidence > 0.9);
    const outlook = forecaster.budgetOutlook(100, 80);
    assert.equal(outlook.remaining, 20);
    assert.equal(outlook.exhausted, false);
    assert.ok(outlook.daysLeft >= 9 && outlook.daysLeft <= 11);
    assert.ok(!Number.isNaN(Date.parse(outlook.expectedDay)));
  }
});

test('little data forecasts nothing, and bad options are refused', () => {
  const forecast = new CostForecaster(history([1, 1])).forecastDaily();
  assert.deepEqual([forecast.predictedCost, forecast.confidence], [0, 0]);
  assert.equal(forecast.metadata.error, 'insufficient_data');
  assert.equal(forecast.metadata.required, 7);
  assert.throws(() => new CostForecaster(new CostTracker(), { alpha: 2 }), { field: 'alpha' });
});

test('a spike stands out, in all and by user', () => {
  const tracker = new CostTracker();
  for (let at = 0; at < 30; at += 1) {
    const timestamp = new Date(Date.now() - (40 - at) * 3_600_000);
    const cost = at === 20 ? 9 : 1 + (at % 3) * 0.01;
    tracker.addCost({ model: 'm', provider: 'p', cost, userId: 'ada', timestamp });
    tracker.addCost({ model: 'm', provider: 'p', cost: 1, userId: 'bob', timestamp });
  }
  for (const source of [tracker, { entries: tracker.entries }]) {
    for (const method of ['z_score', 'robust']) {
      const detector = new AnomalyDetector(source, { method });
      const [found] = detector.detectGlobalAnomalies();
      assert.equal(found.value, 9);
      assert.equal(found.severity, AnomalySeverity.CRITICAL);
      assert.ok(found.timestamp instanceof Date);
      assert.ok(!('userId' in found));
      const byUser = detector.detectAllUsers();
      assert.deepEqual(Object.keys(byUser), ['ada']);
      assert.equal(byUser.ada[0].userId, 'ada');
      const [alert] = createAnomalyAlerts(byUser.ada, 'high');
      assert.equal(alert.title, 'CRITICAL Cost Anomaly Detected');
      assert.equal(alert.userId, 'ada');
      assert.equal(alert.value, 9);
      assert.equal(alert.timestamp, found.timestamp.toISOString());
    }
  }
  assert.deepEqual(new AnomalyDetector(history([1, 9])).detectGlobalAnomalies(), []);
  assert.throws(() => new AnomalyDetector(tracker, { method: 'guess' }));
  assert.throws(() => new AnomalyDetector(tracker, { sensitivity: -1 }), { field: 'sensitivity' });
});
