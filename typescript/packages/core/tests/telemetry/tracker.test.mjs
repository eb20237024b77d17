// The tracker by itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigurationError, CostTracker, hasAnyLimit, ManualClock } from '../../dist/index.js';
import { DAY, HOUR, NOON } from './support.mjs';

const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
after(() => rmSync(folder, { recursive: true }));

function spend(tracker, ...costs) {
  for (const cost of costs) {
    tracker.addCost({ model: 'gpt-4o', provider: 'openai', tokens: 100, cost, userId: 'ada' });
  }
}

test('sums by model, provider and user are exact', () => {
  const tracker = new CostTracker();
  tracker.addCost('gpt-4o', 'openai', 100, 0.1, { userId: 'ada' });
  tracker.addCost('gpt-4o', 'openai', 100, 0.2, { userId: 'bob', userTier: 'pro' });
  tracker.addCost({ model: 'claude', provider: 'anthropic', tokens: 50, cost: 0.3 });
  assert.equal(tracker.totalCost, 0.6);
  assert.deepEqual(tracker.byModel, { 'gpt-4o': 0.3, claude: 0.3 });
  assert.deepEqual(tracker.byProvider, { openai: 0.3, anthropic: 0.3 });
  assert.deepEqual(tracker.byUser, { ada: 0.1, bob: 0.2 });
  assert.deepEqual(tracker.getAllUsers(), ['ada', 'bob']);
  assert.deepEqual(tracker.getUsersByTier('pro'), ['bob']);
  const summary = tracker.getSummary();
  assert.deepEqual([summary.totalCost, summary.totalEntries, summary.totalTokens], [0.6, 3, 250]);
  assert.ok(!('budgetLimit' in summary));
});

test('entries hold what was booked, in order and in pages', () => {
  const tracker = new CostTracker({ clock: new ManualClock(NOON) });
  for (let at = 0; at < 5; at += 1) {
    tracker.addCost(`m${at}`, 'p', at, 0.1 * at, { queryId: `q${at}`, metadata: { at } });
  }
  const models = (entries) => entries.map((entry) => entry.model);
  assert.deepEqual(models(tracker.entries), ['m0', 'm1', 'm2', 'm3', 'm4']);
  assert.deepEqual(models([...tracker.iterEntries({}, 2)]), ['m0', 'm1', 'm2', 'm3', 'm4']);
  assert.deepEqual(models(tracker.getRecentEntries(3)), ['m2', 'm3', 'm4']);
  assert.deepEqual(models(tracker.getEntriesByModel('m1')), ['m1']);
  assert.equal(tracker.getEntriesByProvider('p').length, 5);
  const { id, ...entry } = tracker.entries[1];
  assert.ok(id > 0);
  assert.deepEqual(entry, {
    timestamp: new Date(NOON),
    model: 'm1',
    provider: 'p',
    tokens: 1,
    cost: 0.1,
    queryId: 'q1',
    metadata: { at: 1 },
  });
});

test('entries of a user, and between two times', () => {
  const clock = new ManualClock(NOON);
  const tracker = new CostTracker({ clock });
  spend(tracker, 0.1);
  clock.advance(HOUR);
  spend(tracker, 0.2);
  tracker.addCost('m', 'p', 1, 0.3, { userId: 'bob' });
  assert.deepEqual([...tracker.userEntries.keys()], ['ada', 'bob']);
  assert.deepEqual(
    tracker.userEntries.get('ada').map((entry) => entry.cost),
    [0.1, 0.2],
  );
  const late = tracker.getEntries({ userId: 'ada', since: new Date(NOON + 1) });
  assert.deepEqual(
    late.map((entry) => entry.cost),
    [0.2],
  );
  assert.deepEqual(
    tracker.getEntries({ until: NOON + 1 }).map((entry) => entry.cost),
    [0.1],
  );
});

test('a bad cost is refused by name and books nothing', () => {
  const tracker = new CostTracker();
  const cases = [
    [{ model: 'm', provider: 'p', cost: -0.5 }, 'cost'],
    [{ model: 'm', provider: 'p', cost: Number.NaN }, 'cost'],
    [{ model: 'm', provider: 'p' }, 'cost'],
    [{ model: '', provider: 'p', cost: 1 }, 'model'],
    [{ model: 'm', provider: '', cost: 1 }, 'provider'],
    [{ model: 'm', provider: 'p', cost: 1, tokens: -1 }, 'tokens'],
    [{ model: 'm', provider: 'p', cost: 1, timestamp: -1 }, 'timestamp'],
    [{ model: 'm', provider: 'p', cost: 1, user: 'ada' }, 'user'],
  ];
  for (const [record, field] of cases) {
    assert.throws(
      () => tracker.addCost(record),
      (error) => {
        assert.ok(error instanceof ConfigurationError, `${error}`);
        assert.equal(error.field, field);
        assert.ok(error.hint, `no hint: ${error}`);
        return true;
      },
      JSON.stringify(record),
    );
  }
  assert.equal(tracker.totalCost, 0);
});

test('bad options are refused by name', () => {
  const cases = [
    [{ budgetLimit: -1 }, 'budgetLimit'],
    [{ userBudgets: { ada: { daily: -1 } } }, 'userBudgets.ada.daily'],
    [{ userBudgets: { ada: { dialy: 1 } } }, 'userBudgets.ada.dialy'],
    [{ userBudgets: { ada: 3 } }, 'userBudgets.ada'],
    [{ userBudgets: [] }, 'userBudgets'],
    [{ enforcementMode: 'stop' }, 'enforcementMode'],
    [{ warnThreshold: 2 }, 'warnThreshold'],
    [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
    [{ budgets: {} }, 'budgets'],
    [{ store: 'redis://x' }, 'store'],
    [{ clock: {} }, 'clock'],
    [{ enforcementCallbacks: {} }, 'enforcementCallbacks'],
    [{ onWarning: 3 }, 'onWarning'],
  ];
  for (const [options, field] of cases) {
    assert.throws(
      () => new CostTracker(options),
      (error) => {
        assert.ok(error instanceof ConfigurationError, `${error}`);
        assert.equal(error.field, field, `${error}`);
        return true;
      },
      JSON.stringify(options),
    );
  }
});

test('a budget limits anything, or nothing', () => {
  assert.equal(hasAnyLimit({}), false);
  assert.equal(hasAnyLimit({ tier: 'pro' }), false);
  assert.equal(hasAnyLimit({ requestsPerDay: 5 }), true);
});

test('budgets are found by user, then by tier', () => {
  const tracker = new CostTracker({
    userBudgets: { ada: { dailyBudget: 2 }, pro: { daily: 1 } },
    defaultUserBudget: { monthly: 3 },
  });
  assert.deepEqual(tracker.getUserSummary('ada', 'pro').budget, { daily: 2 });
  assert.deepEqual(tracker.getUserSummary('bob', 'pro').budget, { daily: 1 });
  assert.deepEqual(tracker.getUserSummary('eve').budget, { monthly: 3 });
});

test('the summary of a user has every limit', () => {
  const tracker = new CostTracker({
    userBudgets: { ada: { daily: 1, total: 10, requestsPerHour: 5 } },
    clock: new ManualClock(NOON),
  });
  spend(tracker, 0.25, 0.5);
  const summary = tracker.getUserSummary('ada');
  assert.deepEqual([summary.totalCost, summary.entries, summary.totalTokens], [0.75, 2, 200]);
  assert.deepEqual(summary.periodCosts.daily, {
    cost: 0.75,
    limit: 1,
    remaining: 0.25,
    reserved: 0,
    usedPct: 75,
    exceeded: false,
    resetsAt: new Date(NOON + DAY / 2),
  });
  assert.equal(summary.periodCosts.total.remaining, 9.25);
  assert.ok(!('resetsAt' in summary.periodCosts.total));
  assert.deepEqual(
    [summary.limits.requestsPerHour.used, summary.limits.requestsPerHour.limit],
    [2, 5],
  );
  assert.equal(summary.budgetExceeded, false);
  const unknown = tracker.getUserSummary('nobody');
  assert.deepEqual([unknown.totalCost, unknown.entries, unknown.budget], [0, 0, null]);
});

test('what can be afforded, in each mode', () => {
  for (const [enforcementMode, action] of [
    ['warn', 'warn'],
    ['degrade', 'degrade'],
    ['block', 'block'],
  ]) {
    const tracker = new CostTracker({ enforcementMode, userBudgets: { ada: { daily: 1 } } });
    spend(tracker, 0.5);
    const fits = tracker.canAfford('ada', 0.5);
    assert.deepEqual([...fits], [true, 'allow', null]);
    const [allowed, found, message] = tracker.canAfford('ada', 0.500001);
    assert.deepEqual([allowed, found], [false, action]);
    assert.match(message, /0\.5 of 1 USD used/);
    // Nobody else is limited.
    assert.equal(tracker.canAfford('bob', 100).allowed, true);
    assert.equal(tracker.canAfford(undefined, 100).allowed, true);
  }
});

test('the tightest of user, tier, key, session, tenant and global decides', () => {
  const tracker = new CostTracker({
    enforcementMode: 'block',
    budgetLimit: 100,
    globalBudget: { daily: 50 },
    sharedTierBudgets: { pro: { daily: 40 } },
    keyBudgets: { main: { daily: 30 } },
    sessionBudgets: { s1: { daily: 20 } },
    tenantBudgets: { acme: { daily: 45 } },
    userBudgets: { ada: { daily: 10 } },
  });
  const tight = (scope, cost) => tracker.canAfford(scope, cost).status?.ownerKind;
  const everything = { userId: 'ada', sessionId: 's1', keyId: 'main', userTier: 'pro' };
  assert.equal(tight(everything, 11), 'user');
  assert.equal(tight({ ...everything, userId: 'bob' }, 21), 'session');
  assert.equal(tight({ keyId: 'main', userTier: 'pro' }, 31), 'key');
  assert.equal(tight({ userTier: 'pro' }, 41), 'tier');
  assert.equal(tight({ tenantId: 'acme' }, 46), 'tenant');
  assert.equal(tight({}, 51), 'global');
  assert.equal(tight({}, 49), undefined);
  assert.deepEqual(
    tracker.getStandings(everything).map(({ ownerKind, name }) => `${ownerKind} ${name}`),
    ['global daily', 'global total', 'tier daily', 'key daily', 'user daily', 'session daily'],
  );
});

test('budgets follow the calendar of their time zone', () => {
  // 23:00 in Berlin.
  const clock = new ManualClock(Date.UTC(2026, 0, 10, 22));
  const budgets = { userBudgets: { ada: { daily: 1 } }, enforcementMode: 'block', clock };
  const berlin = new CostTracker({ ...budgets, timeZone: 'Europe/Berlin' });
  const utc = new CostTracker(budgets);
  for (const tracker of [berlin, utc]) spend(tracker, 1);
  clock.advance(HOUR);
  assert.equal(berlin.canAfford('ada', 1).allowed, true);
  assert.equal(utc.canAfford('ada', 1).allowed, false);
  clock.advance(HOUR);
  assert.equal(utc.canAfford('ada', 1).allowed, true);
});

test('back-dated costs count in the windows that are not over', () => {
  const clock = new ManualClock(NOON);
  const tracker = new CostTracker({ userBudgets: { ada: { daily: 1, total: 5 } }, clock });
  const ada = { model: 'm', provider: 'p', userId: 'ada' };
  tracker.addCost({ ...ada, cost: 0.8, timestamp: new Date(NOON - DAY) });
  tracker.addCost({ ...ada, cost: 0.1, timestamp: NOON - 60_000 });
  const { daily, total } = tracker.getUserSummary('ada').periodCosts;
  assert.deepEqual([daily.cost, total.cost], [0.1, 0.9]);
  assert.deepEqual(tracker.entries[0].timestamp, new Date(NOON - DAY));
});

test('each threshold warns once a window', async () => {
  const heard = [];
  const clock = new ManualClock(NOON);
  const tracker = new CostTracker({
    userBudgets: { ada: { daily: 1 } },
    clock,
    onWarning: (warning) => heard.push(warning),
  });
  spend(tracker, 0.8, 0.05, 0.25, 0.5);
  await tracker.flush();
  assert.deepEqual(
    heard.map(({ level, threshold }) => [level, threshold]),
    [
      ['warn', 0.8],
      ['used_up', 1],
    ],
  );
  assert.equal(heard[0].status.ownerId, 'ada');
  assert.equal(heard[0].status.used, 0.8);
  assert.deepEqual(heard[0].status.resetsAt, new Date(NOON + DAY / 2));
  assert.match(heard[0].message, /80 %/);
  clock.advance(DAY);
  spend(tracker, 0.9);
  await tracker.flush();
  assert.equal(heard.length, 3);
});

test('a listener that throws becomes a warning of the process', async () => {
  const warned = [];
  const listen = (warning) => warned.push(warning.message);
  process.on('warning', listen);
  for (const onWarning of [
    () => {
      throw new Error('oh no');
    },
    async () => {
      throw new Error('oh later');
    },
  ]) {
    const tracker = new CostTracker({ budgetLimit: 1, onWarning });
    spend(tracker, 0.9);
    await tracker.flush();
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  assert.equal(warned.filter((text) => /onWarning` threw: oh/.test(text)).length, 2);
});

test('forgetting starts anew', () => {
  const tracker = new CostTracker({ budgetLimit: 1, userBudgets: { ada: { daily: 1 } } });
  spend(tracker, 2);
  assert.equal(tracker.budgetExceeded, true);
  assert.equal(tracker.budgetWarned, true);
  tracker.reset();
  assert.deepEqual([tracker.totalCost, tracker.entries, tracker.getAllUsers()], [0, [], []]);
  assert.equal(tracker.budgetExceeded, false);
  assert.equal(tracker.canAfford('ada', 0.5).allowed, true);
});

test('a file survives the tracker', async () => {
  const store = `sqlite:///${join(folder, 'kept.db')}`;
  const budgets = { store, enforcementMode: 'block', userBudgets: { ada: { total: 1 } } };
  const first = new CostTracker(budgets);
  spend(first, 0.7);
  await first.flush();
  const second = new CostTracker(budgets);
  assert.equal(second.totalCost, 0.7);
  assert.equal(second.canAfford('ada', 0.4).allowed, false);
  assert.equal(second.canAfford('ada', 0.3).allowed, true);
  spend(second, 0.1);
  await second.flush();
  assert.equal(first.totalCost, 0.8);
});

test('exports are read back with the same totals', async () => {
  const tracker = new CostTracker({ budgetLimit: 5 });
  tracker.addCost('gpt-4o', 'openai', 10, 0.1, { userId: 'ada', metadata: { note: '=1+1' } });
  tracker.addCost('=cmd|x', 'openai', 10, 0.2, { userId: 'bob', userTier: 'pro', queryId: 'q' });
  tracker.addCost('claude', 'anthropic', 10, 0.3, { sessionId: 's', keyId: 'k', tenantId: 't' });
  const paths = {
    json: join(folder, 'ledger.json'),
    csv: join(folder, 'ledger.csv'),
    sqlite: join(folder, 'ledger.db'),
  };
  assert.equal(await tracker.exportJson(paths.json), 3);
  assert.equal(await tracker.exportToCsv(paths.csv), 3);
  assert.equal(await tracker.exportSqlite(paths.sqlite), 3);
  assert.equal(await tracker.exportSqlite(paths.sqlite), 3);
  const written = JSON.parse(readFileSync(paths.json, 'utf8'));
  assert.equal(written.metadata.total_entries, 3);
  assert.ok(!/(^|,)"?=cmd/m.test(readFileSync(paths.csv, 'utf8')), 'a formula is not guarded');
  const plain = (entry) => ({ ...entry, id: 0 });
  for (const path of Object.values(paths)) {
    const copy = new CostTracker();
    assert.equal(await copy.importEntries(path), 3);
    assert.deepEqual(copy.byModel, tracker.byModel, path);
    assert.deepEqual(copy.byUser, tracker.byUser, path);
    assert.equal(copy.totalCost, 0.6);
    assert.deepEqual(copy.entries.map(plain), tracker.entries.map(plain), path);
  }
});

test('files that cannot be written or read are refused', async () => {
  const tracker = new CostTracker();
  const refused = (error) => {
    assert.ok(error instanceof ConfigurationError, `${error}`);
    assert.ok(error.field);
    return true;
  };
  await assert.rejects(tracker.exportJson(join(folder, 'none', 'x.json')), refused);
  await assert.rejects(tracker.importEntries(join(folder, 'nothing.json')), refused);
});

test('a policy that is refused leaves no file, and a file that cannot be opened is refused', () => {
  const path = join(folder, 'never.db');
  assert.throws(() => new CostTracker({ store: path, warnThreshold: 2 }), ConfigurationError);
  assert.ok(!existsSync(path));
  assert.throws(
    () => new CostTracker({ store: join(folder, 'none', 'x.db') }),
    (error) => {
      assert.ok(error instanceof ConfigurationError, `${error}`);
      assert.ok(error.field && error.hint, `${error}`);
      return true;
    },
  );
});

test('an estimate is a number from zero on', () => {
  const tracker = new CostTracker({ userBudgets: { ada: { daily: 1 } } });
  for (const estimate of [-1, Number.NaN, '0.1', null, undefined]) {
    assert.throws(
      () => tracker.canAfford('ada', estimate),
      (error) => error instanceof ConfigurationError && error.field === 'estimatedCost',
    );
  }
  assert.throws(() => new CostTracker(null), ConfigurationError);
});

test('what was booked before `process.exit` is in the file', () => {
  const store = join(folder, 'exit.db');
  const core = new URL('../../dist/index.js', import.meta.url).href;
  const code = `
    import { CostTracker } from '${core}';
    const tracker = new CostTracker({ store: process.argv[1] });
    tracker.addCost({ model: 'm', provider: 'p', cost: 0.5 });
    process.exit(0);
  `;
  for (let round = 0; round < 5; round += 1) {
    execFileSync(process.execPath, ['--input-type=module', '-e', code, store]);
  }
  assert.equal(new CostTracker({ store }).totalCost, 2.5);
});
