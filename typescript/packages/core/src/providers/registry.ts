/** Which class serves a provider's name. */
import { ConfigurationError } from '../errors.js';
import type { ModelConfig } from '../model.js';
import { native } from '../native.js';
import type { Provider, ProviderClass } from './base.js';
import {
  AnthropicProvider,
  CohereProvider,
  DeepSeekProvider,
  FireworksProvider,
  GoogleProvider,
  GroqProvider,
  OllamaProvider,
  OpenAIProvider,
  OpenRouterProvider,
  TogetherProvider,
  VertexAIProvider,
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
  ['cohere', CohereProvider],
  ['vertex_ai', VertexAIProvider],
  ['google', GoogleProvider],
];

/** The name that `name` is an alias of, such as `vertex_ai` for `vertex`; itself when it is none. */
function canonical(name: string): string {
  return native.canonicalProvider(name) ?? name;
}

/**
 * Provider classes by name, an alias of a built-in provider being as good as its name. A class registered here serves every agent made
 * afterwards.
 */
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
    return this.getClass(name) !== undefined;
  }

  /** The class under `name`; undefined when there is none. */
  getClass(name: string): ProviderClass | undefined {
    const key = name.toLowerCase();
    return this.#classes.get(key) ?? this.#classes.get(canonical(key));
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
  const own = BUILTIN.find(([, builtin]) => builtin === registered);
  return own !== undefined && own[0] === canonical(name.toLowerCase()) ? undefined : registered;
}

function variables(environment: Environment | undefined): string | null {
  return environment === undefined ? null : JSON.stringify(environment);
}

/** Environment variables by name. */
export type Environment = Record<string, string | undefined>;

/**
 * Names of the built-in providers that can be called as they are: their key is there, or they need
 * none.
 *
 * @param environment the only variables to look at; those of the process by default.
 */
export function getAvailableProviders(environment?: Environment): string[] {
  return native.availableProviders(variables(environment));
}

/**
 * Names of the built-in providers that need a key and have one.
 *
 * @param environment as for `getAvailableProviders`.
 */
export function getConfiguredProviders(environment?: Environment): string[] {
  return native.configuredProviders(variables(environment));
}
