import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as core from '../dist/index.js';
import { answering, CAPITAL, PARIS, pair, register } from './support/classes.mjs';

const { CascadeAgent, ConfigurationError } = core;

test('an empty list of models is refused in the published words', () => {
  for (const config of [{ models: [] }, {}, undefined]) {
    assert.throws(() => new CascadeAgent(config), {
      name: 'ConfigurationError',
      message: 'At least one model is required',
      field: 'models',
    });
  }
});

test('bad models are refused with field and remedy', () => {
  const cases = [
    [{ name: 'x', provider: 'openai', cost: -1 }, 'cost', /zero or more/],
    [{ name: 'x', provider: 'opnai', cost: 1 }, 'provider', /openai/],
    [{ name: '', provider: 'openai', cost: 1 }, 'name', /model id/],
    [{ name: 'x', provider: 'openai', cost: 1, temperature: 3 }, 'temperature', /0 to 2/],
    [{ name: 'x', provider: 'openai', cost: 1, maxTokens: 0 }, 'maxTokens', /at least 1/],
    [{ name: 'x', provider: 'openai', cost: Number.NaN }, 'cost', /finite/],
    [{ name: 'x', provider: 'openai', cost: 1, httpConfig: [1] }, 'httpConfig.0', /baseUrl/],
    [{ provider: 'openai', cost: 1 }, 'models[0].name', /models\[0\].name/],
    ['gpt-4o', 'models', /\{name, provider, cost\}/],
  ];
  for (const [model, field, remedy] of cases) {
    assert.throws(
      () => new CascadeAgent({ models: [model] }),
      (error) => {
        assert.ok(error instanceof ConfigurationError, `${error}`);
        assert.equal(error.field, field);
        assert.match(error.message, remedy);
        return true;
      },
      JSON.stringify(model),
    );
  }
});

test('a run gives the published fields', async () => {
  const provider = register(answering(async () => PARIS));
  const agent = new CascadeAgent(pair(provider));
  const result = await agent.run(CAPITAL);
  assert.equal(result.content, PARIS.content);
  assert.equal(result.modelUsed, 'small');
  assert.equal(result.cascaded, false);
  assert.equal(result.draftAccepted, true);
  assert.equal(result.routingStrategy, 'cascade');
  assert.equal(result.hasToolCalls, false);
  assert.equal(result.tokensUsed, 20);
  // 20 tokens at 0.0002 and 0.005 USD per 1,000.
  assert.equal(result.totalCost, 0.000004);
  assert.equal(result.draftCost, 0.000004);
  assert.equal(result.verifierCost, 0);
  assert.equal(result.baselineCost, 0.0001);
  assert.equal(result.costSaved, 0.000096);
  assert.equal(result.savingsPercentage, 96);
  assert.equal(result.draftModel, 'small');
  assert.equal(result.text, result.content);
  assert.equal(result.responseLength, PARIS.content.length);
  assert.equal(result.responseWordCount, 6);
  assert.equal(result.attempts.length, 1);
  assert.equal(result.attempts[0].cost, 0.000004);
  assert.ok(result.trace.length > 0);
  assert.equal(result.costBreakdown.totalCost, result.totalCost);
  const plain = core.resultToObject(result);
  assert.equal(plain.content, result.content);
  assert.deepEqual(JSON.parse(JSON.stringify(result)).attempts, result.attempts);
});

test('a rejected draft escalates to the second model, and a direct run asks the last', async () => {
  const asked = [];
  const provider = register(
    answering(async (request) => {
      asked.push(request.model);
      return { ...PARIS, content: request.model === 'small' ? '' : PARIS.content };
    }),
  );
  const agent = new CascadeAgent({
    models: [
      { name: 'huge', provider, cost: 0.02 },
      { name: 'small', provider, cost: 0.0002 },
      { name: 'large', provider, cost: 0.005 },
    ],
  });
  assert.deepEqual(
    agent.getModels().map((model) => model.name),
    ['small', 'large', 'huge'],
  );
  assert.equal(agent.getModelCount(), 3);
  const result = await agent.run(CAPITAL);
  assert.deepEqual(asked, ['small', 'large']);
  assert.equal(result.cascaded, true);
  assert.equal(result.draftAccepted, false);
  assert.equal(result.answerModel, 'large');
  assert.ok(result.rejectionReason);
  asked.length = 0;
  const direct = await agent.run(CAPITAL, { forceDirect: true });
  assert.deepEqual(asked, ['huge']);
  assert.equal(direct.routingStrategy, 'direct');
  assert.equal(direct.cascaded, false);
  assert.deepEqual(agent.getRouterStats().preRouter.byStrategy, { cascade: 1, direct: 1 });
  agent.resetRouterStats();
  assert.equal(agent.getRouterStats().preRouter.totalQueries, 0);
});

test('options and defaults reach the provider', async () => {
  let request;
  const provider = register(
    answering(async (given) => {
      request = given;
      return PARIS;
    }),
  );
  const agent = new CascadeAgent(pair(provider));
  await agent.run(CAPITAL);
  assert.equal(request.maxTokens, 1000);
  assert.deepEqual(request.messages, [{ role: 'user', content: CAPITAL }]);
  await agent.run(
    [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hi.' },
      { role: 'user', content: CAPITAL },
    ],
    {
      maxTokens: 7,
      temperature: 0.5,
      topP: 0.9,
      stop: 'END',
      seed: 3,
      systemPrompt: 'You are a guide.',
      forceDirect: true,
      extra: { snake_case: 1, camelCase: { deep_key: 2 } },
    },
  );
  assert.equal(request.maxTokens, 7);
  assert.equal(request.temperature, 0.5);
  assert.equal(request.topP, 0.9);
  assert.deepEqual(request.stop, ['END']);
  assert.equal(request.seed, 3);
  assert.match(request.systemPrompt, /^You are a guide\.[\s\S]*Be brief\.$/);
  assert.deepEqual(
    request.messages.map((message) => message.content),
    ['Hello', 'Hi.', CAPITAL],
  );
  assert.deepEqual(request.extra, { snake_case: 1, camelCase: { deep_key: 2 } });
});

test('a first provider of vllm or ollama answers in 500 tokens', async () => {
  const { CascadeAgent: Agent, providerRegistry } = core;
  let maxTokens;
  class Local extends answering(async (request) => {
    maxTokens = request.maxTokens;
    return PARIS;
  }) {}
  providerRegistry.register('vllm', Local);
  try {
    const agent = new Agent({ models: [{ name: 'local', provider: 'vllm', cost: 0 }] });
    await agent.run(CAPITAL);
    assert.equal(maxTokens, 500);
  } finally {
    providerRegistry.unregister('vllm');
  }
});

test('tools and images cross, and tool calls come back', async () => {
  const tools = [
    {
      type: 'function',
      function: {
        name: 'get_weather',
        description: 'Weather of a city',
        parameters: { type: 'object', properties: { city_name: { type: 'string' } } },
      },
    },
  ];
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name: 'get_weather', arguments: '{"city_name":"Paris"}' },
  };
  let request;
  const provider = register(
    answering(async (given) => {
      request = given;
      return { content: '', model: 'm', finish_reason: 'tool_calls', tool_calls: [call] };
    }),
  );
  const agent = new CascadeAgent(pair(provider));
  const result = await agent.run(
    [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is the weather here?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      },
    ],
    { tools, toolChoice: { type: 'function', function: { name: 'get_weather' } } },
  );
  assert.deepEqual(request.tools, tools);
  assert.deepEqual(request.toolChoice, { type: 'function', function: { name: 'get_weather' } });
  assert.deepEqual(request.messages[0].content[1], {
    type: 'image_url',
    image_url: { url: 'data:image/png;base64,AAAA' },
  });
  assert.equal(result.hasToolCalls, true);
  assert.deepEqual(result.toolCalls, [call]);
  await agent.run([
    { role: 'user', content: 'What is the weather?' },
    { role: 'assistant', content: '', tool_calls: [call] },
    { role: 'tool', content: 'sunny', tool_call_id: 'call_1' },
    { role: 'user', content: 'And so?' },
  ]);
  assert.deepEqual(request.messages[1].tool_calls, [call]);
  assert.deepEqual(request.messages[2], {
    role: 'tool',
    content: 'sunny',
    tool_call_id: 'call_1',
  });
});

test('options without effect are refused, not ignored', async () => {
  const provider = register(answering(async () => PARIS));
  const agent = new CascadeAgent(pair(provider));
  await assert.rejects(agent.run(CAPITAL, { maxBudget: 1 }), { field: 'maxBudget' });
  await assert.rejects(agent.run(CAPITAL, { toolExecutor: {} }), { field: 'toolExecutor' });
  assert.throws(() => new CascadeAgent(pair(provider, { cascade: { maxBudget: 1 } })), {
    field: 'maxBudget',
  });
  assert.throws(() => new CascadeAgent(pair(provider, { tiers: {} })), { field: 'tiers' });
  assert.throws(() => new CascadeAgent(pair(provider, { cascade: { timeout: 0 } })), {
    field: 'timeout',
  });
});

test('bad arguments are refused with their field', async () => {
  const provider = register(answering(async () => PARIS));
  const agent = new CascadeAgent(pair(provider));
  const cases = [
    [CAPITAL, { maxTokens: -1 }, 'maxTokens'],
    [CAPITAL, { maxTokens: 1.5 }, 'maxTokens'],
    [CAPITAL, { temperature: Number.POSITIVE_INFINITY }, 'temperature'],
    [CAPITAL, { temperature: 'hot' }, 'temperature'],
    [CAPITAL, { complexityHint: 'impossible' }, 'complexityHint'],
    [CAPITAL, { toolChoice: 5 }, 'toolChoice'],
    [CAPITAL, { tools: {} }, 'tools'],
    [CAPITAL, { timeout: -5 }, 'timeout'],
    [CAPITAL, { extra: { deep: { value: Number.NaN } } }, 'value'],
    [5, undefined, 'query'],
    [null, undefined, 'query'],
    [[], undefined, 'messages'],
    [[{ role: 'king', content: 'x' }], undefined, 'messages[0].role'],
    [[{ role: 'user', content: 5 }], undefined, 'messages[0].content'],
  ];
  for (const [input, options, field] of cases) {
    await assert.rejects(
      agent.run(input, options),
      (error) => {
        assert.ok(error instanceof ConfigurationError, `${error}`);
        assert.equal(error.field, field);
        assert.match(error.message, /hint: /);
        return true;
      },
      JSON.stringify([input, options]),
    );
  }
});

test('a complexity hint and a quality threshold change the way', async () => {
  const provider = register(answering(async () => PARIS));
  const agent = new CascadeAgent(pair(provider));
  const hard = await agent.run(CAPITAL, { complexityHint: 'expert' });
  assert.equal(hard.complexity, 'expert');
  assert.equal(hard.routingStrategy, 'direct');
  const strict = await agent.run(CAPITAL, { qualityThreshold: 1 });
  assert.equal(strict.draftAccepted, false);
  assert.equal(strict.qualityThreshold, 1);
  const off = new CascadeAgent(pair(provider, { cascade: { enabled: false } }));
  assert.equal((await off.run(CAPITAL)).routingStrategy, 'direct');
});

test('a plan names rule, models and gates without calling anything', async () => {
  let calls = 0;
  const provider = register(
    answering(async () => {
      calls += 1;
      return PARIS;
    }),
  );
  const plan = await new CascadeAgent(pair(provider)).plan(CAPITAL);
  assert.equal(plan.route, 'cascade');
  assert.deepEqual(
    plan.steps.map((step) => step.models),
    [['small'], ['large']],
  );
  assert.equal(calls, 0);
});

test('malformed options of a stream are thrown, not an event', async () => {
  const agent = new CascadeAgent(pair(register(answering(async () => PARIS))));
  for (const options of [{ maxTokens: -1 }, { temperature: Number.NaN }]) {
    await assert.rejects(core.collectResult(agent.stream(CAPITAL, options)), {
      name: 'ConfigurationError',
    });
    await assert.rejects(agent.stream(CAPITAL, options)[Symbol.asyncIterator]().next(), {
      name: 'ConfigurationError',
    });
  }
});

test('looking at an agent or a provider shows no key', () => {
  const apiKey = 'sk-secret-0123456789';
  const config = { name: 'gpt-4o-mini', provider: 'openai', cost: 0.1, apiKey };
  const agent = new CascadeAgent({ models: [config] });
  const provider = new core.OpenAIProvider(config);
  for (const thing of [agent, provider]) {
    assert.ok(!inspect(thing, { depth: 9, getters: true }).includes(apiKey));
    assert.ok(!JSON.stringify(thing).includes(apiKey));
  }
});

test('many runs at once do not mix', async () => {
  const provider = register(
    answering(async (request) => {
      const asked = request.messages.at(-1).content;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      return { ...PARIS, content: `The answer to your question is number ${asked.split(' ')[1]}.` };
    }),
  );
  const agent = new CascadeAgent(pair(provider));
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, n) => agent.run(`question ${n} of all`, { forceDirect: true })),
  );
  for (const [n, result] of results.entries())
    assert.match(result.content, new RegExp(`number ${n}\\.`));
});

test('an agent of an explicit configuration adds no default', async () => {
  let request;
  const provider = register(
    answering(async (given) => {
      request = given;
      return PARIS;
    }),
  );
  const config = {
    models: [
      { name: 'small', provider, cost: '0.0002' },
      { name: 'large', provider, cost: '0.005' },
    ],
    verifier: 'last',
  };
  const agent = CascadeAgent.fromConfig(config);
  await agent.run(CAPITAL);
  assert.equal(request.maxTokens, undefined);
  assert.throws(() => CascadeAgent.fromConfig({ ...config, modles: [] }), /did you mean|modles/);
});

test('an agent is made of what the environment offers', () => {
  const saved = { ...process.env };
  for (const name of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GROQ_API_KEY'])
    delete process.env[name];
  try {
    assert.throws(() => CascadeAgent.fromEnv(), { name: 'ConfigurationError' });
    process.env.OPENAI_API_KEY = 'sk-test';
    assert.ok(core.getAvailableProviders().includes('openai'));
    assert.ok(!core.getAvailableProviders().includes('anthropic'));
    const agent = CascadeAgent.fromEnv({ quality: { threshold: 0.6 } });
    assert.ok(agent.getModels().every((model) => model.provider === 'openai'));
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
    Object.assign(process.env, saved);
  }
});
