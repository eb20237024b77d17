import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BaseProvider,
  CascadeAgent,
  OpenAIProvider,
  ProviderError,
  providerRegistry,
  RateLimitError,
  TimeoutError,
} from '../dist/index.js';
import { answering, CAPITAL, PARIS, pair, register, streaming } from './support/classes.mjs';
import { eventually } from './support/loopback.mjs';

test('a class is made with its model configuration', async () => {
  const configs = [];
  class Own extends BaseProvider {
    name = 'own';
    constructor(config) {
      super(config);
      configs.push(config);
    }
    async generate() {
      return PARIS;
    }
    calculateCost() {
      return 0;
    }
  }
  const provider = register(Own);
  const agent = new CascadeAgent(pair(provider));
  assert.deepEqual(
    configs.map((config) => config.name),
    ['small', 'large'],
  );
  assert.equal((await agent.run(CAPITAL)).content, PARIS.content);
});

test('a plain value is as good as a promise', async () => {
  const provider = register(answering(() => PARIS));
  const result = await new CascadeAgent(pair(provider)).run(CAPITAL);
  assert.equal(result.content, PARIS.content);
});

test('a class prices where the configuration does not', async () => {
  class Priced extends answering(async () => PARIS) {
    calculateCost(prompt, completion, model) {
      assert.equal(model, 'small');
      return (prompt * 1 + completion * 2) / 1000;
    }
  }
  const provider = register(Priced);
  const agent = new CascadeAgent({ models: [{ name: 'small', provider }] });
  const result = await agent.run(CAPITAL);
  assert.equal(result.totalCost, 0.028);
  assert.equal(result.attempts[0].priced, 'reported');
});

test('what a class throws names the class; the other model answers', async () => {
  const Broken = answering(async (request) => {
    if (request.model === 'small') throw new Error('my disk is full');
    return PARIS;
  }, 'Broken');
  const agent = new CascadeAgent(pair(register(Broken)));
  const result = await agent.run(CAPITAL);
  assert.equal(result.answerModel, 'large');
  assert.match(result.attempts[0].error, /`Broken`.*my disk is full/);
  assert.equal(result.attempts[0].errorKind, 'user_code');
});

test('when every call throws, the error lists them', async () => {
  for (const generate of [
    async () => {
      throw new Error('no luck');
    },
    () => {
      throw new TypeError('no luck');
    },
    () => Promise.reject('no luck'),
  ]) {
    const agent = new CascadeAgent(pair(register(answering(generate, 'Unlucky'))));
    await assert.rejects(agent.run(CAPITAL), (error) => {
      assert.ok(error instanceof ProviderError, `${error}`);
      assert.match(error.message, /no luck/);
      assert.match(error.message, /Unlucky/);
      assert.equal(error.attempts.length, 2);
      return true;
    });
  }
});

test('a wrong return type names class, method and remedy', async () => {
  const wrong = [
    [undefined, /null/],
    [null, /null/],
    ['Paris', /string/],
    [42, /number/],
    [[], /array/],
    [{}, /content/],
    [{ content: 5 }, /content/],
    [{ content: 'x', usage: { prompt_tokens: -1, completion_tokens: 2 } }, /prompt_tokens/],
    [{ content: 'x', usage: { prompt_tokens: Number.NaN, completion_tokens: 2 } }, /finite/],
    [{ content: 'x', logprobs: ['high'] }, /log-prob/],
  ];
  for (const [value, says] of wrong) {
    const agent = new CascadeAgent(pair(register(answering(async () => value, 'Wrong'))));
    await assert.rejects(
      agent.run(CAPITAL),
      (error) => {
        assert.match(error.message, /Wrong/);
        assert.match(error.message, says);
        assert.match(`${error.message}${error.attempts[0].error}`, /`Wrong`/);
        return true;
      },
      JSON.stringify(value),
    );
  }
});

test('errors of this package that a class throws keep their kind', async () => {
  const provider = register(
    answering(async () => {
      throw new RateLimitError('slow down', 'mine', 2);
    }),
  );
  await assert.rejects(new CascadeAgent(pair(provider)).run(CAPITAL), (error) => {
    assert.ok(error instanceof RateLimitError, `${error}`);
    assert.equal(error.statusCode, 429);
    assert.equal(error.retryAfter, 2);
    return true;
  });
});

test('a promise that never settles ends at the deadline and names the class', async () => {
  let signal;
  const provider = register(
    answering((request) => {
      if (request.messages.at(-1).content !== CAPITAL) return PARIS;
      signal = request.signal;
      return new Promise(() => {});
    }, 'Sleepy'),
  );
  const agent = new CascadeAgent(pair(provider));
  const late = assert.rejects(agent.run(CAPITAL, { timeout: 150 }), (error) => {
    assert.ok(error instanceof TimeoutError, `${error}`);
    assert.match(`${error.message} ${error.attempts?.map((a) => a.error)}`, /Sleepy/);
    return true;
  });
  // Others go on meanwhile.
  assert.equal((await agent.run('What is two plus two?')).content, PARIS.content);
  await late;
  await eventually(() => signal.aborted, 'the signal of the abandoned request fires');
});

test('a class that is not available is not asked', async () => {
  let asked = 0;
  class Away extends answering(async () => {
    asked += 1;
    return PARIS;
  }) {
    isAvailable() {
      return false;
    }
  }
  await assert.rejects(new CascadeAgent(pair(register(Away))).run(CAPITAL), /Away.*not available/);
  assert.equal(asked, 0);
});

test('a constructor that throws is reported as it is', () => {
  class Picky {
    constructor() {
      throw new RangeError('not today');
    }
  }
  assert.throws(() => new CascadeAgent(pair(register(Picky))), {
    name: 'RangeError',
    message: 'not today',
  });
});

test('a class may call the agent again', async () => {
  let agent;
  const provider = register(
    answering(async (request) => {
      if (request.messages.at(-1).content !== CAPITAL) return PARIS;
      const inner = await agent.run('What is two plus two?');
      return { ...PARIS, content: `${inner.content} That is the answer.` };
    }),
  );
  agent = new CascadeAgent(pair(provider));
  assert.match((await agent.run(CAPITAL)).content, /That is the answer\.$/);
});

test('a subclass of a built-in class is used in its place', async () => {
  class Recording extends OpenAIProvider {
    async generate(request) {
      return {
        ...PARIS,
        model: request.model,
        content: 'Recorded: the capital of France is Paris.',
      };
    }
  }
  providerRegistry.register('openai', Recording);
  try {
    const agent = new CascadeAgent({
      models: [{ name: 'gpt-4o-mini', provider: 'openai', cost: 0.1, apiKey: 'sk-test' }],
    });
    assert.match((await agent.run(CAPITAL)).content, /^Recorded/);
  } finally {
    providerRegistry.unregister('openai');
  }
  assert.equal(providerRegistry.getClass('openai'), OpenAIProvider);
});

test('an instance instead of a class is refused', () => {
  assert.throws(() => providerRegistry.register('x', {}), { field: 'provider' });
  assert.throws(() => providerRegistry.get('nobody', { name: 'x', provider: 'nobody' }), {
    field: 'provider',
  });
});

const chunked = async function* (request) {
  for (const word of ['The capital ', 'of France ', 'is Paris.']) yield { content: word };
  yield {
    content: '',
    done: true,
    usage: PARIS.usage,
    finish_reason: 'stop',
    model: request.model,
  };
};

test('a generator streams, with the result of a plain run', async () => {
  const provider = register(streaming(async () => PARIS, chunked));
  const agent = new CascadeAgent(pair(provider, { streamPolicy: 'optimistic' }));
  const events = [];
  for await (const event of agent.streamEvents(CAPITAL)) events.push(event);
  const chunks = events.filter((event) => event.type === 'chunk').map((event) => event.content);
  assert.deepEqual(chunks, ['The capital ', 'of France ', 'is Paris.']);
  const streamed = events.at(-1).data.result;
  const plain = await agent.run(CAPITAL);
  for (const field of ['content', 'totalCost', 'costSaved', 'modelUsed', 'qualityScore', 'usage']) {
    assert.deepEqual(streamed[field], plain[field], field);
  }
});

test('a generator that breaks or lies names its class', async () => {
  const generators = [
    async function* () {
      yield { content: 'The ' };
      throw new Error('wire cut');
    },
    () => {
      throw new Error('wire cut');
    },
    () => 5,
    async function* () {
      yield 'not an object: wire cut';
    },
  ];
  for (const chunks of generators) {
    const provider = register(streaming(async () => PARIS, chunks, 'Leaky'));
    const agent = new CascadeAgent({ models: [{ name: 'one', provider, cost: 1 }] });
    const events = [];
    for await (const event of agent.stream(CAPITAL)) events.push(event);
    assert.equal(events.at(-1).type, 'error');
    assert.match(events.at(-1).data.error, /Leaky/);
    assert.ok(events.at(-1).data.exception instanceof ProviderError);
  }
});

test('leaving the loop ends the generator', async () => {
  let ended = false;
  const provider = register(
    streaming(
      async () => PARIS,
      async function* () {
        try {
          for (;;) yield { content: 'more and more ' };
        } finally {
          ended = true;
        }
      },
    ),
  );
  const agent = new CascadeAgent({
    models: [{ name: 'one', provider, cost: 1 }],
    streamPolicy: 'optimistic',
  });
  let seen = 0;
  for await (const event of agent.stream(CAPITAL)) {
    if (event.type === 'chunk') seen += 1;
    if (seen === 3) break;
  }
  await eventually(() => ended, 'the generator is ended');
});

test('a stream is pulled no faster than it is read', async () => {
  let made = 0;
  const provider = register(
    streaming(
      async () => PARIS,
      async function* () {
        for (made = 0; made < 1000; made += 1) yield { content: 'word ' };
      },
    ),
  );
  const agent = new CascadeAgent({ models: [{ name: 'one', provider, cost: 1 }] });
  let seen = 0;
  for await (const event of agent.stream(CAPITAL)) {
    if (event.type !== 'chunk') continue;
    seen += 1;
    if (seen === 5) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.ok(made < 20, `made ${made} chunks for 5 read`);
      break;
    }
  }
  assert.equal(seen, 5);
});

test('reasoning of a class keeps its signatures, plain and streamed', async () => {
  const block = { type: 'thinking', thinking: 'Simple sum.', signature: 'c2ln' };
  const hidden = { type: 'redacted_thinking', data: 'xyz' };
  const answer = { ...PARIS, thinking: 'Simple sum.', content_blocks: [block, hidden] };
  const provider = register(
    streaming(
      async () => answer,
      async function* () {
        yield { content: '', thinking: 'Simple ' };
        yield { content: '', thinking: 'sum.' };
        yield { content: '', content_blocks: [block] };
        yield { content: '', content_blocks: [hidden] };
        yield { content: PARIS.content };
        yield { content: '', done: true, finish_reason: 'stop', usage: PARIS.usage };
      },
    ),
  );
  const agent = new CascadeAgent({ models: [{ name: 'small', provider, cost: 0.001 }] });
  const { thinking } = await agent.run(CAPITAL);
  assert.deepEqual(
    thinking.map(({ text, signature, redacted }) => [text, signature, redacted]),
    [
      ['Simple sum.', 'c2ln', undefined],
      ['', undefined, 'xyz'],
    ],
  );
  let told = '';
  let result;
  for await (const event of agent.stream(CAPITAL)) {
    told += event.data.thinking ?? '';
    if (event.type === 'complete') result = event.data.result;
  }
  assert.equal(told, 'Simple sum.');
  assert.deepEqual(result.thinking, thinking);
});
