// Tools that the agent executes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CascadeAgent } from '../dist/index.js';
import { answering, CAPITAL, PARIS, pair, register } from './support/classes.mjs';

const CALL = {
  id: 'c1',
  type: 'function',
  function: { name: 'look', arguments: '{"what":"Paris"}' },
};
const TOOLS = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];

/** A class that calls the tool first, and keeps what it was asked. */
function caller(requests) {
  return register(
    answering((request) => {
      requests.push(request);
      const done = request.messages.some((message) => message.role === 'tool');
      if (done) return { ...PARIS, model: request.model };
      return { content: '', model: request.model, tool_calls: [CALL], finish_reason: 'tool_calls' };
    }),
  );
}

test('an executor, a function or an object, at once or later, gives the model its results', async () => {
  const executors = [
    [(call) => `seen ${call.function.arguments}`, 'seen {"what":"Paris"}'],
    [async () => ({ found: 1 }), '{"found":1}'],
    [
      {
        text: 'own',
        execute() {
          return this.text;
        },
      },
      'own',
    ],
    [() => undefined, 'null'],
    [
      () => {
        throw new Error('broken');
      },
      '{"error":"broken"}',
    ],
  ];
  for (const [toolExecutor, content] of executors) {
    const requests = [];
    const agent = new CascadeAgent(pair(caller(requests), { toolExecutor }));
    const result = await agent.run(CAPITAL, { tools: TOOLS, forceDirect: true });
    assert.equal(result.content, PARIS.content);
    assert.equal(requests.at(-1).messages.at(-1).content, content);
    assert.equal(result.attempts.length, 2);
  }
});

test('rounds end at maxSteps, and without an executor calls go to the caller', async () => {
  const requests = [];
  const provider = caller(requests);
  const executed = [];
  const limited = new CascadeAgent(pair(provider, { toolExecutor: (call) => executed.push(call) }));
  const stopped = await limited.run(CAPITAL, { tools: TOOLS, forceDirect: true, maxSteps: 0 });
  assert.deepEqual([stopped.toolCalls, executed], [[CALL], []]);
  const plain = await new CascadeAgent(pair(provider)).run(CAPITAL, { tools: TOOLS });
  assert.deepEqual(plain.toolCalls, [CALL]);
});

test('what cannot be called is refused', () => {
  for (const toolExecutor of [3, null, {}]) {
    assert.throws(() => new CascadeAgent(pair('openai', { toolExecutor })), {
      field: 'toolExecutor',
    });
  }
});
