// The published types as callers use them; compiled, never run.
import {
  type AgentConfig,
  BaseProvider,
  type BatchResult,
  CascadeAgent,
  type CascadeResult,
  CircuitBreaker,
  type CircuitBreakerConfig,
  CircuitBreakerRegistry,
  CircuitOpenError,
  CircuitState,
  CohereProvider,
  ConfigurationError,
  type CostEstimate,
  calculateCost,
  collectStream,
  type Draft,
  type EngineEvent,
  estimateCost,
  estimateTokens,
  GoogleProvider,
  getAvailableProviders,
  getCircuitBreaker,
  getModelCost,
  getProviderInfo,
  type HttpConfig,
  HuggingFaceProvider,
  httpConfigFromEnv,
  isProviderError,
  isRateLimitError,
  LiteLLMCostProvider,
  type ModelConfig,
  type ModelPricing,
  PRESETS,
  Prices,
  type ProviderInfo,
  type ProviderRequest,
  type ProviderResponse,
  providerRegistry,
  type QualityCheck,
  type RunOptions,
  type StreamChunk,
  type StreamEvent,
  StreamEventType,
  SUPPORTED_PROVIDERS,
  testConnection,
  tokenCounter,
  VertexAIProvider,
  validateProvider,
} from '@cascadeflow/core';

class Own extends BaseProvider {
  readonly name = 'own';

  async generate(request: ProviderRequest): Promise<ProviderResponse> {
    const count: number = request.messages.length;
    return { content: `${count}`, model: request.model, usage: { total_tokens: 2 } };
  }

  async *stream(_: ProviderRequest): AsyncIterable<StreamChunk> {
    yield { content: this.config.name, done: true };
  }

  calculateCost(promptTokens: number, completionTokens: number, _model: string): number {
    return promptTokens + completionTokens;
  }
}

providerRegistry.register('own', Own);

const model: ModelConfig = { name: 'a', provider: 'own', cost: 0.1 };
const config: AgentConfig = { models: [model, ...PRESETS.OPENAI_ONLY.models] };
const brief: QualityCheck = { name: 'brief', check: (draft) => draft.content.length < 99 };
const heard = (event: EngineEvent): string => {
  switch (event.type) {
    case 'planned':
      return `${event.runId} ${event.plan.steps.map((step) => step.gate)}`;
    case 'attempt':
      return `${event.attempt.cost}`;
    case 'completed':
      return event.result.content;
    case 'failed':
      return `${event.kind} ${event.message}`;
  }
};
export const checked: AgentConfig = {
  models: [model],
  qualityChecks: [
    brief,
    async function scored(draft: Draft) {
      return draft.threshold ?? 0.5;
    },
    function reasoned(draft) {
      return [draft.toolCalls.length === 0, draft.finishReason ?? null];
    },
    { name: 'named', check: async () => ({ passed: true, score: 1, reason: '' }) },
  ],
  onEvent: (event) => console.log(heard(event)),
};
export const hosted = HuggingFaceProvider.inferenceProviders({ name: 'm', providerName: 'x' });

const options: RunOptions = { maxTokens: 10, signal: new AbortController().signal };

export async function use(): Promise<string> {
  const agent = new CascadeAgent(config);
  const result: CascadeResult = await agent.run('hi', options);
  const batch: BatchResult = await agent.runBatch(['a'], { maxParallel: 2 });
  for await (const event of agent.streamEvents('hi')) {
    const seen: StreamEvent = event;
    if (seen.type === StreamEventType.COMPLETE) break;
  }
  try {
    return await collectStream(agent.stream('hi'));
  } catch (error) {
    if (isRateLimitError(error)) return `${error.retryAfter}`;
    if (isProviderError(error)) return `${error.statusCode}`;
    if (error instanceof ConfigurationError) return error.field;
    return `${result.totalCost}${batch.totalCost}`;
  }
}

const reached: HttpConfig = {
  ...httpConfigFromEnv(),
  headers: { 'x-team': 'a' },
  proxy: 'http://proxy.example.com:3128',
  caFile: '/ca.pem',
  clientCertificateFile: '/client.pem',
  timeout: 1000,
};

export async function providers(): Promise<unknown[]> {
  const breaker: CircuitBreakerConfig = { failureThreshold: 3, recoveryTimeoutMs: 10 };
  const guarded = new CircuitBreaker('mine', breaker);
  const found: number = await guarded.execute(async () => 1, { isFailure: () => true });
  const open: boolean = getCircuitBreaker('mine').state === CircuitState.OPEN;
  new CircuitBreakerRegistry().resetAll();
  const info: ProviderInfo | undefined = getProviderInfo('cohere') ?? SUPPORTED_PROVIDERS.openai;
  const cost: number = await calculateCost({ model: 'gpt-4o-mini', inputTokens: 1 });
  const pricing: ModelPricing = await new LiteLLMCostProvider().getModelCost('gpt-4o-mini');
  const estimate: CostEstimate = estimateCost({ model: 'm', messages: 'hi', maxTokens: 1 });
  const listed: string | undefined = new Prices('./prices').find('m')?.price.input;
  const made = [CohereProvider, VertexAIProvider, GoogleProvider].map(
    (provider) => new provider({ ...model, httpConfig: reached }),
  );
  const vectors = await made[0]?.embed(['a'], { dimensions: 3, extra: { input_type: 'query' } });
  const count: number | undefined = vectors?.usage?.audio_input_tokens;
  return [
    found,
    open,
    info?.useCase,
    cost,
    pricing.inputCostPerToken,
    estimate.cost,
    listed,
    vectors?.embeddings[0]?.[0],
    count,
    await made[0]?.listModels(),
    getAvailableProviders(),
    validateProvider('x'),
    await getModelCost('m'),
    tokenCounter({ model: 'm', text: 'x' }) + estimateTokens('x'),
    (await testConnection('openai', 'k')).connected,
    new CircuitOpenError('m', 'p', 'c', 1).retryAfter,
  ];
}

// @ts-expect-error a model needs a name
export const wrong: ModelConfig = { provider: 'openai', cost: 1 };

// @ts-expect-error a check returns no text
export const worded: QualityCheck = { name: 'worded', check: () => 'fine' };
