// The published types as callers use them; compiled, never run.
import {
  type AgentConfig,
  BaseProvider,
  type BatchResult,
  CascadeAgent,
  type CascadeResult,
  ConfigurationError,
  collectStream,
  type Draft,
  type EngineEvent,
  HuggingFaceProvider,
  isProviderError,
  isRateLimitError,
  type ModelConfig,
  PRESETS,
  type ProviderRequest,
  type ProviderResponse,
  providerRegistry,
  type QualityCheck,
  type RunOptions,
  type StreamChunk,
  type StreamEvent,
  StreamEventType,
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
      return `${event.plan.steps.map((step) => step.validator)}`;
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

// @ts-expect-error a model needs a name
export const wrong: ModelConfig = { provider: 'openai', cost: 1 };

// @ts-expect-error a check returns no text
export const worded: QualityCheck = { name: 'worded', check: () => 'fine' };
