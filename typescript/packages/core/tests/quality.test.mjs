import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ComplexityDetector,
  createPreset,
  getProviderInfo,
  PRESET_FREE_LOCAL,
  PRESETS,
  QualityConfigFactory,
  QualityValidator,
  SUPPORTED_PROVIDERS,
  VERSION,
  validateProvider,
} from '../dist/index.js';

const values = (config) => Object.values(config.confidenceThresholds);

test('the thresholds of the published factories', () => {
  assert.deepEqual(values(QualityConfigFactory.forCascade()), [0.25, 0.4, 0.55, 0.7, 0.8]);
  assert.deepEqual(values(QualityConfigFactory.forProduction()), [0.55, 0.5, 0.45, 0.42, 0.4]);
  const config = new QualityValidator().getConfig();
  assert.equal(config.minConfidence, 0.7);
  assert.equal(config.minWordCount, 10);
  assert.equal(config.minAlignmentScore, 0.15);
});

test('a validator judges single answers', async () => {
  const validator = QualityValidator.forCascade();
  const good = await validator.validate(
    'The capital of France is Paris.',
    'What is the capital of France?',
  );
  assert.equal(good.passed, true);
  assert.equal(good.method, 'heuristic');
  const empty = await validator.validate('', 'What is the capital of France?');
  assert.equal(empty.passed, false);
  const certain = await validator.validate(
    'The capital of France is Paris.',
    'What is the capital of France?',
    [-0.01, -0.02, -0.01],
    'expert',
    0.99,
  );
  assert.equal(certain.method, 'hybrid');
  assert.equal(certain.details.minLogprob, -0.02);
  validator.updateConfig({ minConfidence: 0.9 });
  assert.equal(validator.getConfig().minConfidence, 0.9);
  await assert.rejects(new QualityValidator({ minConfidence: 2 }).validate('x', 'y'), (error) =>
    /min_?confidence/i.test(error.field ?? error.message),
  );
});

test('the levels of published examples', () => {
  const detector = new ComplexityDetector();
  assert.equal(detector.detect('hi').complexity, 'trivial');
  assert.equal(detector.detect('What is the capital of France?').complexity, 'trivial');
  const { confidence } = detector.detect('Explain photosynthesis', true);
  assert.ok(confidence > 0 && confidence <= 1);
});

test('presets and provider tables', () => {
  assert.deepEqual(Object.keys(PRESETS), [
    'BEST_OVERALL',
    'ULTRA_FAST',
    'ULTRA_CHEAP',
    'OPENAI_ONLY',
    'ANTHROPIC_ONLY',
    'FREE_LOCAL',
  ]);
  for (const { models } of Object.values(PRESETS)) {
    assert.ok(models.length >= 2);
    for (const model of models) assert.ok(validateProvider(model.provider), model.provider);
  }
  assert.ok(PRESET_FREE_LOCAL.models.every((model) => model.cost === 0));
  const preset = createPreset({ quality: 'strict', performance: 'fast', includePremium: true });
  assert.deepEqual(preset.quality, { threshold: 0.8, mode: 'strict' });
  assert.equal(new Set(preset.models.map((model) => model.name)).size, preset.models.length);
  for (const name of ['openai', 'anthropic', 'groq', 'ollama', 'vllm']) {
    assert.equal(getProviderInfo(name), SUPPORTED_PROVIDERS[name]);
  }
  assert.equal(validateProvider('nobody'), false);
  assert.match(VERSION, /^\d+\.\d+\.\d+$/);
});
