/** Costs of calls under the names that LiteLLM's users know; LiteLLM itself is not asked. */
import { encode } from './codec.js';
import { cascadeflowError, toPublished } from './errors.js';
import { native } from './native.js';
import {
  type CostCalculationOptions,
  embeddedPrices,
  engineUsage,
  type PriceListing,
  type Prices,
} from './prices.js';
import { type ProviderInfo, requireProvider } from './providers/supported.js';

/** What a model costs in USD per token, and its limit. */
export interface ModelPricing {
  inputCostPerToken: number;
  outputCostPerToken: number;
  /** Most completion tokens, else most prompt tokens; 4,096 when neither is known. */
  maxTokens: number;
  supportsStreaming: boolean;
}

/** What a model without a known price is taken to cost, in USD per 1,000,000 tokens. */
const ASSUMED = { input: '1', output: '2' };
const ASSUMED_LIMIT = 4096;

function perToken(perMillion: string): number {
  return Number(`${perMillion}e-6`);
}

/**
 * Costs of calls by model name, by the catalogue of this package. A model without a known price is
 * estimated, with a warning of the process; without `fallbackEnabled` it is an error.
 */
export class LiteLLMCostProvider {
  readonly #fallback: boolean;
  readonly #prices: Prices;

  /**
   * @param options `fallbackEnabled` is true by default; `prices` are those that come with the
   * package.
   */
  constructor(options: { fallbackEnabled?: boolean; prices?: Prices } = {}) {
    this.#fallback = options.fallbackEnabled ?? true;
    this.#prices = options.prices ?? embeddedPrices();
  }

  /**
   * What a call costs in USD.
   *
   * @throws ConfigurationError about `provider` when it is not supported.
   */
  async calculateCost(options: CostCalculationOptions): Promise<number> {
    if (options.provider !== undefined) requireProvider(options.provider);
    const cost = this.#prices.calculateCost(options);
    if (cost !== undefined) return cost;
    this.#assume(options.model);
    try {
      const request = encode({ price: ASSUMED, usage: engineUsage(options) });
      return Number(JSON.parse(native.price(request)).cost);
    } catch (error) {
      throw toPublished(error);
    }
  }

  /** What a model costs per token. */
  async getModelCost(model: string, provider?: string): Promise<ModelPricing> {
    if (provider !== undefined) requireProvider(provider);
    let found: Partial<PriceListing> | undefined = this.#prices.find(model, provider);
    if (found === undefined) {
      this.#assume(model);
      found = { price: ASSUMED };
    }
    return {
      inputCostPerToken: perToken(found.price?.input),
      outputCostPerToken: perToken(found.price?.output),
      maxTokens: found.outputTokens ?? found.contextTokens ?? ASSUMED_LIMIT,
      supportsStreaming: true,
    };
  }

  /**
   * What is known of a supported provider.
   *
   * @throws ConfigurationError that names the providers when it is not supported.
   */
  validateProvider(provider: string): ProviderInfo {
    return requireProvider(provider);
  }

  #assume(model: string): void {
    const said = `no price is known for the model \`${model}\``;
    if (!this.#fallback) {
      const hint = 'name its provider, give the model a `cost`, or enable the fallback';
      const error = new cascadeflowError(`${said} (hint: ${hint})`, 'MODEL_ERROR', { model });
      error.hint = hint;
      throw error;
    }
    const { input, output } = ASSUMED;
    process.emitWarning(`${said}: taken as ${input} and ${output} USD per 1,000,000 tokens`, {
      type: 'CascadeflowWarning',
    });
  }
}

/** What a call costs in USD: `new LiteLLMCostProvider().calculateCost`. */
export function calculateCost(options: CostCalculationOptions): Promise<number> {
  return new LiteLLMCostProvider().calculateCost(options);
}

/** What a model costs per token: `new LiteLLMCostProvider().getModelCost`. */
export function getModelCost(model: string): Promise<ModelPricing> {
  return new LiteLLMCostProvider().getModelCost(model);
}
