/** What a provider is, and the base of users' own. */
import { ConfigurationError } from '../errors.js';
import type { Message, Tool, ToolCall, ToolChoice } from '../message.js';
import type { ModelConfig } from '../model.js';
import type { ServiceTier } from '../prices.js';

export interface ProviderRequest {
  messages: Message[] | string;
  model: string;
  maxTokens?: number;
  temperature?: number;
  systemPrompt?: string;
  tools?: Tool[];
  toolChoice?: ToolChoice;
  topP?: number;
  stop?: string[];
  seed?: number;
  responseFormat?: Record<string, any>;
  /** Whether token log-probabilities are wanted where the provider gives them. */
  logprobs?: boolean;
  stream?: boolean;
  extra?: Record<string, any>;
  /** Fires when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** Token counts; details are parts of the two totals. */
export interface UsageDetails {
  prompt_tokens?: number;
  completion_tokens?: number;
  total_tokens?: number;
  /** Prompt tokens read from the provider's cache. */
  cached_input_tokens?: number;
  /** Prompt tokens written to the 5-minute and to the 1-hour cache. */
  cache_write_5m_tokens?: number;
  cache_write_1h_tokens?: number;
  /** Completion tokens spent on reasoning. */
  reasoning_tokens?: number;
  audio_input_tokens?: number;
  /** Part of the cached and of the audio tokens. */
  cached_audio_input_tokens?: number;
  audio_output_tokens?: number;
  image_input_tokens?: number;
  image_output_tokens?: number;
  /** The tier that served the call; absent when the provider did not say. */
  service_tier?: ServiceTier;
  [key: string]: any;
}

/** What vectors are made with. */
export interface EmbedOptions {
  /** Model id in place of the configured one. */
  model?: string;
  /** Length of the vectors, where the model lets it be chosen. */
  dimensions?: number;
  /** Parameters passed to the provider untouched, such as `input_type`. */
  extra?: Record<string, any>;
  /** Cancels the call down to the socket. */
  signal?: AbortSignal;
}

/** Vectors of texts. */
export interface EmbeddingResponse {
  /** One for each text, in order, all of one length. */
  embeddings: number[][];
  model: string;
  /** Absent when the provider does not count. */
  usage?: UsageDetails;
}

/** A part of an answer; may be a part of the next message's content as it is. */
export interface ContentBlock {
  type: string;
  [key: string]: any;
}

export interface ProviderResponse {
  content: string;
  model: string;
  usage?: UsageDetails;
  finish_reason?: string;
  tool_calls?: ToolCall[];
  /** Natural logarithms, one for each token. */
  logprobs?: number[];
  thinking?: string;
  /** Reasoning with its signatures, then the text; absent when the text is all there is. */
  content_blocks?: ContentBlock[];
  /** The provider's own confidence in the answer, 0 to 1. */
  confidence?: number;
  /** USD that the provider itself reports; wins over every price. */
  cost?: number;
  raw?: any;
}

export interface StreamChunk {
  content: string;
  done?: boolean;
  usage?: UsageDetails;
  finish_reason?: string;
  tool_calls?: any[];
  logprob?: number;
  thinking?: string;
  /** Blocks of reasoning that are complete with this chunk, with their signatures. */
  content_blocks?: ContentBlock[];
  raw?: any;
}

export interface Provider {
  readonly name: string;
  generate(request: ProviderRequest): Promise<ProviderResponse>;
  stream?(request: ProviderRequest): AsyncIterable<StreamChunk>;
  /** USD. */
  calculateCost(promptTokens: number, completionTokens: number, model: string): number;
  isAvailable(): boolean;
}

/** A class that the registry can make a provider of. */
export type ProviderClass = new (config: ModelConfig) => Provider;

/** The base of providers. Register a subclass under a name and use that name in model configs. */
export abstract class BaseProvider implements Provider {
  abstract readonly name: string;
  declare protected readonly config: ModelConfig;

  constructor(config: ModelConfig) {
    // Not enumerable, so that a provider can be logged without its key.
    Object.defineProperty(this, 'config', { value: config });
  }

  abstract generate(request: ProviderRequest): Promise<ProviderResponse>;

  abstract calculateCost(promptTokens: number, completionTokens: number, model: string): number;

  isAvailable(): boolean {
    return true;
  }

  /** The key of the model's configuration. */
  protected getApiKey(): string {
    const key = this.config.apiKey;
    if (key !== undefined) return key;
    throw new ConfigurationError(
      `there is no API key for \`${this.config.provider}\` (hint: pass \`apiKey\`)`,
      'apiKey',
    );
  }
}
