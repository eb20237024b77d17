// Rate limits, tiers and profiles.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConfigurationError,
  createLatencyProfile,
  createOptimizationWeights,
  createUserProfile,
  deserializeProfile,
  getDailyBudget,
  getLatencyProfile,
  getOptimizationWeights,
  getRequestsPerDay,
  getRequestsPerHour,
  LATENCY_PRESETS,
  ManualClock,
  OPTIMIZATION_PRESETS,
  ProviderRateLimiter,
  RateLimitErrorV2,
  RateLimiter,
  serializeProfile,
  TIER_PRESETS,
  UserProfileManager,
} from '../../dist/index.js';
import { DAY, HOUR, NOON, settledAll } from './support.mjs';

function limited(rest = {}) {
  const clock = new ManualClock(NOON);
  return {
    clock,
    limiter: new RateLimiter({ clock }),
    ada: createUserProfile('FREE', 'ada', rest),
  };
}

test('requests count for an hour and for a day', async () => {
  const { clock, limiter, ada } = limited({ customRequestsPerHour: 2, customRequestsPerDay: 3 });
  await limiter.recordRequest('ada', 0.01);
  clock.advance(HOUR / 2);
  await limiter.recordRequest('ada', 0.01);
  await assert.rejects(limiter.checkRateLimit(ada), (error) => {
    assert.ok(error instanceof RateLimitErrorV2, `${error}`);
    assert.equal(error.limitType, 'hourly');
    assert.deepEqual([error.limit, error.used], [2, 2]);
    assert.equal(error.retryAfterSeconds, 1_800);
    assert.equal(error.retryAfter, 1_800);
    assert.deepEqual(error.resetAt, new Date(NOON + HOUR));
    assert.equal(error.kind, 'rate_limit');
    return true;
  });
  clock.advance(HOUR / 2);
  await limiter.checkRateLimit(ada);
  await limiter.recordRequest('ada');
  clock.advance(2 * HOUR);
  await assert.rejects(limiter.checkRateLimit(ada), { limitType: 'daily', limit: 3, used: 3 });
  clock.advance(DAY);
  await limiter.checkRateLimit(ada);
});

test('the daily budget counts too', async () => {
  const { limiter, ada } = limited({ customDailyBudget: 0.1 });
  await limiter.checkRateLimit(ada, 0.1);
  await limiter.recordRequest('ada', 0.06);
  await limiter.checkRateLimit(ada, 0.04);
  await assert.rejects(limiter.checkRateLimit(ada, 0.05), {
    limitType: 'budget',
    kind: 'budget',
    limit: 0.1,
    used: 0.06,
  });
  await assert.rejects(limiter.checkRateLimit(ada, -1), ConfigurationError);
});

test('of many at once no more pass than the limit', async () => {
  const { limiter, ada } = limited({ customRequestsPerHour: 10 });
  const outcomes = await settledAll(Array.from({ length: 200 }, () => limiter.acquire(ada, 0.001)));
  assert.deepEqual([outcomes.fulfilled.length, outcomes.rejected.length], [10, 190]);
});

test('usage, and forgetting', async () => {
  const { clock, limiter, ada } = limited();
  await limiter.recordRequest('ada', 0.02);
  assert.deepEqual(limiter.getUsageStats('ada', ada), {
    hourly: { used: 1, limit: 10 },
    daily: { used: 1, limit: 100 },
    cost: { used: 0.02, limit: 0.1 },
  });
  const unlimited = createUserProfile('ENTERPRISE', 'ada');
  assert.deepEqual(limiter.getUsageStats('ada', unlimited).hourly, { used: 1 });
  limiter.resetUser('ada');
  assert.equal(limiter.getUsageStats('ada', ada).hourly.used, 0);
  await limiter.recordRequest('ada');
  clock.advance(DAY);
  assert.equal(limiter.cleanup(), 1);
  await limiter.recordRequest('ada');
  limiter.destroy();
  assert.equal(limiter.getUsageStats('ada', ada).hourly.used, 0);
});

test('bad options of a limiter are refused by name', () => {
  for (const [options, field] of [
    [{ maxUsers: 0 }, 'maxUsers'],
    [{ cleanupIntervalMs: 0 }, 'cleanupIntervalMs'],
    [{ clock: 3 }, 'clock'],
    [{ users: 3 }, 'users'],
  ]) {
    assert.throws(() => new RateLimiter(options), { name: 'ConfigurationError', field });
  }
});

test('the presets of the tiers', () => {
  assert.deepEqual(Object.keys(TIER_PRESETS), ['FREE', 'STARTER', 'PRO', 'BUSINESS', 'ENTERPRISE']);
  const { FREE, PRO, ENTERPRISE } = TIER_PRESETS;
  assert.deepEqual([FREE.name, FREE.dailyBudget, FREE.requestsPerHour], ['free', 0.1, 10]);
  assert.deepEqual([PRO.dailyBudget, PRO.tokensPerMinute, PRO.minQuality], [10, 100_000, 0.75]);
  assert.ok(!('dailyBudget' in ENTERPRISE) && !('requestsPerDay' in ENTERPRISE));
});

test('what is agreed with a person goes before the tier, zero included', () => {
  const ada = createUserProfile('PRO', 'ada', { customDailyBudget: 0, customRequestsPerHour: 7 });
  assert.deepEqual(
    [getDailyBudget(ada), getRequestsPerHour(ada), getRequestsPerDay(ada)],
    [0, 7, 10_000],
  );
  const bob = createUserProfile('enterprise', 'bob');
  assert.deepEqual([getDailyBudget(bob), getRequestsPerHour(bob)], [undefined, undefined]);
  assert.equal(getLatencyProfile(ada), LATENCY_PRESETS.standard);
  assert.equal(getOptimizationWeights(ada), OPTIMIZATION_PRESETS.balanced);
  const own = createUserProfile('PRO', 'eve', {
    latency: createLatencyProfile({ maxTotalMs: 100 }),
    optimization: createOptimizationWeights(0.5, 0.25, 0.25),
  });
  assert.equal(getLatencyProfile(own).maxTotalMs, 100);
  assert.equal(getOptimizationWeights(own).cost, 0.5);
});

test('malformed profiles are refused by name', () => {
  const cases = [
    [() => createUserProfile('GOLD', 'ada'), 'tier'],
    [() => createUserProfile('PRO', ''), 'userId'],
    [() => createUserProfile('PRO', 'ada', { customDailyBudget: -1 }), 'customDailyBudget'],
    [() => createUserProfile('PRO', 'ada', { customRequestsPerDay: 1.5 }), 'customRequestsPerDay'],
    [() => createOptimizationWeights(1, 1, 1), 'optimization'],
    [() => createOptimizationWeights(2, 0, 0), 'optimization.cost'],
    [() => deserializeProfile({}), 'userId'],
    [() => deserializeProfile({ userId: 'ada', tier: 'zz' }), 'tier'],
    [() => deserializeProfile({ userId: 'ada', createdAt: 'soon' }), 'createdAt'],
  ];
  for (const [make, field] of cases) {
    assert.throws(make, (error) => {
      assert.ok(error instanceof ConfigurationError, `${error}`);
      assert.equal(error.field, field, `${error}`);
      return true;
    });
  }
});

test('profiles are written and read back', () => {
  const ada = createUserProfile('PRO', 'ada', {
    customDailyBudget: 3,
    preferredModels: ['gpt-4o'],
    domainModels: { code: ['deepseek-coder'] },
    costSensitivity: 'quality_first',
    metadata: { plan: 'yearly' },
  });
  const text = JSON.stringify(serializeProfile(ada));
  assert.deepEqual(deserializeProfile(JSON.parse(text)), ada);
  const unlimited = createUserProfile('ENTERPRISE', 'eve');
  assert.deepEqual(
    deserializeProfile(JSON.parse(JSON.stringify(serializeProfile(unlimited)))),
    unlimited,
  );
  assert.equal(deserializeProfile({ userId: 'bob' }).tier.name, 'free');
  assert.equal(deserializeProfile({ userId: 'bob', tier: 'pro' }).tier.dailyBudget, 10);
  assert.equal(deserializeProfile({ userId: 'bob', tier: { name: 'pro' } }).tier.dailyBudget, 10);
});

test('a manager loads once, keeps for a while, and saves', async () => {
  const clock = new ManualClock(NOON);
  const loads = [];
  const saves = [];
  const manager = new UserProfileManager({
    cacheTtlMs: HOUR,
    maxCached: 2,
    clock,
    loadProfile: async (userId) => {
      loads.push(userId);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return userId === 'ada' ? createUserProfile('PRO', 'ada') : null;
    },
    saveProfile: (profile) => {
      saves.push(profile.userId);
    },
  });
  const both = await Promise.all([manager.getProfile('ada'), manager.getProfile('ada')]);
  assert.equal(both[0], both[1]);
  assert.equal(await manager.getProfile('ada'), both[0]);
  assert.deepEqual(loads, ['ada']);
  clock.advance(HOUR);
  await manager.getProfile('ada');
  assert.deepEqual(loads, ['ada', 'ada']);
  assert.equal((await manager.getProfile('bob')).tier.name, 'free');
  const moved = await manager.updateTier('bob', 'BUSINESS');
  assert.equal(moved.tier.name, 'business');
  assert.deepEqual(saves, ['bob']);
  assert.equal(await manager.getProfile('bob'), moved);
  await manager.getProfile('eve');
  assert.deepEqual(manager.getCacheStats(), { size: 2, maxTtlMs: HOUR });
  manager.evictProfile('bob');
  await manager.getProfile('bob');
  assert.equal(loads.filter((id) => id === 'bob').length, 2);
  manager.clearCache();
  assert.equal(manager.getCacheStats().size, 0);
  await assert.rejects(manager.updateTier('bob', 'GOLD'), { field: 'tier' });
});

test('a load that fails is not kept, and other managers refuse what is no function', async () => {
  let fails = true;
  const manager = new UserProfileManager({
    loadProfile: () => {
      if (fails) throw new Error('away');
      return null;
    },
  });
  await assert.rejects(manager.getProfile('ada'), /away/);
  fails = false;
  assert.equal((await manager.getProfile('ada')).userId, 'ada');
  assert.throws(() => new UserProfileManager({ loadProfile: 3 }), { field: 'loadProfile' });
  assert.throws(() => new UserProfileManager({ cacheTtlMs: -1 }), { field: 'cacheTtlMs' });
});

test('a provider is asked no more than it allows', () => {
  const clock = new ManualClock();
  const policy = { requestsPerMinute: 3, tokensPerMinute: 100, concurrency: 2 };
  const limiter = new ProviderRateLimiter(policy, { clock });
  assert.deepEqual(limiter.startRequest(50), { allowed: true });
  assert.deepEqual(limiter.startRequest(10), { allowed: true });
  const full = limiter.startRequest(10);
  assert.equal(full.allowed, false);
  assert.match(full.reason, /2 calls are under way/);
  limiter.endRequest();
  const dear = limiter.check(50);
  assert.deepEqual([dear.allowed, dear.retryAfterMs], [false, 60_000]);
  assert.equal(limiter.startRequest(40).allowed, true);
  limiter.endRequest();
  assert.equal(limiter.startRequest(0).allowed, false);
  clock.advance(60_000);
  assert.equal(limiter.startRequest(100).allowed, true);
  assert.throws(() => new ProviderRateLimiter({ concurrency: 0 }), { field: 'concurrency' });
  assert.throws(() => new ProviderRateLimiter({ perMinute: 1 }), { field: 'perMinute' });
});
