export {
  BaseProvider,
  type ContentBlock,
  type Provider,
  type ProviderClass,
  type ProviderRequest,
  type ProviderResponse,
  type StreamChunk,
  type UsageDetails,
} from './base.js';
export {
  AnthropicProvider,
  BuiltinProvider,
  GroqProvider,
  OllamaProvider,
  OpenAIProvider,
  VLLMProvider,
} from './builtin.js';
export { getAvailableProviders, ProviderRegistry, providerRegistry } from './registry.js';
export {
  getProviderInfo,
  type ProviderInfo,
  SUPPORTED_PROVIDERS,
  validateProvider,
} from './supported.js';
