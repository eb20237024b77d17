/** A model and how the cascade sees it. */
import { compact } from './codec.js';
import { ConfigurationError } from './errors.js';
import {
  engineHttp,
  guardedHttpConfig,
  type HttpConfig,
  httpFromEngine,
  shownHttpConfig,
} from './http-config.js';
import { REDACTED, shownAs } from './redaction.js';

/** Names of providers; any name registered in `providerRegistry` works beside these. */
export type ProviderType =
  | 'openai'
  | 'anthropic'
  | 'azure'
  | 'bedrock'
  | 'cerebras'
  | 'cohere'
  | 'deepseek'
  | 'fireworks'
  | 'google'
  | 'groq'
  | 'huggingface'
  | 'litellm'
  | 'local'
  | 'mistral'
  | 'ollama'
  | 'openrouter'
  | 'perplexity'
  | 'replicate'
  | 'together'
  | 'vertex'
  | 'vllm'
  | 'xai'
  | 'custom';

// Autocompletes the known names and takes any other.
export type ProviderName = ProviderType | (string & {});

export interface ModelConfig {
  /** Model id as the provider knows it. */
  name: string;
  provider: ProviderName;
  /** USD per 1,000 tokens; absent takes the price from the catalogue, 0 declares the model free. */
  cost?: number;
  keywords?: string[];
  domains?: string[];
  /** Most completion tokens when the call does not say. */
  maxTokens?: number;
  /** System prompt when the call gives none. */
  systemPrompt?: string;
  /** Sampling temperature when the call does not say, 0 to 2. */
  temperature?: number;
  /** Absent takes the provider's environment variable. */
  apiKey?: string;
  /** Base URL of the provider's API; OpenAI-compatible ones end in `/v1`. */
  baseUrl?: string;
  /** Address of a self-hosted server without `/v1`; replaces `baseUrl`. */
  endpoint?: string;
  /** Parameters passed to the provider untouched. */
  extra?: Record<string, any>;
  speedMs?: number;
  /** Expected quality, 0 to 1. */
  qualityScore?: number;
  supportsTools?: boolean;
  toolQuality?: number;
  /** Confidence that a draft of this model must reach, 0 to 1. */
  qualityThreshold?: number;
  /** Most times a temporary failure is retried. */
  maxRetries?: number;
  /** How the API is reached: proxy, certificates, headers, timeouts; absent keeps the defaults. */
  httpConfig?: HttpConfig;
}

function baseUrlOf(model: ModelConfig): string | undefined {
  if (model.endpoint !== undefined) return `${model.endpoint.replace(/\/+$/, '')}/v1`;
  return model.baseUrl ?? model.httpConfig?.baseUrl;
}

/** A copy of a model that shows no secret when it is logged or written as JSON. */
export function guardedModel(model: ModelConfig): ModelConfig {
  const httpConfig = model.httpConfig && guardedHttpConfig(model.httpConfig);
  return shownAs(compact({ ...model, httpConfig }), ({ ...shown }) => {
    if (shown.apiKey !== undefined) shown.apiKey = REDACTED;
    if (shown.httpConfig !== undefined) shown.httpConfig = shownHttpConfig(shown.httpConfig);
    return shown;
  });
}

/** The engine's form of a model configuration. */
export function engineModel(model: ModelConfig): Record<string, unknown> {
  if (typeof model !== 'object' || model === null) {
    throw new ConfigurationError(
      `a model is not an object: \`${String(model)}\` (hint: give \`{name, provider, cost}\`)`,
      'models',
    );
  }
  return compact({
    name: model.name,
    provider: typeof model.provider === 'string' ? model.provider.toLowerCase() : model.provider,
    cost: model.cost,
    keywords: model.keywords,
    domains: model.domains,
    max_tokens: model.maxTokens,
    system_prompt: model.systemPrompt,
    temperature: model.temperature,
    api_key: model.apiKey,
    base_url: baseUrlOf(model),
    extra: model.extra,
    speed_ms: model.speedMs === undefined ? undefined : Math.round(model.speedMs),
    quality_score: model.qualityScore,
    supports_tools: model.supportsTools,
    quality_threshold: model.qualityThreshold,
    max_retries: model.maxRetries,
    http: engineHttp(model.httpConfig),
  });
}

/** A model configuration of the engine's form. */
export function modelFromEngine(model: Record<string, any>): ModelConfig {
  return compact({
    name: model.name,
    provider: model.provider,
    cost: model.cost === undefined ? undefined : Number(model.cost),
    keywords: model.keywords,
    domains: model.domains,
    maxTokens: model.max_tokens,
    systemPrompt: model.system_prompt,
    temperature: model.temperature,
    baseUrl: model.base_url,
    extra: model.extra,
    speedMs: model.speed_ms,
    qualityScore: model.quality_score,
    supportsTools: model.supports_tools,
    qualityThreshold: model.quality_threshold,
    maxRetries: model.max_retries,
    httpConfig:
      typeof model.http === 'object' && model.http !== null
        ? httpFromEngine(model.http)
        : undefined,
  });
}
