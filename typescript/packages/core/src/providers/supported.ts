/** What the built-in providers are. */
export interface ProviderInfo {
  name: string;
  displayName: string;
  valueProp: string;
  pricingAvailable: boolean;
  requiresApiKey: boolean;
  exampleModels: string[];
}

export const SUPPORTED_PROVIDERS: Record<string, ProviderInfo> = {
  openai: {
    name: 'openai',
    displayName: 'OpenAI',
    valueProp: 'General-purpose models with tools, images and log-probabilities',
    pricingAvailable: true,
    requiresApiKey: true,
    exampleModels: ['gpt-4o-mini', 'gpt-4o'],
  },
  anthropic: {
    name: 'anthropic',
    displayName: 'Anthropic',
    valueProp: 'Strong reasoning and long documents',
    pricingAvailable: true,
    requiresApiKey: true,
    exampleModels: ['claude-haiku-4-5-20251001', 'claude-sonnet-4-5-20250929'],
  },
  groq: {
    name: 'groq',
    displayName: 'Groq',
    valueProp: 'Open models at very high speed',
    pricingAvailable: true,
    requiresApiKey: true,
    exampleModels: ['llama-3.1-8b-instant', 'llama-3.3-70b-versatile'],
  },
  ollama: {
    name: 'ollama',
    displayName: 'Ollama',
    valueProp: 'Local models: free and private',
    pricingAvailable: false,
    requiresApiKey: false,
    exampleModels: ['llama3.2:3b', 'mistral:7b'],
  },
  vllm: {
    name: 'vllm',
    displayName: 'vLLM',
    valueProp: 'Self-hosted models with high throughput',
    pricingAvailable: false,
    requiresApiKey: false,
    exampleModels: ['meta-llama/Llama-3.3-70B-Instruct'],
  },
};

export function getProviderInfo(provider: string): ProviderInfo | undefined {
  return SUPPORTED_PROVIDERS[provider.toLowerCase()];
}

/** Whether there is a built-in provider of that name. */
export function validateProvider(provider: string): boolean {
  return Object.hasOwn(SUPPORTED_PROVIDERS, provider.toLowerCase());
}
