// The table of providers, and the classes behind it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BaseProvider,
  CascadeAgent,
  CohereProvider,
  GoogleProvider,
  getAvailableProviders,
  getConfiguredProviders,
  getProviderInfo,
  OpenAIProvider,
  providerRegistry,
  SUPPORTED_PROVIDERS,
  testConnection,
  testConnections,
  VertexAIProvider,
  validateProvider,
} from '../dist/index.js';
import { ANSWER, startServer } from './support/loopback.mjs';

const NAMES = [
  'openai',
  'anthropic',
  'groq',
  'ollama',
  'vllm',
  'fireworks',
  'together',
  'deepseek',
  'vertex_ai',
  'cohere',
  'openrouter',
  'huggingface',
  'google',
];

test('every provider says what it is good for and has a class', () => {
  assert.deepEqual(Object.keys(SUPPORTED_PROVIDERS).slice(0, NAMES.length), NAMES);
  for (const [name, info] of Object.entries(SUPPORTED_PROVIDERS)) {
    assert.equal(info.name, name);
    for (const field of ['displayName', 'valueProp', 'costRange', 'speed', 'useCase', 'value']) {
      assert.ok(typeof info[field] === 'string' && info[field] !== '', `${name}.${field}`);
    }
    assert.equal(typeof info.pricingAvailable, 'boolean');
    assert.ok(info.exampleModels.length > 0, name);
    assert.equal(providerRegistry.has(name), info.builtIn, name);
  }
  assert.equal(SUPPORTED_PROVIDERS.openai.pricingAvailable, true);
  assert.equal(SUPPORTED_PROVIDERS.ollama.requiresApiKey, false);
  assert.equal(SUPPORTED_PROVIDERS.anthropic.requiresApiKey, true);
  assert.equal(SUPPORTED_PROVIDERS.azure.builtIn, false);
  assert.equal(JSON.parse(JSON.stringify(SUPPORTED_PROVIDERS)).openai.pricingAvailable, true);
});

test('a provider is known by its aliases, in any case', () => {
  assert.equal(getProviderInfo('OpenAI'), SUPPORTED_PROVIDERS.openai);
  assert.equal(getProviderInfo('fireworks_ai').name, 'fireworks');
  assert.equal(getProviderInfo('vertex').name, 'vertex_ai');
  assert.equal(getProviderInfo('nobody'), undefined);
  assert.equal(validateProvider('together_ai'), true);
});

test('what is not supported is told with what is', async () => {
  const warned = new Promise((resolve) => process.once('warning', resolve));
  assert.equal(validateProvider('opnai'), false);
  const { message } = await warned;
  assert.match(message, /`opnai`/);
  for (const name of NAMES) assert.ok(message.includes(name), name);
});

test('the environment decides what can be used', () => {
  assert.deepEqual(getAvailableProviders({}), ['ollama', 'vllm']);
  assert.deepEqual(getConfiguredProviders({}), []);
  const some = { ANTHROPIC_API_KEY: 'sk-x', OPENAI_API_KEY: ' ', GROQ_API_KEY: 'gsk-x' };
  assert.deepEqual(getConfiguredProviders(some), ['anthropic', 'groq']);
  assert.deepEqual(getAvailableProviders(some), ['anthropic', 'ollama', 'groq', 'vllm']);
  assert.deepEqual(getAvailableProviders(), getAvailableProviders(process.env));
});

test('an alias is served by the class of the provider', async () => {
  assert.equal(providerRegistry.getClass('vertex'), VertexAIProvider);
  assert.equal(providerRegistry.getClass('gemini'), GoogleProvider);
  assert.equal(providerRegistry.getClass('cohere'), CohereProvider);
  assert.equal(providerRegistry.getClass('nobody'), undefined);
  const server = await startServer();
  try {
    const config = { cost: 0.001, apiKey: 'k', baseUrl: server.openai, maxRetries: 0 };
    const agent = new CascadeAgent({ models: [{ name: 'm', provider: 'together_ai', ...config }] });
    assert.equal((await agent.run('What is the capital of France?')).content, ANSWER);
    // A built-in class under a name of one's own.
    providerRegistry.register('our-openai', OpenAIProvider);
    const ours = new CascadeAgent({ models: [{ name: 'm', provider: 'our-openai', ...config }] });
    assert.equal((await ours.run('What is the capital of France?')).content, ANSWER);
  } finally {
    providerRegistry.unregister('our-openai');
    await server.stop();
  }
});

test('a class in place of a built-in one serves its aliases', async () => {
  class Own extends BaseProvider {
    name = 'own';
    async generate(request) {
      return { content: 'The capital of France is Paris, I say.', model: request.model };
    }
    calculateCost() {
      return 0;
    }
  }
  providerRegistry.register('vertex_ai', Own);
  try {
    const agent = new CascadeAgent({ models: [{ name: 'm', provider: 'vertex', cost: 1 }] });
    assert.match((await agent.run('What is the capital of France?')).content, /I say/);
  } finally {
    providerRegistry.unregister('vertex_ai');
  }
  assert.equal(providerRegistry.getClass('vertex_ai'), VertexAIProvider);
});

test('service tier, sound and pictures are part of the usage', async () => {
  const usage = {
    prompt_tokens: 100,
    completion_tokens: 50,
    prompt_tokens_details: { cached_tokens: 40, audio_tokens: 7 },
    completion_tokens_details: { reasoning_tokens: 9, audio_tokens: 3 },
  };
  const message = { role: 'assistant', content: 'Paris.' };
  const server = await startServer(() => ({
    json: {
      id: 'x',
      object: 'chat.completion',
      model: 'm',
      service_tier: 'flex',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage,
    },
  }));
  try {
    const config = { apiKey: 'k', baseUrl: server.openai, maxRetries: 0 };
    const model = { name: 'm', provider: 'openai', cost: 0.001, ...config };
    const answer = await new OpenAIProvider(model).generate({ messages: 'hi', model: 'm' });
    const expected = {
      cached_input_tokens: 40,
      reasoning_tokens: 9,
      audio_input_tokens: 7,
      audio_output_tokens: 3,
      image_input_tokens: 0,
      service_tier: 'flex',
    };
    for (const [name, value] of Object.entries(expected)) {
      assert.equal(answer.usage[name], value, name);
    }
    const result = await new CascadeAgent({ models: [model] }).run('hi');
    assert.equal(result.usage.cachedInputTokens, 40);
    assert.equal(result.attempts[0].usage.audioInputTokens, 7);
    assert.equal(result.attempts[0].usage.serviceTier, 'flex');
    assert.equal(result.attempts[0].usage.imageInputTokens, undefined);
    // The same counts from a class of the user's.
    class Own extends BaseProvider {
      name = 'own';
      async generate() {
        return { ...answer, content: 'The capital of France is Paris.' };
      }
      calculateCost() {
        return 0;
      }
    }
    providerRegistry.register('usage-test', Own);
    const own = new CascadeAgent({ models: [{ name: 'm', provider: 'usage-test', cost: 0.001 }] });
    const told = await own.run('What is the capital of France?');
    assert.deepEqual(told.attempts[0].usage, result.attempts[0].usage);
  } finally {
    providerRegistry.unregister('usage-test');
    await server.stop();
  }
});

test('connections are tested without calling a model', async () => {
  const server = await startServer((_, request) =>
    request.headers.authorization === 'Bearer good'
      ? { json: { object: 'list', data: [{ id: 'm' }] } }
      : { status: 401, error: 'bad key' },
  );
  try {
    const model = { name: 'm', provider: 'openai', cost: 1, baseUrl: server.openai };
    const models = [
      { ...model, apiKey: 'good' },
      { ...model, apiKey: 'good', name: 'other' },
      { ...model, apiKey: 'wrong' },
    ];
    const [good, wrong, ...none] = await testConnections({ models });
    assert.deepEqual(none, []);
    assert.equal(good.connected, true);
    assert.ok(good.latency >= 0);
    assert.equal(wrong.connected, false);
    assert.match(wrong.error, /bad key/);
    assert.ok(server.seen.every((one) => one.path === '/v1/models'));
    assert.match((await testConnection('nobody')).error, /unknown provider/);
  } finally {
    await server.stop();
  }
});
