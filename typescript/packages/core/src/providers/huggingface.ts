/** The published Hugging Face provider over the native driver. */
import { ConfigurationError } from '../errors.js';
import type { ModelConfig } from '../model.js';
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
 * names without one go to `extra.inference_provider`, or to whom the router chooses.
 */
export class HuggingFaceProvider extends BuiltinProvider {
  override readonly name = 'huggingface';

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
    const extra = { ...config.extra, inference_provider: name };
    return new HuggingFaceProvider({ ...config, extra, provider: 'huggingface' });
  }
}
