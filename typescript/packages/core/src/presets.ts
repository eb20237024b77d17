/** Ready-made lists of models. */
import type { ModelConfig } from './model.js';

export type QualityMode = 'cost-optimized' | 'balanced' | 'strict';
export type PerformanceMode = 'fast' | 'balanced' | 'reliable';

export interface PresetConfig {
  quality?: QualityMode;
  performance?: PerformanceMode;
  /** Whether the most expensive models may be used. */
  includePremium?: boolean;
}

/** USD per 1,000 tokens, input and output at the ratio of one to one. */
const MODELS = {
  haiku: model('claude-haiku-4-5-20251001', 'anthropic', 0.003, 0.8, 600),
  sonnet: model('claude-sonnet-4-5-20250929', 'anthropic', 0.009, 0.95, 1000),
  mini: model('gpt-4o-mini', 'openai', 0.000375, 0.85, 600),
  gpt4o: model('gpt-4o', 'openai', 0.00625, 0.95, 1200),
  groq8b: model('llama-3.1-8b-instant', 'groq', 0.000065, 0.75, 300),
  groq70b: model('llama-3.3-70b-versatile', 'groq', 0.00069, 0.88, 500),
  local3b: model('llama3.2:3b', 'ollama', 0, 0.65, 800),
  local8b: model('llama3.1:8b', 'ollama', 0, 0.75, 1500),
} as const satisfies Record<string, ModelConfig>;

function model(
  name: string,
  provider: ModelConfig['provider'],
  cost: number,
  qualityScore: number,
  speedMs: number,
): ModelConfig {
  return { name, provider, cost, qualityScore, speedMs };
}

function preset(...keys: (keyof typeof MODELS)[]): { models: ModelConfig[] } {
  return { models: keys.map((key) => ({ ...MODELS[key] })) };
}

/** Balance of price, speed and quality over two providers. */
export const PRESET_BEST_OVERALL: { models: ModelConfig[] } = preset('mini', 'sonnet');
/** The fastest answers. */
export const PRESET_ULTRA_FAST: { models: ModelConfig[] } = preset('groq8b', 'groq70b');
/** The cheapest answers. */
export const PRESET_ULTRA_CHEAP: { models: ModelConfig[] } = preset('groq8b', 'mini');
export const PRESET_OPENAI_ONLY: { models: ModelConfig[] } = preset('mini', 'gpt4o');
export const PRESET_ANTHROPIC_ONLY: { models: ModelConfig[] } = preset('haiku', 'sonnet');
/** Local models of Ollama: free and private. */
export const PRESET_FREE_LOCAL: { models: ModelConfig[] } = preset('local3b', 'local8b');

export const PRESETS = {
  BEST_OVERALL: PRESET_BEST_OVERALL,
  ULTRA_FAST: PRESET_ULTRA_FAST,
  ULTRA_CHEAP: PRESET_ULTRA_CHEAP,
  OPENAI_ONLY: PRESET_OPENAI_ONLY,
  ANTHROPIC_ONLY: PRESET_ANTHROPIC_ONLY,
  FREE_LOCAL: PRESET_FREE_LOCAL,
} as const;

export type PresetName = keyof typeof PRESETS;

const DRAFTERS: Record<PerformanceMode, keyof typeof MODELS> = {
  fast: 'groq8b',
  balanced: 'mini',
  reliable: 'haiku',
};

const VERIFIERS: Record<QualityMode, keyof typeof MODELS> = {
  'cost-optimized': 'groq70b',
  balanced: 'gpt4o',
  strict: 'sonnet',
};

const THRESHOLDS: Record<QualityMode, number> = {
  'cost-optimized': 0.6,
  balanced: 0.7,
  strict: 0.8,
};

/** A preset by what matters. */
export function createPreset(config: PresetConfig = {}): {
  models: ModelConfig[];
  quality?: { threshold: number; mode: QualityMode };
} {
  const mode = config.quality ?? 'balanced';
  const keys = [DRAFTERS[config.performance ?? 'balanced'], VERIFIERS[mode]];
  if (config.includePremium) keys.push('sonnet');
  return { ...preset(...new Set(keys)), quality: { threshold: THRESHOLDS[mode], mode } };
}
