// Circuit breakers: their own, and those of the process that guard the providers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CascadeAgent,
  CircuitBreaker,
  CircuitBreakerRegistry,
  CircuitOpenError,
  CircuitState,
  ConfigurationError,
  getCircuitBreaker,
  ManualClock,
  OpenAIProvider,
  ProviderError,
} from '../dist/index.js';
import { eventually, startServer } from './support/loopback.mjs';

function standing(config) {
  const clock = new ManualClock();
  return { clock, breaker: new CircuitBreaker('standing', config, { clock }) };
}

const boom = () => Promise.reject(new Error('boom'));

test('closed, open, half open, closed', async () => {
  const { clock, breaker } = standing({ failureThreshold: 2, recoveryTimeoutMs: 1000 });
  const heard = [];
  breaker.onStateChange((from, to, name) => heard.push([name, from, to]));
  assert.equal(breaker.state, CircuitState.CLOSED);
  assert.ok(breaker.isClosed);
  assert.equal(breaker.timeUntilRetryMs, undefined);
  await assert.rejects(breaker.execute(boom), /boom/);
  assert.equal(breaker.failureCount, 1);
  await assert.rejects(breaker.execute(boom), /boom/);
  assert.ok(breaker.isOpen);
  clock.advance(400);
  assert.equal(breaker.timeUntilRetryMs, 600);
  let called = false;
  const refused = breaker.execute(() => {
    called = true;
  });
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof CircuitOpenError && error instanceof ProviderError);
    assert.equal(error.circuit, 'standing');
    assert.equal(error.retryAfter, 0.6);
    assert.equal(error.kind, 'overloaded');
    assert.equal(error.code, 'CIRCUIT_OPEN');
    assert.match(error.message, /standing/);
    return true;
  });
  assert.equal(called, false);
  clock.advance(600);
  assert.ok(breaker.isHalfOpen);
  // One probe at a time.
  let done;
  const probe = breaker.execute(() => new Promise((resolve) => (done = resolve)));
  await assert.rejects(
    breaker.execute(async () => 1),
    CircuitOpenError,
  );
  done('well');
  assert.equal(await probe, 'well');
  assert.ok(breaker.isClosed);
  // Told at once: the changes come from calls made here.
  assert.deepEqual(heard, [
    ['standing', 'closed', 'open'],
    ['standing', 'open', 'half_open'],
    ['standing', 'half_open', 'closed'],
  ]);
  const metrics = breaker.getMetrics();
  assert.equal(metrics.totalCalls, 3);
  assert.equal(metrics.failedCalls, 2);
  assert.equal(metrics.rejectedCalls, 2);
  assert.equal(metrics.lastFailureTime, 0);
  assert.equal(metrics.lastSuccessTime, 1000);
  assert.deepEqual(metrics.stateChanges.at(-1), { from: 'half_open', to: 'closed', at: 1000 });
});

test('what counts as a failure can be chosen; an abort never counts', async () => {
  const { breaker } = standing({ failureThreshold: 1 });
  const abort = Object.assign(new Error('left'), { name: 'AbortError' });
  await assert.rejects(
    breaker.execute(() => Promise.reject(abort)),
    { name: 'AbortError' },
  );
  await assert.rejects(breaker.execute(boom, { isFailure: () => false }), /boom/);
  assert.deepEqual([breaker.failureCount, breaker.getMetrics().totalCalls], [0, 0]);
  assert.ok(breaker.isClosed);
  await assert.rejects(breaker.execute(boom));
  assert.ok(breaker.isOpen);
  breaker.forceClose();
  assert.ok(breaker.canExecute());
  breaker.forceOpen();
  assert.equal(breaker.canExecute(), false);
  breaker.reset();
  assert.equal(breaker.getMetrics().totalCalls, 0);
});

test('a probe that ends without an outcome makes room for the next', async () => {
  const { clock, breaker } = standing({ failureThreshold: 1, recoveryTimeoutMs: 10 });
  breaker.recordFailure();
  clock.advance(10);
  const abort = Object.assign(new Error('left'), { name: 'AbortError' });
  await assert.rejects(breaker.execute(() => Promise.reject(abort)));
  assert.equal(await breaker.execute(() => 'probe'), 'probe');
});

test('a listener that throws changes nothing', async () => {
  const { breaker } = standing({ failureThreshold: 1 });
  const warned = new Promise((resolve) => process.once('warning', resolve));
  breaker.onStateChange(() => {
    throw new Error('deaf');
  });
  breaker.recordFailure();
  assert.ok(breaker.isOpen);
  assert.match((await warned).message, /deaf/);
});

test('a configuration out of range is refused by name', () => {
  for (const [config, field] of [
    [{ failureThreshold: 0 }, 'failureThreshold'],
    [{ failureThreshold: 1.5 }, 'failureThreshold'],
    [{ halfOpenMaxCalls: -1 }, 'halfOpenMaxCalls'],
    [{ successThreshold: '2' }, 'successThreshold'],
    [{ recoveryTimeoutMs: -1 }, 'recoveryTimeoutMs'],
    [{ failureWindowMs: Number.NaN }, 'failureWindowMs'],
    [{ failuresAllowed: 3 }, 'failuresAllowed'],
  ]) {
    assert.throws(
      () => new CircuitBreaker('wrong', config),
      (error) => {
        assert.ok(error instanceof ConfigurationError, `${error}`);
        assert.equal(error.field, field);
        assert.ok(error.hint);
        return true;
      },
    );
  }
  assert.throws(() => new ManualClock().advance(-1), ConfigurationError);
});

test('defaults are filled in', () => {
  assert.deepEqual(new CircuitBreaker().config, {
    failureThreshold: 5,
    recoveryTimeoutMs: 30_000,
    halfOpenMaxCalls: 1,
    successThreshold: 1,
    failureWindowMs: 60_000,
  });
});

test('the registry shows one set of breakers', () => {
  const registry = new CircuitBreakerRegistry();
  const made = getCircuitBreaker('registry-test', { failureThreshold: 1 });
  assert.equal(made.name, 'registry-test');
  assert.equal(registry.get('nobody'), undefined);
  registry.getOrCreate('registry-test').recordFailure();
  assert.equal(made.state, 'open');
  assert.ok([...registry].includes('registry-test'));
  assert.equal(registry.size, [...registry].length);
  assert.ok(!registry.getAvailableProviders().includes('registry-test'));
  const status = registry.getHealthStatus()['registry-test'];
  assert.equal(status.state, 'open');
  assert.ok(status.timeUntilRetryMs > 0);
  assert.equal(status.metrics.failedCalls, 1);
  assert.deepEqual(JSON.parse(JSON.stringify(made)).state, 'open');
  const heard = [];
  registry.onStateChange((from, to, name) => heard.push(`${name}: ${from} > ${to}`));
  new CircuitBreakerRegistry().resetAll();
  assert.equal(made.state, 'closed');
  assert.deepEqual(heard, ['registry-test: open > closed']);
});

test('providers are guarded, visibly, and resetAll lets them through again', async () => {
  const registry = new CircuitBreakerRegistry();
  registry.setDefaultConfig({ failureThreshold: 2 });
  let broken = true;
  const server = await startServer(() => (broken ? { status: 500 } : {}));
  try {
    const model = {
      name: 'guarded',
      provider: 'openai',
      cost: 0.001,
      apiKey: 'sk-guarded-0123456789',
      baseUrl: server.openai,
      maxRetries: 0,
    };
    const provider = new OpenAIProvider(model);
    const heard = [];
    registry.onStateChange((from, to) => heard.push(`${from} > ${to}`));
    const ask = () => provider.generate({ messages: 'hi', model: 'guarded' });
    await assert.rejects(ask(), { statusCode: 500 });
    await assert.rejects(ask(), { statusCode: 500 });
    const names = [...registry].filter((name) => registry.get(name).isOpen);
    assert.equal(names.length, 1);
    assert.ok(!names[0].includes('0123456789'), names[0]);
    await assert.rejects(ask(), (error) => {
      assert.ok(error instanceof CircuitOpenError, `${error}`);
      assert.equal(error.circuit, names[0]);
      assert.ok(error.retryAfter > 0);
      return true;
    });
    assert.equal(server.seen.length, 2);
    broken = false;
    registry.resetAll();
    const agent = new CascadeAgent({ models: [model] });
    assert.match((await agent.run('What is the capital of France?')).content, /Paris/);
    await eventually(() => heard.includes('open > closed'), 'the changes are heard');
    assert.ok(heard.includes('closed > open'));
  } finally {
    registry.setDefaultConfig({ failureThreshold: 5 });
    await server.stop();
  }
});
