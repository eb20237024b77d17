// Prices, tokens and what a call will cost.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CascadeAgent,
  ConfigurationError,
  calculateCost,
  cascadeflowError,
  countTokens,
  estimateCost,
  estimateTokens,
  getModelCost,
  LiteLLMCostProvider,
  Prices,
  tokenCounter,
} from '../dist/index.js';
import { answering, CAPITAL, PARIS, register } from './support/classes.mjs';

function warning() {
  return new Promise((resolve) => process.once('warning', resolve));
}

test('the cost of a call is exact', async () => {
  const call = { model: 'gpt-4o-mini', inputTokens: 1000, outputTokens: 500 };
  assert.equal(await calculateCost(call), 0.00045);
  assert.equal(await calculateCost({ ...call, model: 'openai/gpt-4o-mini' }), 0.00045);
  assert.equal(await calculateCost({ ...call, provider: 'openai' }), 0.00045);
  // Half of the prompt at 0.075 USD per 1,000,000 tokens in place of 0.15.
  assert.equal(await calculateCost({ ...call, cachedInputTokens: 500 }), 0.0004125);
  assert.equal(await calculateCost({ model: 'gpt-4o-mini' }), 0);
});

test('what a model costs', async () => {
  const price = await getModelCost('gpt-4o-mini');
  assert.equal(price.inputCostPerToken, 0.15e-6);
  assert.equal(price.outputCostPerToken, 0.6e-6);
  assert.equal(price.maxTokens, 16384);
  assert.equal(price.supportsStreaming, true);
});

test('an unknown model is estimated with a warning, or refused', async () => {
  const warned = warning();
  const call = { model: 'nobody-knows', inputTokens: 1_000_000, outputTokens: 1_000_000 };
  assert.equal(await calculateCost(call), 3);
  assert.match((await warned).message, /nobody-knows/);
  const strict = new LiteLLMCostProvider({ fallbackEnabled: false });
  for (const refused of [strict.calculateCost(call), strict.getModelCost(call.model)]) {
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof cascadeflowError);
      assert.equal(error.code, 'MODEL_ERROR');
      assert.match(error.message, /nobody-knows/);
      return true;
    });
  }
});

test('bad counts and providers are refused by name', async () => {
  for (const [field, value] of [
    ['inputTokens', -1],
    ['outputTokens', 1.5],
    ['cachedInputTokens', Number.NaN],
    ['cacheWrite5mTokens', '7'],
    ['serviceTier', 'free'],
  ]) {
    await assert.rejects(calculateCost({ model: 'gpt-4o-mini', [field]: value }), (error) => {
      assert.ok(error instanceof ConfigurationError, `${error}`);
      assert.equal(error.field, field);
      assert.ok(error.hint);
      return true;
    });
  }
  await assert.rejects(calculateCost({ model: 'x', provider: 'opnai' }), (error) => {
    assert.equal(error.field, 'provider');
    assert.match(error.message, /opnai/);
    assert.match(error.message, /did you mean `openai`/);
    assert.match(error.message, /anthropic, groq/);
    return true;
  });
});

test('tokens are counted in the vocabulary of the model, or estimated', () => {
  assert.deepEqual(countTokens({ model: 'gpt-4o', text: 'hello world' }), {
    tokens: 2,
    source: 'vocabulary',
  });
  assert.equal(tokenCounter({ model: 'gpt-4o', text: 'hello world' }), 2);
  assert.equal(countTokens({ model: 'claude-sonnet-4-5', text: 'hello world' }).source, 'estimate');
  assert.ok(estimateTokens('hello world') >= 2);
  const messages = [{ role: 'user', content: 'hello world' }];
  assert.ok(tokenCounter({ model: 'gpt-4o', messages }) > 2);
  for (const wrong of [{}, { text: 'a', messages }, { text: 5 }]) {
    assert.throws(() => countTokens(wrong), ConfigurationError);
  }
});

test('a call is priced before it is made', () => {
  const messages = [{ role: 'user', content: 'hello world' }];
  const estimate = estimateCost({ model: 'gpt-4o-mini', messages, maxTokens: 100 });
  assert.equal(estimate.provider, 'openai');
  assert.equal(estimate.counted, 'vocabulary');
  assert.equal(estimate.outputTokens, 100);
  assert.equal(estimate.priced, 'catalogue');
  assert.equal(estimate.inputCost, (estimate.inputTokens * 15) / 1e8);
  assert.equal(estimate.cost, (estimate.inputTokens * 15 + 100 * 60) / 1e8);
  const text = estimateCost({ model: 'gpt-4o-mini', messages: 'hello world', maxTokens: 100 });
  assert.deepEqual(text, estimate);
  const own = estimateCost({
    model: 'mine',
    provider: 'vllm',
    cost: 0.5,
    messages,
    maxTokens: 1000,
  });
  assert.equal(own.priced, 'configured');
  assert.equal(own.cost, (own.inputTokens + 1000) / 2000);
  const tiny = { model: 'mine', provider: 'vllm', cost: 1e-7, messages, maxTokens: 1000 };
  assert.equal(estimateCost(tiny).cost, ((own.inputTokens + 1000) * 1e-7) / 1000);
  const unknown = estimateCost({ model: 'nobody-knows', messages, maxTokens: 1 });
  assert.equal(unknown.priced, 'unpriced');
  assert.equal(unknown.cost, undefined);
  assert.throws(() => estimateCost({ model: 'nobody-knows', messages }), { field: 'maxTokens' });
  assert.throws(() => estimateCost({ messages }), { field: 'model' });
  assert.throws(() => estimateCost({ model: 'x', cost: 1, messages }), { field: 'provider' });
});

function priceFile(input) {
  return JSON.stringify({
    provider: 'openai',
    source: 'a contract',
    date: '2026-11-01',
    models: [{ id: 'our-model', price: { input, output: '4' } }],
  });
}

test('a price file goes before the catalogue, and a broken one leaves the last good', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prices-'));
  try {
    const path = join(folder, 'ours.json');
    writeFileSync(path, priceFile('2'));
    const prices = new Prices(path);
    const call = { model: 'our-model', provider: 'openai', inputTokens: 1000, outputTokens: 0 };
    assert.equal(prices.calculateCost(call), 0.002);
    assert.equal(prices.find('our-model').provider, 'openai');
    assert.equal(prices.find('gpt-4o-mini').price.input, '0.15');
    assert.equal(new Prices().find('our-model'), undefined);
    const provider = new LiteLLMCostProvider({ prices });
    assert.equal(await provider.calculateCost(call), 0.002);
    const estimate = prices.estimateCost({ model: 'our-model', messages: 'hi', maxTokens: 10 });
    assert.equal(estimate.priced, 'catalogue');
    writeFileSync(path, '{"provider": "openai"');
    assert.throws(
      () => prices.reload(),
      (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.match(error.message, /ours\.json/);
        return true;
      },
    );
    assert.equal(prices.calculateCost(call), 0.002);
    writeFileSync(path, priceFile('3'));
    prices.reload();
    assert.equal(prices.calculateCost(call), 0.003);
    assert.throws(() => new Prices(join(folder, 'missing.json')), ConfigurationError);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an agent prices by its price file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prices-'));
  try {
    const provider = register(
      class Unpriced extends answering(async () => PARIS) {
        calculateCost = undefined;
      },
    );
    const path = join(folder, 'ours.json');
    const file = JSON.parse(priceFile('2'));
    writeFileSync(path, JSON.stringify({ ...file, provider }));
    const agent = new CascadeAgent({ models: [{ name: 'our-model', provider }], prices: path });
    const result = await agent.run(CAPITAL);
    // 12 tokens at 2 and 8 at 4 USD per 1,000,000.
    assert.equal(result.totalCost, 0.000056);
    assert.equal(result.attempts[0].priced, 'catalogue');
    const models = [{ name: 'our-model', provider }];
    assert.throws(() => new CascadeAgent({ models, prices: `${path}.missing` }), {
      field: 'prices',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what happens to a model without a price', async () => {
  const provider = register(
    class Unpriced extends answering(async () => PARIS) {
      calculateCost = undefined;
    },
  );
  const models = [{ name: 'nobody-knows', provider }];
  const flagged = await new CascadeAgent({ models }).run(CAPITAL);
  assert.equal(flagged.unpriced, true);
  assert.equal(flagged.totalCost, 0);
  const free = await new CascadeAgent({ models, unpriced: 'zero' }).run(CAPITAL);
  assert.equal(free.unpriced, false);
  await assert.rejects(async () => new CascadeAgent({ models, unpriced: 'refuse' }).run(CAPITAL), {
    field: 'cost',
  });
  assert.throws(() => new CascadeAgent({ models, unpriced: 'maybe' }), { field: 'unpriced' });
});
