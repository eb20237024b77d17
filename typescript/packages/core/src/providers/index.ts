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
  DeepSeekProvider,
  FireworksProvider,
  GroqProvider,
  OllamaProvider,
  OpenAIProvider,
  OpenRouterProvider,
  TogetherProvider,
  VLLMProvider,
} from './builtin.js';
export { HuggingFaceProvider } from './huggingface.js';
export { getAvailableProviders, ProviderRegistry, providerRegistry } from './registry.js';
export {
  getProviderInfo,
  type ProviderInfo,
  SUPPORTED_PROVIDERS,
  validateProvider,
} from './supported.js';
