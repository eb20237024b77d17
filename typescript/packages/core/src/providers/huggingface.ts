/** The published Hugging Face provider over the native driver. */
import { compact } from '../codec.js';
import { ConfigurationError } from '../errors.js';
import type { ModelConfig } from '../model.js';
import type { ProviderRequest, ProviderResponse, StreamChunk } from './base.js';
import { BuiltinProvider } from './builtin.js';

/** Who serves a model of Hugging Face. */
export enum HuggingFaceEndpointType {
  SERVERLESS = 'serverless',
  INFERENCE_ENDPOINT = 'inference_endpoint',
  INFERENCE_PROVIDERS = 'inference_providers',
}

function required(field: string, value: unknown, hint: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  const error = new ConfigurationError(`\`${field}\` is missing (hint: ${hint})`, field);
  error.hint = hint;
  throw error;
}

/**
 * Models of Hugging Face, through its router or at an endpoint of your own. The router takes the
 * provider that is to serve a model after a colon: `meta-llama/Llama-3.1-8B-Instruct:together`;
 * without one it chooses. In an agent's configuration write it in the model's name.
 */
export class HuggingFaceProvider extends BuiltinProvider {
  override readonly name = 'huggingface';
  #served = '';

  constructor(config: ModelConfig) {
    super(config, 'huggingface');
  }

  /** Models that Hugging Face serves itself, formerly the serverless inference API. */
  static serverless(config: Omit<ModelConfig, 'provider'>): HuggingFaceProvider {
    return HuggingFaceProvider.#servedBy(config, 'hf-inference');
  }

  /** A dedicated endpoint; `endpointUrl` is its address. */
  static inferenceEndpoint(
    config: Omit<ModelConfig, 'provider'> & { endpointUrl: string },
  ): HuggingFaceProvider {
    const { endpointUrl, ...model } = config;
    const baseUrl = required('endpointUrl', endpointUrl, 'give the address of the endpoint');
    return new HuggingFaceProvider({ ...model, baseUrl, provider: 'huggingface' });
  }

  /** Models served by a partner of Hugging Face; `providerName` is for example `together`. */
  static inferenceProviders(
    config: Omit<ModelConfig, 'provider'> & { providerName: string },
  ): HuggingFaceProvider {
    const { providerName, ...model } = config;
    const hint = 'give the name of an inference provider, for example `together`';
    return HuggingFaceProvider.#servedBy(model, required('providerName', providerName, hint));
  }

  static #servedBy(config: Omit<ModelConfig, 'provider'>, name: string): HuggingFaceProvider {
    const provider = new HuggingFaceProvider({ ...config, provider: 'huggingface' });
    provider.#served = `:${name}`;
    return provider;
  }

  override generate(request: ProviderRequest): Promise<ProviderResponse> {
    return super.generate(this.#routed(request));
  }

  override stream(request: ProviderRequest): AsyncIterable<StreamChunk> {
    return super.stream(this.#routed(request));
  }

  #routed(request: ProviderRequest): ProviderRequest {
    if (this.#served === '' || request.model.includes(':')) return request;
    const model = `${request.model}${this.#served}`;
    // A request within an agent makes its signal when it is looked at.
    return compact({ ...request, model, signal: request.signal });
  }
}
