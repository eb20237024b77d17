// Users' checks of drafts: in the judge, in strategies, in streams and in batches.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CascadeAgent, ConfigurationError, TimeoutError } from '../dist/index.js';
import { answering, CAPITAL, PARIS, pair, register, streaming } from './support/classes.mjs';

const provider = register(answering(async (request) => ({ ...PARIS, model: request.model })));

function agentWith(qualityChecks, rest = {}) {
  return new CascadeAgent(pair(provider, { qualityChecks, ...rest }));
}

/** The outcome of the check `name` in the verdict on the draft. */
function outcome(result, name) {
  return result.attempts[0].verdict.checks.find((found) => found.check === name);
}

function check(returned, name = 'mine') {
  return { name, check: () => returned };
}

test('a check is given the query and the draft', async () => {
  const drafts = [];
  const agent = agentWith([
    function sees(draft) {
      drafts.push(draft);
      return true;
    },
  ]);
  const result = await agent.run(CAPITAL);
  assert.equal(result.draftAccepted, true);
  assert.deepEqual(drafts, [
    {
      query: CAPITAL,
      content: PARIS.content,
      complexity: result.complexity,
      model: 'small',
      toolCalls: [],
      finishReason: 'stop',
      threshold: result.qualityThreshold,
    },
  ]);
  assert.deepEqual(outcome(result, 'sees'), { check: 'sees', passed: true });
});

test('a check is given the tools that a draft calls', async () => {
  const call = {
    id: 'c1',
    type: 'function',
    function: { name: 'weather', arguments: '{"city":"Paris"}' },
  };
  const caller = register(
    answering(() => ({ ...PARIS, content: '', tool_calls: [call], finish_reason: 'tool_calls' })),
  );
  const drafts = [];
  const agent = new CascadeAgent(
    pair(caller, { qualityChecks: [{ name: 'calls', check: (draft) => drafts.push(draft) > 0 }] }),
  );
  const tools = [
    { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } },
  ];
  await agent.run('What is the weather in Paris?', { tools });
  assert.deepEqual(drafts[0].toolCalls, [call]);
  assert.equal(drafts[0].finishReason, 'tool_calls');
});

// What a check may return, whether the draft passes at a threshold of 0.4, its score and reason.
const RETURNED = [
  [true, true, undefined, undefined],
  [false, false, undefined, 'check `mine` did not pass'],
  [1, true, 1, undefined],
  [0.4, true, 0.4, undefined],
  [0.3, false, 0.3, 'score 0.30 of check `mine` is below 0.40'],
  [0, false, 0, 'score 0.00 of check `mine` is below 0.40'],
  [[true, 'fine'], true, undefined, 'fine'],
  [[false, 'too dull'], false, undefined, 'too dull'],
  [[0.3, 'too dull'], false, 0.3, 'too dull'],
  [[false, null], false, undefined, 'check `mine` did not pass'],
  [{ passed: true }, true, undefined, undefined],
  [{ passed: false, score: 0.9, reason: 'too dull' }, false, 0.9, 'too dull'],
  [{ passed: true, score: 0.1 }, true, 0.1, undefined],
  [{ passed: false, threshold: 1 }, false, undefined, 'check `mine` did not pass'],
];

test('every form of an outcome, at once and later, accepts or rejects the draft', async () => {
  for (const [returned, passed, score, reason] of RETURNED) {
    for (const value of [returned, Promise.resolve(returned)]) {
      const shown = JSON.stringify(returned);
      const result = await agentWith([check(value)]).run(CAPITAL, { qualityThreshold: 0.4 });
      const found = outcome(result, 'mine');
      assert.equal(found.passed, passed, shown);
      assert.equal(found.score, score, shown);
      assert.equal(found.reason, reason, shown);
      assert.equal(result.draftAccepted, passed, shown);
      assert.equal(result.cascaded, !passed, shown);
      assert.equal(result.answerModel, passed ? 'small' : 'large', shown);
      if (!passed) assert.match(result.rejectionReason, /mine/, shown);
    }
  }
});

test('a check that is slow, or an object of a class, is a check', async () => {
  class Longer {
    name = 'longer';
    #words = 4;
    async check(draft) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return draft.content.split(' ').length > this.#words;
    }
  }
  const result = await agentWith([new Longer()]).run(CAPITAL);
  assert.equal(outcome(result, 'longer').passed, true);
});

test('a check that throws or rejects fails the draft by name', async () => {
  const thrown = [
    () => {
      throw new Error('my dictionary is missing');
    },
    async () => {
      throw new TypeError('my dictionary is missing');
    },
    () => Promise.reject('my dictionary is missing'),
    () => {
      throw new ConfigurationError('my dictionary is missing', 'dictionary');
    },
  ];
  for (const broken of thrown) {
    const result = await agentWith([{ name: 'broken', check: broken }]).run(CAPITAL);
    assert.equal(result.cascaded, true);
    const found = outcome(result, 'broken');
    assert.equal(found.passed, false);
    assert.equal(found.reason, 'check `broken` failed: my dictionary is missing');
  }
});

test('a wrong return type fails the draft by name', async () => {
  const circular = {};
  circular.self = circular;
  const wrong = [
    [undefined, /wrong type: `null`/],
    [null, /wrong type: `null`/],
    ['yes', /wrong type: `string`/],
    [() => true, /wrong type/],
    [1.5, /out of range: `1.5`/],
    [-0.1, /out of range/],
    [Number.NaN, /finite/],
    [1n, /2\^53/],
    [[true], /list of 1/],
    [[true, 'a', 'b'], /list of 3/],
    [['yes', 'a'], /wrong type: `string`/],
    [[true, 5], /reason of the wrong type: `number`/],
    [{}, /`passed`/],
    [{ passed: 1 }, /`passed`/],
    [{ passed: true, score: 'high' }, /score of the wrong type/],
    [{ passed: true, score: 2 }, /out of range: `2`/],
    [{ passed: false, reason: {} }, /reason of the wrong type/],
    [circular, /circular/],
  ];
  for (const [returned, says] of wrong) {
    for (const value of [returned, Promise.resolve(returned)]) {
      const result = await agentWith([check(value, 'odd')]).run(CAPITAL);
      assert.equal(result.cascaded, true, String(says));
      const found = outcome(result, 'odd');
      assert.equal(found.passed, false);
      assert.match(found.reason, says);
      assert.match(found.reason, /^check `odd` /);
    }
  }
});

test('every check runs, in order, on every draft', async () => {
  const seen = [];
  const noting = (name, returned) => ({
    name,
    check: (draft) => {
      seen.push(`${name} ${draft.model}`);
      return returned;
    },
  });
  const agent = agentWith([noting('first', false), noting('second', true), noting('third', false)]);
  const result = await agent.run(CAPITAL);
  assert.deepEqual(seen, ['first small', 'second small', 'third small']);
  assert.match(result.attempts[0].verdict.reason, /first, third/);
  // The verifier's answer is not judged.
  assert.equal(result.attempts[1].verdict, undefined);
});

test('a check that never settles ends at the deadline', async () => {
  const agent = agentWith([{ name: 'sleepy', check: () => new Promise(() => {}) }]);
  await assert.rejects(agent.run(CAPITAL, { timeout: 100 }), (error) => {
    assert.ok(error instanceof TimeoutError, `${error}`);
    return true;
  });
});

test('a check may ask the agent itself', async () => {
  let agent;
  agent = agentWith([
    {
      name: 'asks',
      check: async (draft) => {
        if (draft.query !== CAPITAL) return true;
        const second = await agent.run('Is Paris the capital of France?');
        return second.content.includes('Paris');
      },
    },
  ]);
  assert.equal((await agent.run(CAPITAL)).draftAccepted, true);
});

const STRATEGY = {
  name: 'careful',
  steps: [
    { name: 'draft', models: ['small'], validator: 'mentions' },
    { name: 'finish', models: ['large'], validator: 'none' },
  ],
};

function mentions(word) {
  return {
    name: 'mentions',
    check: async (draft) => [draft.content.includes(word), `${word} is not mentioned`],
  };
}

test('a step of a strategy names a check as its validator', async () => {
  for (const [word, model] of [
    ['Paris', 'small'],
    ['Lyon', 'large'],
  ]) {
    const result = await agentWith([mentions(word)]).run(CAPITAL, { strategy: STRATEGY });
    assert.equal(result.answerModel, model);
    const { verdict } = result.attempts[0];
    // Only the named check has looked.
    assert.deepEqual(
      verdict.checks.map((found) => found.check),
      ['mentions'],
    );
    assert.equal(verdict.accepted, model === 'small');
    assert.equal(verdict.reason, `${word} is not mentioned`);
  }
});

test('a score in a step must reach its threshold, or one half', async () => {
  const cases = [
    [0.5, undefined, 'small'],
    [0.49, undefined, 'large'],
    [0.7, 0.7, 'small'],
    [0.69, 0.7, 'large'],
    [0.2, 0.1, 'small'],
  ];
  for (const [score, threshold, model] of cases) {
    const drafts = [];
    const agent = agentWith([
      {
        name: 'mentions',
        check: (draft) => {
          drafts.push(draft);
          return score;
        },
      },
    ]);
    const [draft, finish] = STRATEGY.steps;
    const first = threshold === undefined ? draft : { ...draft, threshold };
    const result = await agent.run(CAPITAL, {
      strategy: { ...STRATEGY, steps: [first, finish] },
    });
    assert.equal(result.answerModel, model, `${score} at ${threshold}`);
    assert.equal(drafts[0].threshold, threshold);
    assert.equal(result.attempts[0].verdict.score, score);
  }
});

test('a check that throws or lies rejects a step', async () => {
  const bad = [
    () => {
      throw new Error('no luck');
    },
    () => 'yes',
  ];
  for (const broken of bad) {
    const agent = agentWith([{ name: 'mentions', check: broken }]);
    const result = await agent.run(CAPITAL, { strategy: STRATEGY });
    assert.equal(result.answerModel, 'large');
    assert.match(result.attempts[0].verdict.reason, /check `mentions` (failed: no luck|returned)/);
  }
});

test('a step that names no check of the agent is refused', async () => {
  await assert.rejects(agentWith([check(true)]).run(CAPITAL, { strategy: STRATEGY }), (error) => {
    assert.equal(error.field, 'validator');
    assert.match(error.message, /`mentions`/);
    return true;
  });
});

test('a stream decides as a plain run', async () => {
  const chunks = async function* (request) {
    for (const word of ['The capital ', 'of France ', 'is Paris.']) yield { content: word };
    yield { content: '', done: true, usage: PARIS.usage, finish_reason: 'stop' };
    assert.ok(request.stream);
  };
  const name = register(streaming(async () => PARIS, chunks));
  for (const passed of [true, false]) {
    for (const streamPolicy of ['buffer', 'optimistic']) {
      const agent = new CascadeAgent(
        pair(name, { streamPolicy, qualityChecks: [check([passed, 'so it is'])] }),
      );
      const plain = await agent.run(CAPITAL);
      const events = [];
      for await (const event of agent.streamEvents(CAPITAL)) events.push(event);
      const decided = events.find((event) => event.type === 'draft_decision');
      assert.equal(decided.data.accepted, passed);
      assert.equal(
        events.some((event) => event.type === 'switch'),
        !passed,
      );
      const streamed = events.at(-1).data.result;
      for (const field of ['content', 'totalCost', 'cascaded', 'rejectionReason', 'qualityScore'])
        assert.deepEqual(streamed[field], plain[field], field);
      assert.deepEqual(outcome(streamed, 'mine'), outcome(plain, 'mine'));
    }
  }
});

test('a batch checks every draft by itself', async () => {
  const queries = Array.from({ length: 12 }, (_, n) => `What is the capital of country ${n}?`);
  const agent = agentWith([
    {
      name: 'odd-numbers',
      check: async (draft) => {
        await new Promise((resolve) => setTimeout(resolve, 3));
        const number = Number(draft.query.match(/\d+/)[0]);
        if (number === 6) throw new Error('six is too many');
        return number % 2 === 1;
      },
    },
  ]);
  const batch = await agent.runBatch(queries, { maxParallel: 4 });
  assert.equal(batch.successCount, 12);
  for (const [n, result] of batch.results.entries()) {
    assert.equal(result.cascaded, n % 2 === 0, `${n}`);
    const { reason } = outcome(result, 'odd-numbers');
    if (n === 6) assert.match(reason, /six is too many/);
  }
});

test('what is no check is refused by name', () => {
  const wrong = [
    [5, /not a list/],
    ['length', /not a list/],
    [[5], /check 0 .*`number`/],
    [[null], /check 0 .*`null`/],
    [[{ name: 'x' }], /check 0/],
    [[check(true), { check: () => true }], /check 1/],
    [[{ name: 5, check: () => true }], /check 0/],
    [[() => true], /check 0 has no name/],
    [[check(true, '  ')], /check 0 has no name/],
    [[check(true, 'a'), check(true, 'a')], /two .*`a`/],
    [[check(true, 'quality')], /`quality`/],
    [[check(true, 'none')], /`none`/],
  ];
  for (const [checks, says] of wrong) {
    assert.throws(
      () => agentWith(checks),
      (error) => {
        assert.ok(error instanceof ConfigurationError, `${error}`);
        assert.equal(error.field, 'qualityChecks');
        assert.ok(error.hint);
        assert.match(error.message, says);
        return true;
      },
    );
  }
});

test('an agent of engine configuration takes checks', async () => {
  const config = {
    models: [
      { name: 'small', provider, cost: '0.0002' },
      { name: 'large', provider, cost: '0.005' },
    ],
  };
  const agent = CascadeAgent.fromConfig(config, { qualityChecks: [check(false)] });
  assert.equal((await agent.run(CAPITAL)).answerModel, 'large');
});
