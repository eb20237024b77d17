/** The published provider classes over the native drivers. */
import { withSignal } from '../cancellation.js';
import { compact, encode } from '../codec.js';
import { toPublished } from '../errors.js';
import { engineModel, type ModelConfig } from '../model.js';
import { type NativeProvider, native } from '../native.js';
import { pull } from '../pull.js';
import {
  BaseProvider,
  type EmbeddingResponse,
  type EmbedOptions,
  type ProviderRequest,
  type ProviderResponse,
  type StreamChunk,
} from './base.js';

function engineRequest(request: ProviderRequest): string {
  return encode(
    compact({
      messages: request.messages,
      model: request.model,
      max_tokens: request.maxTokens,
      temperature: request.temperature,
      top_p: request.topP,
      stop: request.stop,
      seed: request.seed,
      system_prompt: request.systemPrompt,
      tools: request.tools,
      tool_choice: request.toolChoice,
      response_format: request.responseFormat,
      logprobs: request.logprobs,
      extra: request.extra,
    }),
  );
}

/** A provider that is answered by a native driver. */
export abstract class BuiltinProvider extends BaseProvider {
  readonly #driver: NativeProvider;

  /** @throws AuthenticationError when the key is neither configured nor in the environment. */
  constructor(config: ModelConfig, provider: string) {
    super(config);
    try {
      this.#driver = new native.NativeProvider(encode({ ...engineModel(config), provider }));
    } catch (error) {
      throw toPublished(error);
    }
  }

  async generate(request: ProviderRequest): Promise<ProviderResponse> {
    const text = engineRequest(request);
    try {
      const answer = await withSignal(request.signal, (canceller) =>
        this.#driver.generate(text, canceller),
      );
      return JSON.parse(answer) as ProviderResponse;
    } catch (error) {
      throw toPublished(error);
    }
  }

  stream(request: ProviderRequest): AsyncIterable<StreamChunk> {
    const text = engineRequest(request);
    return pull(
      () => this.#driver.stream(text),
      (chunk) => JSON.parse(chunk) as StreamChunk,
      request.signal,
    );
  }

  /** Ids of the models that the provider says it serves. */
  async listModels(): Promise<string[]> {
    return (await this.served()).map((model) => model.id);
  }

  /**
   * Vectors of texts, by the configured model or `options.model`. Texts beyond what one request
   * holds go in several.
   *
   * @throws ConfigurationError when the provider makes none, or there is nothing to embed.
   */
  async embed(input: string | string[], options: EmbedOptions = {}): Promise<EmbeddingResponse> {
    const { model, dimensions, signal } = options;
    const extra = compact({ dimensions, ...options.extra });
    const text = encode(compact({ input, model, extra }));
    try {
      const made = await withSignal(signal, (canceller) => this.#driver.embed(text, canceller));
      return JSON.parse(made) as EmbeddingResponse;
    } catch (error) {
      throw toPublished(error);
    }
  }

  /**
   * The models that the provider says it serves.
   *
   * @internal
   */
  protected async served(): Promise<{ id: string }[]> {
    try {
      return JSON.parse(await this.#driver.listModels(null)) as { id: string }[];
    } catch (error) {
      throw toPublished(error);
    }
  }

  /** @internal */
  protected async pulled(model: string): Promise<void> {
    try {
      await this.#driver.pullModel(model, null);
    } catch (error) {
      throw toPublished(error);
    }
  }

  /**
   * The catalogue's price of a model in USD per 1,000,000 tokens; null where it knows none.
   *
   * @internal
   */
  protected listedPrice(model: string): { input: number; output: number } | null {
    const price = this.#driver.cataloguePrice(model);
    return price == null ? null : (JSON.parse(price) as { input: number; output: number });
  }

  calculateCost(promptTokens: number, completionTokens: number, model: string): number {
    try {
      return this.#driver.calculateCost(promptTokens, completionTokens, model);
    } catch (error) {
      throw toPublished(error);
    }
  }
}

export class OpenAIProvider extends BuiltinProvider {
  override readonly name = 'openai';

  constructor(config: ModelConfig) {
    super(config, 'openai');
  }
}

export class AnthropicProvider extends BuiltinProvider {
  override readonly name = 'anthropic';

  constructor(config: ModelConfig) {
    super(config, 'anthropic');
  }
}

export class GroqProvider extends BuiltinProvider {
  override readonly name = 'groq';

  constructor(config: ModelConfig) {
    super(config, 'groq');
  }
}

/** Models of a local Ollama; needs no key. */
export class OllamaProvider extends BuiltinProvider {
  override readonly name = 'ollama';

  constructor(config: ModelConfig) {
    super(config, 'ollama');
  }

  /** Has the server fetch `model`, and is done when it is there. */
  async pullModel(model: string): Promise<void> {
    await this.pulled(model);
  }
}

/** Models of a vLLM server at `baseUrl`; needs no key. */
export class VLLMProvider extends BuiltinProvider {
  override readonly name = 'vllm';

  constructor(config: ModelConfig) {
    super(config, 'vllm');
  }
}

export class TogetherProvider extends BuiltinProvider {
  override readonly name = 'together';

  constructor(config: ModelConfig) {
    super(config, 'together');
  }
}

export class FireworksProvider extends BuiltinProvider {
  override readonly name = 'fireworks';

  constructor(config: ModelConfig) {
    super(config, 'fireworks');
  }
}

export class DeepSeekProvider extends BuiltinProvider {
  override readonly name = 'deepseek';

  constructor(config: ModelConfig) {
    super(config, 'deepseek');
  }
}

/** Models of many providers behind one API; model ids are `author/model`. */
export class OpenRouterProvider extends BuiltinProvider {
  override readonly name = 'openrouter';

  constructor(config: ModelConfig) {
    super(config, 'openrouter');
  }

  /** The models that the provider serves, as `{id}`. */
  async fetchAvailableModels(): Promise<any[]> {
    return this.served();
  }

  /** The catalogue's price of a model in USD per 1,000,000 tokens; null where it knows none. */
  async getModelPricing(modelId: string): Promise<{ input: number; output: number } | null> {
    return this.listedPrice(modelId);
  }
}

/** Cohere's Command models and embeddings. */
export class CohereProvider extends BuiltinProvider {
  override readonly name = 'cohere';

  constructor(config: ModelConfig) {
    super(config, 'cohere');
  }
}

/**
 * Gemini, and Claude by its id, on Google Cloud: with a service account's file, application-default
 * credentials or a token, and `project` and `location` from `extra` or the environment.
 */
export class VertexAIProvider extends BuiltinProvider {
  override readonly name = 'vertex_ai';

  constructor(config: ModelConfig) {
    super(config, 'vertex_ai');
  }
}

/** Gemini with a plain key. */
export class GoogleProvider extends BuiltinProvider {
  override readonly name = 'google';

  constructor(config: ModelConfig) {
    super(config, 'google');
  }
}
