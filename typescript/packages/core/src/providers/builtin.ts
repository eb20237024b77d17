/** The published provider classes over the native drivers. */
import { withSignal } from '../cancellation.js';
import { compact, encode } from '../codec.js';
import { toPublished } from '../errors.js';
import { engineModel, type ModelConfig } from '../model.js';
import { type NativeProvider, native } from '../native.js';
import { pull } from '../pull.js';
import {
  BaseProvider,
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
}

/** Models of a vLLM server at `baseUrl`; needs no key. */
export class VLLMProvider extends BuiltinProvider {
  override readonly name = 'vllm';

  constructor(config: ModelConfig) {
    super(config, 'vllm');
  }
}
