// Built-in providers over real HTTP against a loopback server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AnthropicProvider,
  AuthenticationError,
  CascadeAgent,
  GroqProvider,
  OllamaProvider,
  OpenAIProvider,
  RateLimitError,
  VLLMProvider,
} from '../dist/index.js';
import { ANSWER, eventually, startServer } from './support/loopback.mjs';

const CAPITAL = 'What is the capital of France?';
const KEY = 'sk-loopback-0123456789abcdef';

let server;
let answers;

before(async () => {
  server = await startServer((body) => answers?.(body) ?? {});
});

after(() => server.stop());

function models(rest = {}) {
  return [
    {
      name: 'gpt-4o-mini',
      provider: 'openai',
      cost: 0.0002,
      apiKey: KEY,
      baseUrl: server.openai,
      maxRetries: 0,
      ...rest,
    },
    {
      name: 'claude-sonnet-4-5',
      provider: 'anthropic',
      cost: 0.005,
      apiKey: KEY,
      baseUrl: server.anthropic,
      maxRetries: 0,
      ...rest,
    },
  ];
}

test('a cascade over OpenAI and Anthropic, plain and streamed', async () => {
  answers = (body) =>
    body.model === 'gpt-4o-mini' ? { text: "I'm sorry, I can't help with that." } : {};
  server.seen.length = 0;
  const agent = new CascadeAgent({ models: models() });
  const result = await agent.run(CAPITAL);
  assert.equal(result.content, ANSWER);
  assert.equal(result.cascaded, true);
  assert.equal(result.answerModel, 'claude-sonnet-4-5');
  assert.deepEqual(
    server.seen.map((request) => request.path),
    ['/v1/chat/completions', '/v1/messages'],
  );
  assert.equal(server.seen[0].headers.authorization, `Bearer ${KEY}`);
  assert.equal(server.seen[1].headers['x-api-key'], KEY);
  assert.equal(server.seen[0].body.max_tokens ?? server.seen[0].body.max_completion_tokens, 1000);
  // 12 + 7 tokens at 0.0002 and at 0.005 USD per 1,000.
  assert.equal(result.draftCost, 0.0000038);
  assert.equal(result.verifierCost, 0.000095);
  assert.equal(result.totalCost, 0.0000988);
  const events = [];
  for await (const event of agent.streamEvents(CAPITAL)) events.push(event);
  const streamed = events.at(-1).data.result;
  assert.equal(streamed.content, result.content);
  assert.equal(streamed.totalCost, result.totalCost);
  assert.equal(
    events
      .filter((event) => event.type === 'chunk')
      .map((event) => event.content)
      .join(''),
    ANSWER,
  );
});

test('a tool call over the wire', async () => {
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
  };
  answers = () => ({ toolCalls: [call] });
  server.seen.length = 0;
  const agent = new CascadeAgent({ models: models().slice(0, 1) });
  const tools = [
    {
      type: 'function',
      function: { name: 'get_weather', description: 'Weather', parameters: { type: 'object' } },
    },
  ];
  const result = await agent.run('What is the weather in Paris?', {
    tools,
    toolChoice: 'required',
  });
  assert.deepEqual(result.toolCalls, [call]);
  assert.equal(server.seen[0].body.tools[0].function.name, 'get_weather');
  assert.equal(server.seen[0].body.tool_choice, 'required');
});

test('the provider classes on their own', async () => {
  answers = () => ({});
  const made = [
    new OpenAIProvider(models()[0]),
    new AnthropicProvider(models()[1]),
    new GroqProvider({ ...models()[0], name: 'llama', provider: 'groq' }),
    new VLLMProvider({ name: 'llama', provider: 'vllm', cost: 0, baseUrl: server.openai }),
    new VLLMProvider({ name: 'llama', provider: 'vllm', cost: 0, endpoint: `${server.origin}/` }),
  ];
  for (const provider of made) {
    const request = { messages: CAPITAL, model: 'some-model', maxTokens: 50 };
    const response = await provider.generate(request);
    assert.equal(response.content, ANSWER, provider.name);
    assert.equal(response.model, 'some-model');
    assert.equal(response.usage.prompt_tokens, 12);
    assert.equal(response.usage.total_tokens, 19);
    assert.equal(response.finish_reason, 'stop');
    let text = '';
    let last;
    for await (const chunk of provider.stream(request)) {
      text += chunk.content;
      last = chunk;
    }
    assert.equal(text, ANSWER, provider.name);
    assert.equal(last.done, true);
    assert.equal(last.usage.completion_tokens, 7);
    assert.equal(provider.isAvailable(), true);
  }
  assert.equal(made[0].calculateCost(1000, 1000, 'gpt-4o-mini'), 0.0004);
  assert.throws(() => made[0].calculateCost(-1, 0, 'gpt-4o-mini'), { field: 'promptTokens' });
  assert.equal(new OllamaProvider({ name: 'llama3', provider: 'ollama', cost: 0 }).name, 'ollama');
});

test('401 and 429 are their own classes; no error shows the key', async () => {
  const cases = [
    [{ status: 401, error: 'bad key' }, AuthenticationError],
    [{ status: 429, error: 'slow down', headers: { 'retry-after': '3' } }, RateLimitError],
  ];
  for (const [answer, expected] of cases) {
    answers = () => answer;
    const agent = new CascadeAgent({ models: models().slice(0, 1) });
    await assert.rejects(agent.run(CAPITAL), (error) => {
      assert.ok(error instanceof expected, `${error}`);
      assert.equal(error.provider, 'openai');
      assert.equal(error.statusCode, answer.status);
      if (answer.headers) assert.equal(error.retryAfter, 3);
      assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes(KEY));
      return true;
    });
  }
});

test('a missing key names its variable', async () => {
  const saved = process.env.OPENAI_API_KEY;
  delete process.env.OPENAI_API_KEY;
  try {
    const missing = (error) => {
      assert.ok(error instanceof AuthenticationError, `${error}`);
      assert.equal(error.envVarName, 'OPENAI_API_KEY');
      assert.match(error.message, /OPENAI_API_KEY/);
      return true;
    };
    const config = { name: 'gpt-4o-mini', provider: 'openai', cost: 0.1 };
    assert.throws(() => new OpenAIProvider(config), missing);
    await assert.rejects(new CascadeAgent({ models: [config] }).run(CAPITAL), missing);
  } finally {
    if (saved !== undefined) process.env.OPENAI_API_KEY = saved;
  }
});

test('the timeout of the configuration ends a run that hangs', async () => {
  answers = () => ({ hang: true });
  const agent = new CascadeAgent({ models: models().slice(0, 1), cascade: { timeout: 200 } });
  const before = server.closed.length;
  await assert.rejects(agent.run(CAPITAL), { name: 'TimeoutError' });
  await eventually(() => server.closed.length > before, 'the connection is closed');
});

test('retries follow maxRetries', async () => {
  for (const [maxRetries, requests] of [
    [0, 1],
    [1, 2],
  ]) {
    answers = () => ({ status: 503, error: 'later', headers: { 'retry-after': '0' } });
    server.seen.length = 0;
    const [model] = models({ maxRetries: undefined });
    const agent = new CascadeAgent({ models: [model], cascade: { maxRetries } });
    await assert.rejects(agent.run(CAPITAL));
    assert.equal(server.seen.length, requests);
  }
});

test('an AbortSignal closes the socket', async () => {
  answers = () => ({ hang: true });
  const agent = new CascadeAgent({ models: models().slice(0, 1) });
  const provider = new OpenAIProvider(models()[0]);
  const calls = [
    (signal) => agent.run(CAPITAL, { signal }),
    (signal) => agent.runBatch([CAPITAL], {}, { signal }),
    (signal) => provider.generate({ messages: CAPITAL, model: 'm', signal }),
    async (signal) => {
      for await (const _ of agent.stream(CAPITAL, { signal }));
    },
  ];
  for (const call of calls) {
    const seen = server.seen.length;
    const closed = server.closed.length;
    const controller = new AbortController();
    const outcome = assert.rejects(call(controller.signal), (error) => {
      assert.equal(error.name, 'AbortError');
      assert.equal(error.cause, controller.signal.reason);
      return true;
    });
    await eventually(() => server.seen.length > seen, 'the request arrives');
    controller.abort(new Error('enough'));
    await outcome;
    await eventually(() => server.closed.length > closed, 'the connection is closed');
    assert.equal(server.closed.at(-1).ended, false);
  }
});

test('leaving a stream closes the socket', async () => {
  answers = () => ({ stall: true });
  const agent = new CascadeAgent({ models: models().slice(0, 1) });
  const closed = server.closed.length;
  for await (const event of agent.stream(CAPITAL, { streamPolicy: 'optimistic' })) {
    if (event.type === 'chunk') break;
  }
  await eventually(() => server.closed.length > closed, 'the connection is closed');
});

test('fifty runs at once over one server', async () => {
  answers = (body) => ({ text: `You asked: ${body.messages.at(-1).content} The answer is Paris.` });
  const agent = new CascadeAgent({ models: models() });
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, n) => agent.run(`What is the capital of country ${n}?`)),
  );
  for (const [n, result] of results.entries()) {
    assert.ok(result.content.includes(`country ${n}?`), result.content);
  }
});
