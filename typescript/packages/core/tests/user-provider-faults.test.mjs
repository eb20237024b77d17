// A user's provider class that misbehaves: a clear error that names it, and other requests go on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CascadeAgent, ProviderError, providerRegistry, TimeoutError } from '../dist/index.js';
import { answering, CAPITAL, PARIS, pair, register, streaming } from './support/classes.mjs';
import { eventually } from './support/loopback.mjs';

const FINE = 'What is two plus two?';

function asked(request) {
  return request.messages.at(-1).content;
}

/** Everything that is said of a failure. */
function said(error) {
  return `${error.message} ${(error.attempts ?? []).map((attempt) => attempt.error)}`;
}

/** How the bad request goes wrong, and what must be said of it. */
const FAULTS = {
  throws: [
    () => {
      throw new Error('my disk is full');
    },
    /my disk is full/,
  ],
  rejects: [() => Promise.reject(new TypeError('no such field')), /no such field/],
  'rejects with nothing': [() => Promise.reject(), /undefined/],
  'throws no error': [
    () => {
      throw { code: 7 };
    },
    /object/i,
  ],
  'returns nothing': [() => undefined, /wrong type/],
  'returns a text': [async () => 'Paris', /wrong type.*string/],
  'returns a stream': [() => (async function* () {})(), /wrong type|content/],
  'returns a cycle': [
    () => {
      const cycle = { content: 'x', metadata: {} };
      cycle.metadata.cycle = cycle;
      return cycle;
    },
    /circular/i,
  ],
  'returns a big integer': [() => ({ content: 'x', metadata: { count: 1n } }), /2\^53/],
  'has a getter that throws': [
    () => ({
      get content() {
        throw new Error('no content today');
      },
    }),
    /no content today/,
  ],
};

for (const [how, [fault, says]] of Object.entries(FAULTS)) {
  test(`a class that ${how}`, async () => {
    const Faulty = answering(
      (request) => (asked(request) === CAPITAL ? fault() : PARIS),
      'FaultyProvider',
    );
    const name = register(Faulty);
    const agent = new CascadeAgent(pair(name));
    const bad = assert.rejects(agent.run(CAPITAL), (error) => {
      assert.ok(error instanceof ProviderError, `${error}`);
      assert.equal(error.kind, 'user_code');
      assert.match(said(error), /`FaultyProvider`/);
      assert.match(said(error), says);
      assert.equal(error.provider, name);
      return true;
    });
    const others = await Promise.all(Array.from({ length: 20 }, () => agent.run(FINE)));
    for (const result of others) assert.equal(result.content, PARIS.content);
    await bad;
    const batch = await agent.runBatch([CAPITAL, FINE], { continueOnError: true });
    assert.equal(batch.successCount, 1);
  });
}

test('prices and availability that misbehave name the class', async () => {
  const broken = {
    calculateCost: [() => Number.NaN, /finite/],
    isAvailable: [
      () => {
        throw new Error('who knows');
      },
      /who knows/,
    ],
  };
  for (const [method, [fault, says]] of Object.entries(broken)) {
    const Odd = answering(async () => PARIS, 'OddProvider');
    Odd.prototype[method] = fault;
    const agent = new CascadeAgent({ models: [{ name: 'one', provider: register(Odd) }] });
    await assert.rejects(agent.run(CAPITAL), (error) => {
      assert.match(said(error), /`OddProvider`/);
      assert.match(said(error), says);
      return true;
    });
  }
});

test('a class that never answers ends at the deadline, plain and streamed', async () => {
  const never = () => new Promise(() => {});
  const signals = [];
  const Silent = streaming(
    (request) => {
      if (asked(request) !== CAPITAL) return PARIS;
      signals.push(request.signal);
      return never();
    },
    async function* (request) {
      if (asked(request) === CAPITAL) {
        yield { content: 'The capital ' };
        await never();
      }
      yield { content: PARIS.content };
    },
    'SilentProvider',
  );
  const agent = new CascadeAgent({
    models: [{ name: 'one', provider: register(Silent), cost: 1 }],
    cascade: { timeout: 200 },
  });
  const plain = assert.rejects(agent.run(CAPITAL), (error) => {
    assert.ok(error instanceof TimeoutError, `${error}`);
    assert.match(said(error), /SilentProvider/);
    return true;
  });
  const streamed = (async () => {
    const events = [];
    for await (const event of agent.stream(CAPITAL)) events.push(event);
    assert.equal(events.at(-1).type, 'error');
    assert.ok(events.at(-1).data.exception instanceof TimeoutError);
    assert.match(said(events.at(-1).data.exception), /SilentProvider/);
  })();
  const others = await Promise.all(Array.from({ length: 10 }, () => agent.run(FINE)));
  for (const result of others) assert.equal(result.content, PARIS.content);
  let text = '';
  for await (const event of agent.stream(FINE)) text += event.content;
  assert.equal(text, PARIS.content);
  await Promise.all([plain, streamed]);
  await eventually(() => signals.every((signal) => signal.aborted), 'the request is abandoned');
});

test('a class that answers after its deadline disturbs nobody', async () => {
  let answerLate;
  const Late = answering((request) => {
    if (asked(request) !== CAPITAL) return PARIS;
    return new Promise((resolve) => (answerLate = resolve));
  }, 'LateProvider');
  const agent = new CascadeAgent({ models: [{ name: 'one', provider: register(Late), cost: 1 }] });
  await assert.rejects(agent.run(CAPITAL, { timeout: 50 }), TimeoutError);
  answerLate({ content: 'far too late' });
  assert.equal((await agent.run(FINE)).content, PARIS.content);
});

test('a class that answers twice is heard once', async () => {
  const twice = {
    // biome-ignore lint/suspicious/noThenProperty: a promise of one's own, as some libraries have
    then(resolve, reject) {
      resolve(PARIS);
      resolve({ content: 'again' });
      reject(new Error('and again'));
    },
  };
  const agent = new CascadeAgent(pair(register(answering(() => twice))));
  assert.equal((await agent.run(CAPITAL)).content, PARIS.content);
  assert.equal((await agent.run(FINE)).content, PARIS.content);
});

test('a class that blocks the thread delays the others and fails none', async () => {
  const Blocking = answering((request) => {
    if (asked(request) === CAPITAL) {
      const until = Date.now() + 200;
      while (Date.now() < until);
    }
    return PARIS;
  }, 'BlockingProvider');
  const agent = new CascadeAgent({
    models: [{ name: 'one', provider: register(Blocking), cost: 1 }],
  });
  const results = await Promise.all([agent.run(FINE), agent.run(CAPITAL), agent.run(FINE)]);
  for (const result of results) assert.equal(result.content, PARIS.content);
});

test('one class that fails leaves the models of another alone', async () => {
  const Broken = answering(async () => {
    throw new Error('gone');
  }, 'BrokenProvider');
  const broken = register(Broken);
  const works = register(answering(async () => PARIS));
  const agent = new CascadeAgent({
    models: [
      { name: 'small', provider: broken, cost: 0.0002 },
      { name: 'large', provider: works, cost: 0.005 },
    ],
  });
  const results = await Promise.all(Array.from({ length: 10 }, () => agent.run(CAPITAL)));
  for (const result of results) {
    assert.equal(result.answerModel, 'large');
    assert.match(result.attempts[0].error, /`BrokenProvider`.*gone/);
  }
  assert.ok(providerRegistry.has(broken));
});
