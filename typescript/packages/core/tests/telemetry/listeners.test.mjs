// What is told and kept of runs: callbacks, metrics, traces.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CallbackEvent,
  CallbackManager,
  ConfigurationError,
  ManualClock,
  MetricsCollector,
  TraceLog,
} from '../../dist/index.js';
import { counted, failing, HOUR, NOON, QUESTION, single } from './support.mjs';

test('callbacks hear of runs by name, before the run is over', async () => {
  const callbacks = new CallbackManager();
  const heard = [];
  for (const event of Object.values(CallbackEvent)) {
    callbacks.register(event, (data) => {
      heard.push(data);
    });
  }
  const agent = single({ callbacks });
  const before = Date.now();
  await agent.run(QUESTION, { userTier: 'pro', workflow: 'help' });
  const events = heard.map((data) => data.event);
  assert.equal(events[0], 'query_start');
  assert.equal(events.at(-1), 'query_complete');
  for (const event of ['complexity_detected', 'strategy_selected', 'model_call_complete']) {
    assert.ok(events.includes(event), `${events}`);
  }
  for (const data of heard) {
    assert.deepEqual([data.query, data.userTier, data.workflow], [QUESTION, 'pro', 'help']);
    assert.ok(data.timestamp >= before - 1 && data.timestamp <= Date.now() + 1);
  }
  const stats = callbacks.getStats();
  assert.equal(stats.totalTriggers, heard.length);
  assert.equal(stats.byEvent.query_start, 1);
  assert.equal(stats.byEvent.query_error, 0);
  assert.equal(stats.registeredEvents.length, 12);
});

test('callbacks hear of failures and of streams', async () => {
  const callbacks = new CallbackManager();
  const heard = [];
  callbacks.register('query_error', (data) => {
    heard.push(data.data.kind);
  });
  callbacks.register('model_call_error', () => {
    heard.push('call');
  });
  callbacks.register('query_complete', () => {
    heard.push('complete');
  });
  await assert.rejects(single({ callbacks }, failing()).run(QUESTION));
  assert.deepEqual(heard, ['call', heard[1]]);
  for await (const _ of single({ callbacks }).stream(QUESTION)) {
    // Only what the callbacks hear is of interest.
  }
  assert.equal(heard.at(-1), 'complete');
});

test('a callback that throws is counted and changes nothing', async () => {
  const callbacks = new CallbackManager();
  const heard = [];
  const listen = () => {};
  process.on('warning', listen);
  callbacks.register('query_start', () => {
    throw new Error('oh no');
  });
  callbacks.register('query_start', async () => {
    throw new Error('oh later');
  });
  callbacks.register('query_start', () => {
    heard.push('third');
  });
  await single({ callbacks }).run(QUESTION);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  assert.deepEqual(heard, ['third']);
  assert.equal(callbacks.getStats().callbackErrors, 2);
});

test('events can be triggered by hand, and are waited for', async () => {
  const callbacks = new CallbackManager();
  const heard = [];
  const listener = async (data) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    heard.push(data);
  };
  const own = { of: () => 'any kind' };
  callbacks.register(CallbackEvent.CACHE_HIT, listener);
  await callbacks.trigger(CallbackEvent.CACHE_HIT, 'q', own, 'free', 'w');
  assert.equal(heard[0].data, own);
  assert.deepEqual([heard[0].userTier, heard[0].workflow], ['free', 'w']);
  assert.equal(callbacks.getStats().byEvent.cache_hit, 1);
  callbacks.unregister(CallbackEvent.CACHE_HIT, listener);
  callbacks.unregister(CallbackEvent.CACHE_HIT, listener);
  await callbacks.trigger('cache_hit', 'q', {});
  assert.equal(heard.length, 1);
  assert.deepEqual(callbacks.getStats().registeredEvents, []);
  callbacks.resetStats();
  assert.equal(callbacks.getStats().totalTriggers, 0);
});

test('unknown events and listeners that are none are refused', async () => {
  const callbacks = new CallbackManager();
  assert.throws(() => callbacks.register('query_began', () => {}), ConfigurationError);
  assert.throws(() => callbacks.register('query_start', 'me'), { field: 'callback' });
  await assert.rejects(callbacks.trigger('nothing', '', {}), { field: 'event' });
});

test('nothing that nobody hears enters JavaScript', async () => {
  const callbacks = new CallbackManager();
  callbacks.register('query_error', () => assert.fail('nothing failed'));
  const agent = single({ callbacks });
  await agent.run(QUESTION);
  assert.equal(callbacks.getStats().byEvent.query_complete, 1);
});

test('metrics count the runs of an agent', async () => {
  const metricsCollector = new MetricsCollector();
  const agent = single({ metricsCollector });
  await agent.run(QUESTION, { userId: 'ada' });
  for await (const _ of agent.stream(QUESTION)) {
    // Only the figures are of interest.
  }
  await assert.rejects(single({ metricsCollector }, failing()).run(QUESTION));
  const summary = metricsCollector.getSummary();
  assert.deepEqual([summary.totalQueries, summary.failedQueries, summary.totalCost], [2, 1, 0.002]);
  assert.equal(summary.byUser.ada.queries, 1);
  assert.equal(summary.byModel.only.queries, 2);
  assert.equal(summary.totalTokens, 200);
  const snapshot = metricsCollector.getSnapshot();
  assert.equal(snapshot.totalQueries, 2);
  assert.equal(snapshot.totalCost, 0.002);
  assert.ok(!Number.isNaN(Date.parse(snapshot.timestamp)));
  assert.equal(metricsCollector.exportToObject().recentResults.length, 2);
});

test('metrics take results by hand', () => {
  const clock = new ManualClock(NOON);
  const metrics = new MetricsCollector({ maxRecentResults: 2, clock });
  assert.equal(metrics.getSummary().message, 'No queries executed yet');
  metrics.record(
    { totalCost: 0.1, costSaved: 0.3, latencyMs: 100, draftAccepted: true, qualityScore: 0.9 },
    'cascade',
    'simple',
    { draftGenerationMs: 80, qualityVerification: 5, totalMs: 100 },
  );
  clock.advance(2 * HOUR);
  metrics.record({ totalCost: 0.2, latencyMs: 9_000 }, 'direct', 'expert', {}, true, true);
  metrics.record(null, 'direct', 'expert');
  const summary = metrics.getSummary();
  assert.deepEqual(
    [summary.totalQueries, summary.failedQueries, summary.cascadeUsed, summary.acceptanceRate],
    [2, 1, 1, 50],
  );
  assert.equal(summary.totalCost, 0.3);
  assert.equal(summary.totalSaved, 0.3);
  assert.equal(summary.uptimeSeconds, 7_200);
  assert.deepEqual(summary.byComplexity, { simple: 1, expert: 1 });
  const snapshot = metrics.getSnapshot();
  assert.equal(snapshot.avgDraftMs, 80);
  assert.equal(snapshot.avgVerificationMs, 5);
  assert.equal(snapshot.qualityMean, 0.9);
  assert.equal(snapshot.timestamp, new Date(NOON + 2 * HOUR).toISOString());
  assert.equal(metrics.getTimeWindowedStats(60).queriesInWindow, 1);
  assert.equal(metrics.getStatsByComplexity('expert').totalQueries, 1);
  assert.deepEqual(
    metrics.getRecentAnomalies(5_000, 0.15).map(({ type }) => type),
    ['high_latency', 'high_cost'],
  );
  assert.equal(JSON.parse(metrics.exportToJson()).summary.totalQueries, 2);
  metrics.reset();
  assert.equal(metrics.getSummary().totalQueries, 0);
  assert.throws(() => new MetricsCollector({ maxRecentResults: -1 }), {
    field: 'maxRecentResults',
  });
});

test('traces are kept with what they cost', async () => {
  const { provider } = counted();
  const traceLog = new TraceLog(2);
  const agent = single({ traceLog }, provider);
  const first = await agent.run(QUESTION, { userId: 'ada', tenantId: 'acme' });
  const [record] = traceLog.recent();
  assert.equal(record.totalCost, first.totalCost);
  assert.deepEqual([record.userId, record.tenantId, record.answerModel], ['ada', 'acme', 'only']);
  assert.deepEqual(record.attempts, first.attempts);
  assert.deepEqual(
    record.steps.map((step) => step.decision),
    first.trace.map((step) => step.decision),
  );
  assert.ok(Math.abs(record.at.getTime() - Date.now()) < 60_000);
  assert.deepEqual(traceLog.ofRun(record.runId), record);
  assert.equal(traceLog.ofRun('none'), undefined);
  await assert.rejects(single({ traceLog }, failing()).run(QUESTION));
  assert.ok(traceLog.recent()[0].errorKind);
  await agent.run(QUESTION);
  assert.equal(traceLog.recent().length, 2);
  assert.deepEqual([traceLog.runs, traceLog.totalCost], [3, 0.002]);
  traceLog.clear();
  assert.deepEqual([traceLog.runs, traceLog.recent()], [0, []]);
});
