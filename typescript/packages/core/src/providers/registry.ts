/** Which class serves a provider's name. */
import { ConfigurationError } from '../errors.js';
import type { ModelConfig } from '../model.js';
import { native } from '../native.js';
import type { Provider, ProviderClass } from './base.js';
import {
  AnthropicProvider,
  DeepSeekProvider,
  FireworksProvider,
  GroqProvider,
  OllamaProvider,
  OpenAIProvider,
  OpenRouterProvider,
  TogetherProvider,
  VLLMProvider,
} from './builtin.js';
import { HuggingFaceProvider } from './huggingface.js';

const BUILTIN: readonly (readonly [string, ProviderClass])[] = [
  ['openai', OpenAIProvider],
  ['anthropic', AnthropicProvider],
  ['groq', GroqProvider],
  ['ollama', OllamaProvider],
  ['vllm', VLLMProvider],
  ['together', TogetherProvider],
  ['huggingface', HuggingFaceProvider],
  ['openrouter', OpenRouterProvider],
  ['fireworks', FireworksProvider],
  ['deepseek', DeepSeekProvider],
];

/** Provider classes by name. A class registered here serves every agent made afterwards. */
export class ProviderRegistry {
  readonly #classes = new Map<string, ProviderClass>(BUILTIN);

  /** Registers `providerClass` under `name`, in place of any before. */
  register(name: string, providerClass: ProviderClass): void {
    if (typeof providerClass !== 'function') {
      throw new ConfigurationError(
        `provider \`${name}\` is not a class: \`${typeof providerClass}\` (hint: register the class itself, not an instance)`,
        'provider',
      );
    }
    this.#classes.set(name.toLowerCase(), providerClass);
  }

  /** Forgets a registration; a built-in provider comes back under its name. */
  unregister(name: string): boolean {
    const key = name.toLowerCase();
    const known = this.#classes.delete(key);
    const original = BUILTIN.find(([builtin]) => builtin === key);
    if (original) this.#classes.set(...original);
    return known;
  }

  has(name: string): boolean {
    return this.#classes.has(name.toLowerCase());
  }

  /** The class under `name`; undefined when there is none. */
  getClass(name: string): ProviderClass | undefined {
    return this.#classes.get(name.toLowerCase());
  }

  /**
   * An instance of the class under `name`.
   *
   * @throws ConfigurationError when there is none.
   */
  get(name: string, config: ModelConfig): Provider {
    const providerClass = this.getClass(name);
    if (providerClass === undefined) {
      const hint = `use one of ${this.list().join(', ')}, or register a class under that name`;
      const error = new ConfigurationError(
        `unknown provider: \`${name}\` (hint: ${hint})`,
        'provider',
      );
      error.hint = hint;
      throw error;
    }
    return new providerClass(config);
  }

  /** Names in the order of registration. */
  list(): string[] {
    return [...this.#classes.keys()];
  }
}

export const providerRegistry: ProviderRegistry = new ProviderRegistry();

/** The user's class under `name`; undefined where a native driver serves it without JavaScript. */
export function userClass(name: string): ProviderClass | undefined {
  const registered = providerRegistry.getClass(name);
  return BUILTIN.some(([, builtin]) => builtin === registered) ? undefined : registered;
}

/** Names of the providers that can be called as they are: their key is there, or they need none. */
export function getAvailableProviders(): string[] {
  return native.availableProviders();
}
