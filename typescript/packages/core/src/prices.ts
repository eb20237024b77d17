/** What models cost, and what a call will. */
import { compact, encode } from './codec.js';
import { toPublished } from './errors.js';
import type { Message } from './message.js';
import { type NativePrices, native } from './native.js';
import type { TokenCount } from './tokens.js';

/** Tokens of a call; details are parts of the two totals. */
export interface TokenUsage {
  inputTokens?: number;
  outputTokens?: number;
  /** Prompt tokens read from the provider's cache. */
  cachedInputTokens?: number;
  /** Prompt tokens written to the 5-minute and to the 1-hour cache. */
  cacheWrite5mTokens?: number;
  cacheWrite1hTokens?: number;
  /** Completion tokens spent on reasoning. */
  reasoningTokens?: number;
  audioInputTokens?: number;
  cachedAudioInputTokens?: number;
  audioOutputTokens?: number;
  imageInputTokens?: number;
  imageOutputTokens?: number;
  /** The tier that serves the call; `standard` by default. */
  serviceTier?: ServiceTier;
}

/** What a provider serves a call as, where it has prices for it. */
export type ServiceTier = 'standard' | 'batch' | 'flex' | 'priority' | 'ultrafast';

/** A model and the tokens of a call of it. */
export interface CostCalculationOptions extends TokenUsage {
  /** Model id, with its provider in front where `provider` is absent and the id is not unique. */
  model: string;
  provider?: string;
}

/** What the catalogue says of a model; amounts are decimal texts in USD per 1,000,000 tokens. */
export interface PriceListing {
  provider: string;
  model: string;
  /** By kind of token, in the names of the price files: `input`, `output`, `cached_input` … */
  price: Record<string, any>;
  /** Half prompt, half completion: what one flat price would be. */
  blended: string;
  /** Most tokens of a prompt; null when not known. */
  contextTokens: number | null;
  /** Most completion tokens; null when not known. */
  outputTokens: number | null;
  /** What the model is known to be able to do. */
  capabilities: string[];
}

/** A call that is yet to be made. */
export interface CostEstimateOptions {
  /** Model id, with or without its provider in front. */
  model: string;
  /** With it the model is a configured one, whose own `cost` wins over the catalogue. */
  provider?: string;
  /** USD per 1,000 tokens; needs `provider`. */
  cost?: number | string;
  /** A text is the user's. */
  messages: string | Message[];
  /** Most completion tokens; absent takes the most that the model can write. */
  maxTokens?: number;
}

/** What a call may cost at most, in USD. */
export interface CostEstimate {
  model: string;
  /** Absent when the model is not known and no provider was given. */
  provider?: string;
  /** Prompt tokens, and how they were counted. */
  inputTokens: number;
  counted: TokenCount['source'];
  /** The most completion tokens. */
  outputTokens: number;
  /** Cost of the prompt, nothing of it being cached; absent when no price is known. */
  inputCost?: number;
  /** Cost of the prompt and an answer of `outputTokens`; absent when no price is known. */
  cost?: number;
  priced: 'configured' | 'catalogue' | 'reported' | 'free' | 'unpriced';
}

/** The engine's form of a usage. */
export function engineUsage(usage: TokenUsage): Record<string, unknown> {
  // Refuses what JSON would quietly change, by the names that the caller knows.
  encode(usage);
  return compact({
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    cache_write_5m_tokens: usage.cacheWrite5mTokens,
    cache_write_1h_tokens: usage.cacheWrite1hTokens,
    reasoning_tokens: usage.reasoningTokens,
    audio_input_tokens: usage.audioInputTokens,
    cached_audio_input_tokens: usage.cachedAudioInputTokens,
    audio_output_tokens: usage.audioOutputTokens,
    image_input_tokens: usage.imageInputTokens,
    image_output_tokens: usage.imageOutputTokens,
    service_tier: usage.serviceTier,
  });
}

function published<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toPublished(error);
  }
}

/**
 * The price catalogue, alone or with price files over it.
 *
 * @example
 * ```ts
 * const prices = new Prices('./our-prices.json');
 * prices.calculateCost({ model: 'our-model', provider: 'openai', inputTokens: 1000 });
 * ```
 */
export class Prices {
  readonly #prices: NativePrices;

  /**
   * @param path a price file, or a folder of them, over the prices that come with the package;
   * absent takes only the latter.
   * @throws ConfigurationError that names the file and what is wrong where.
   */
  constructor(path?: string) {
    this.#prices = published(() => new native.NativePrices(path ?? null));
  }

  /**
   * Reads the files again.
   *
   * @throws ConfigurationError when one is broken; the prices stay as they were.
   */
  reload(): void {
    published(() => this.#prices.reload());
  }

  /** What is listed of a model; undefined when no price is known. */
  find(model: string, provider?: string): PriceListing | undefined {
    const text = published(() => this.#prices.listing(model, provider ?? null));
    if (text == null) return undefined;
    const {
      context_tokens: contextTokens,
      output_tokens: outputTokens,
      ...rest
    } = JSON.parse(text);
    return { ...rest, contextTokens, outputTokens };
  }

  /** What a call costs in USD; undefined when no price is known. */
  calculateCost(options: CostCalculationOptions): number | undefined {
    const { model, provider, ...usage } = options;
    const text = encode(engineUsage(usage));
    const cost = published(() => this.#prices.usageCost(model, provider ?? null, text));
    return cost == null ? undefined : Number(cost);
  }

  /**
   * What a call may cost at most, before it is made.
   *
   * @throws ConfigurationError about `maxTokens` when there is none and the model's limit is not
   * known.
   */
  estimateCost(options: CostEstimateOptions): CostEstimate {
    const { model, provider, cost, messages, maxTokens } = options;
    const request = encode(compact({ model, provider, cost, messages, max_tokens: maxTokens }));
    const estimate = JSON.parse(published(() => this.#prices.estimateCost(request)));
    const usd = (value: string | null) => (value === null ? undefined : Number(value));
    return compact({
      model: estimate.model,
      provider: estimate.provider ?? undefined,
      inputTokens: estimate.input_tokens,
      counted: estimate.counted,
      outputTokens: estimate.output_tokens,
      inputCost: usd(estimate.input_cost),
      cost: usd(estimate.cost),
      priced: estimate.priced,
    });
  }
}

let embedded: Prices | undefined;

/** The prices that come with the package. */
export function embeddedPrices(): Prices {
  embedded ??= new Prices();
  return embedded;
}

/** What a call may cost at most, by the prices that come with the package; see `Prices`. */
export function estimateCost(options: CostEstimateOptions): CostEstimate {
  return embeddedPrices().estimateCost(options);
}
