export {
  BaseProvider,
  type ContentBlock,
  type EmbeddingResponse,
  type EmbedOptions,
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
export { HuggingFaceEndpointType, HuggingFaceProvider } from './huggingface.js';
export {
  type Environment,
  getAvailableProviders,
  getConfiguredProviders,
  ProviderRegistry,
  providerRegistry,
} from './registry.js';
export {
  getProviderInfo,
  type ProviderInfo,
  requireProvider,
  SUPPORTED_PROVIDERS,
  validateProvider,
} from './supported.js';
