/** Cheaper models instead of dear ones. */
import { encode } from '../codec.js';
import { engineModel, type ModelConfig } from '../model.js';
import { native } from '../native.js';
import { asked, published } from './asked.js';

/** The model to use instead of each; null of one that has nothing cheaper. */
export type DegradationMap = Readonly<Record<string, string | null>>;

/** The model to use instead of each that is known; null of the cheapest of its kind. */
export const DEFAULT_DEGRADATION_MAP: DegradationMap = Object.freeze(
  JSON.parse(native.degradationMap()),
);

/**
 * The model to use instead of `model`; null when nothing is cheaper. What `map` does not name is looked up
 * in the price catalogue; what nobody knows is answered by a model that is known to be cheap.
 */
export function getCheaperModel(
  model: string,
  map: DegradationMap = DEFAULT_DEGRADATION_MAP,
): string | null {
  const text = encode(map);
  return asked(() => native.cheaperModel(model, text))[0];
}

/** `model` and what to use instead, step by step, down to the cheapest. */
export function getDegradationChain(
  model: string,
  map: DegradationMap = DEFAULT_DEGRADATION_MAP,
): string[] {
  const text = encode(map);
  return published(() => native.degradationChain(model, text));
}

/**
 * The share of the cost that `toModel` saves against `fromModel`, 0 to 1; 0 when it costs as much or more,
 * null when the price of either is not known.
 */
export function estimateCostSavings(fromModel: string, toModel: string): number | null {
  return native.estimatedSaving(fromModel, toModel);
}

/** A model that does the same work for less. */
export interface CheaperModel {
  model: ModelConfig;
  /** USD for the work. */
  cost: number;
  /** The share of the cost that it saves, above 0, up to 1. */
  saving: number;
}

/**
 * The models that do the work of so many tokens (1,000 of each by default) for less than `model`, cheapest
 * first. Empty when `model` is none of them, or its price is not known.
 */
export function getCheaperModels(
  models: readonly ModelConfig[],
  model: ModelConfig | string,
  tokens: { inputTokens?: number; outputTokens?: number } = {},
): CheaperModel[] {
  const name = typeof model === 'string' ? model : model.name;
  const position = models.findIndex((one) => one.name === name);
  if (position < 0) return [];
  const request = encode({
    models: models.map(engineModel),
    position,
    input_tokens: tokens.inputTokens ?? 1_000,
    output_tokens: tokens.outputTokens ?? 1_000,
  });
  const found: { position: number; cost: number; saving: number }[] = asked(() =>
    native.cheaperModels(request),
  );
  return found.map(({ position: at, cost, saving }) => ({
    model: models[at] as ModelConfig,
    cost,
    saving,
  }));
}
