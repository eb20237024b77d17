/** Whether providers can be reached with the keys at hand. */
import type { ModelConfig, ProviderName } from './model.js';
import { BuiltinProvider, providerRegistry } from './providers/index.js';

/** How a test of a connection went. */
export interface ConnectionTestResult {
  provider: ProviderName;
  connected: boolean;
  /** Why not, with the remedy; absent when connected. */
  error?: string;
  /** Milliseconds that the provider took; absent when not connected. */
  latency?: number;
}

/** Longest wait for a provider, in milliseconds. */
const PATIENCE_MS = 10_000;

async function reach(model: ModelConfig): Promise<void> {
  const provider = providerRegistry.get(model.provider, {
    ...model,
    maxRetries: 0,
    httpConfig: { timeout: PATIENCE_MS, ...model.httpConfig },
  });
  if (provider instanceof BuiltinProvider) await provider.listModels();
  else if (!provider.isAvailable()) throw new Error('it says that it is not available');
}

async function test(model: ModelConfig): Promise<ConnectionTestResult> {
  const { provider } = model;
  const started = performance.now();
  try {
    await reach(model);
    return { provider, connected: true, latency: performance.now() - started };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    return { provider, connected: false, error };
  }
}

/**
 * Asks a provider for its models, once and for 10 seconds at most; a class of your own is asked
 * whether it is available. No model is called. Never rejects.
 *
 * @param apiKey absent takes the provider's environment variable.
 */
export function testConnection(
  provider: ProviderName,
  apiKey?: string,
): Promise<ConnectionTestResult> {
  return test({ name: 'any', provider, ...(apiKey === undefined ? {} : { apiKey }) });
}

/** As `testConnection`, at once for each provider, key and address of the models; one result each. */
export function testConnections(config: {
  models: ModelConfig[];
}): Promise<ConnectionTestResult[]> {
  const targets = new Map<string, ModelConfig>();
  for (const model of config.models) {
    const target = JSON.stringify([model.provider, model.apiKey, model.baseUrl, model.endpoint]);
    if (!targets.has(target)) targets.set(target, model);
  }
  return Promise.all([...targets.values()].map(test));
}
