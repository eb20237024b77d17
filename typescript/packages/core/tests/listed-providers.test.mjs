// The provider classes over other dialects, against a loopback server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import {
  CascadeAgent,
  ConfigurationError,
  DeepSeekProvider,
  FireworksProvider,
  HuggingFaceProvider,
  OllamaProvider,
  OpenRouterProvider,
  providerRegistry,
  TogetherProvider,
  VLLMProvider,
} from '../dist/index.js';
import { ANSWER, startServer } from './support/loopback.mjs';

const KEY = 'sk-loopback-0123456789abcdef';
const CAPITAL = 'What is the capital of France?';
const CLASSES = {
  together: TogetherProvider,
  fireworks: FireworksProvider,
  deepseek: DeepSeekProvider,
  openrouter: OpenRouterProvider,
  huggingface: HuggingFaceProvider,
};

let server;

before(async () => {
  server = await startServer();
});

after(() => server.stop());

function config(provider, rest = {}) {
  return { name: 'm', provider, apiKey: KEY, baseUrl: server.openai, maxRetries: 0, ...rest };
}

const REQUEST = { messages: [{ role: 'user', content: CAPITAL }], model: 'm' };

test('each class is the registered one and speaks over the wire, plain and streamed', async () => {
  for (const [name, Class] of Object.entries(CLASSES)) {
    assert.equal(providerRegistry.getClass(name), Class);
    const provider = providerRegistry.get(name, config(name, { cost: 0.001 }));
    assert.ok(provider instanceof Class);
    assert.equal(provider.name, name);
    server.seen.length = 0;
    const response = await provider.generate(REQUEST);
    assert.equal(response.content, ANSWER, name);
    assert.equal(response.usage.total_tokens, 19);
    assert.equal(server.seen[0].headers.authorization, `Bearer ${KEY}`);
    assert.equal(server.seen[0].body.model, 'm');
    let text = '';
    for await (const chunk of provider.stream(REQUEST)) text += chunk.content;
    assert.equal(text, ANSWER, name);
    assert.equal(provider.calculateCost(1000, 1000, 'm'), 0.002);
    assert.ok(!JSON.stringify(provider).includes(KEY));
  }
});

test('an agent runs over each without a class in between', async () => {
  for (const name of Object.keys(CLASSES)) {
    const agent = new CascadeAgent({ models: [config(name, { cost: 0.001 })] });
    const result = await agent.run(CAPITAL);
    assert.equal(result.content, ANSWER);
    assert.equal(result.answerProvider, name);
  }
});

test('Hugging Face: who serves the model', async () => {
  const { provider: _, ...model } = config('huggingface', { name: 'org/m' });
  const asked = async (provider, request = {}) => {
    assert.ok(provider instanceof HuggingFaceProvider);
    server.seen.length = 0;
    await provider.generate({ ...REQUEST, model: 'org/m', ...request });
    for await (const _ of provider.stream({ ...REQUEST, model: 'org/m', ...request })) {
      // Only what is asked is of interest.
    }
    assert.equal(server.seen[0].body.model, server.seen[1].body.model);
    assert.equal(server.seen[0].path, '/v1/chat/completions');
    return server.seen[0].body.model;
  };
  assert.equal(await asked(new HuggingFaceProvider(config('huggingface'))), 'org/m');
  assert.equal(await asked(HuggingFaceProvider.serverless(model)), 'org/m:hf-inference');
  const partner = HuggingFaceProvider.inferenceProviders({ ...model, providerName: 'together' });
  assert.equal(await asked(partner), 'org/m:together');
  assert.equal(await asked(partner, { model: 'org/m:groq' }), 'org/m:groq');
  const { baseUrl: __, ...rest } = model;
  const endpoint = { ...rest, endpointUrl: server.origin };
  assert.equal(await asked(HuggingFaceProvider.inferenceEndpoint(endpoint)), 'org/m');
  for (const [field, make] of [
    ['endpointUrl', () => HuggingFaceProvider.inferenceEndpoint({ ...rest, endpointUrl: ' ' })],
    ['providerName', () => HuggingFaceProvider.inferenceProviders({ ...rest })],
  ]) {
    assert.throws(make, (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.equal(error.field, field);
      return true;
    });
  }
});

test('the signal of a request reaches a routed call', async () => {
  const { provider: _, ...model } = config('huggingface');
  const provider = HuggingFaceProvider.serverless(model);
  const signal = AbortSignal.abort();
  await assert.rejects(provider.generate({ ...REQUEST, signal }), { name: 'AbortError' });
});

test('models are listed and priced', async () => {
  const listing = await startServer((_, request) =>
    request.url.endsWith('/models')
      ? { json: { object: 'list', data: [{ id: 'a/one' }, { id: 'b/two' }] } }
      : request.url.endsWith('/api/tags')
        ? { json: { models: [{ name: 'llama3.2', model: 'llama3.2', size: 7 }] } }
        : {},
  );
  try {
    const at = { baseUrl: listing.openai };
    const router = new OpenRouterProvider(config('openrouter', at));
    assert.deepEqual(await router.fetchAvailableModels(), [{ id: 'a/one' }, { id: 'b/two' }]);
    assert.equal(listing.seen[0].path, '/v1/models');
    assert.equal(listing.seen[0].headers.authorization, `Bearer ${KEY}`);
    const vllm = new VLLMProvider(config('vllm', at));
    assert.deepEqual(await vllm.listModels(), ['a/one', 'b/two']);
    const ollama = new OllamaProvider(config('ollama', { baseUrl: listing.origin }));
    assert.deepEqual(await ollama.listModels(), ['llama3.2']);
    const price = await router.getModelPricing('openai/gpt-4o-mini');
    assert.deepEqual(price, { input: 0.15, output: 0.6 });
    assert.equal(await router.getModelPricing('nobody/nothing'), null);
  } finally {
    await listing.stop();
  }
});

test('Ollama fetches a model', async () => {
  const asked = [];
  const ollama = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    const body = JSON.parse(text);
    asked.push([request.url, body]);
    const last =
      body.model === 'llama3.2'
        ? { status: 'success' }
        : { error: 'pull model manifest: file does not exist' };
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write('{"status":"pulling manifest"}\n');
    response.end(JSON.stringify(last));
  });
  ollama.listen(0, '127.0.0.1');
  await once(ollama, 'listening');
  try {
    const baseUrl = `http://127.0.0.1:${ollama.address().port}`;
    const provider = new OllamaProvider({ name: 'm', provider: 'ollama', cost: 0, baseUrl });
    assert.equal(await provider.pullModel('llama3.2'), undefined);
    assert.deepEqual(asked, [['/api/pull', { model: 'llama3.2', stream: true }]]);
    await assert.rejects(provider.pullModel('lama'), (error) => {
      assert.equal(error.kind, 'not_found');
      assert.match(error.message, /file does not exist/);
      return true;
    });
  } finally {
    ollama.closeAllConnections();
    ollama.close();
  }
});
