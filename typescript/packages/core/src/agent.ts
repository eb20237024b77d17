/** The agent. */
import {
  type BatchConfig,
  type BatchResult,
  batchFromTexts,
  engineBatch,
  normalizeBatchConfig,
} from './batch.js';
import { withSignal } from './cancellation.js';
import { compact, encode } from './codec.js';
import { type AgentConfig, DEFAULT_CASCADE_CONFIG, engineConfig } from './config.js';
import { ConfigurationError, toPublished } from './errors.js';
import { hostListener } from './event-sink.js';
import type { Message } from './message.js';
import { guardedModel, type ModelConfig, modelFromEngine } from './model.js';
import { type NativeAgent, native } from './native.js';
import {
  engineOptions,
  engineRequest,
  type RunOptions,
  type RunStreamingOptions,
  type StreamEventsOptions,
  type StreamOptions,
} from './options.js';
import { hostProvider } from './providers/host.js';
import { userClass } from './providers/registry.js';
import { pull } from './pull.js';
import type { QualityConfig } from './quality.js';
import { hostChecks } from './quality-check.js';
import { type CascadeResult, resultFromText } from './result.js';
import { hostRouters } from './router.js';
import { errorEvent, eventFromText, type StreamEvent, StreamEventType } from './streaming.js';
import { type Control, hostControl } from './telemetry/control.js';
import { type CostTracker, trackerOf } from './telemetry/cost-tracker.js';

/** What the routers saw. */
interface RouterStats {
  totalQueries: number;
  byComplexity: Record<string, number>;
  byStrategy: Record<string, number>;
}

function emptyStats(): RouterStats {
  return { totalQueries: 0, byComplexity: {}, byStrategy: {} };
}

/** An agent that is already made; the constructor takes it instead of a configuration. */
class Made {
  constructor(
    readonly agent: NativeAgent,
    readonly models: ModelConfig[],
    readonly costTracker: CostTracker | undefined,
  ) {}
}

/** What of an agent is code. */
type Hooks = Pick<AgentConfig, 'qualityChecks' | 'onEvent' | 'router'> & Control;

function make(
  config: unknown,
  models: ModelConfig[],
  environment: Record<string, string> | null,
  hooks: Hooks,
): NativeAgent {
  const hosts = models.map((model) => {
    const name = typeof model?.provider === 'string' ? model.provider : '';
    const own = userClass(name);
    return own === undefined ? null : hostProvider(own, model);
  });
  const checks = hostChecks(hooks.qualityChecks);
  const listener = hostListener(hooks.onEvent);
  const routers = hostRouters(hooks.router);
  const control = hostControl(hooks);
  try {
    return new native.NativeAgent(
      encode(config),
      hosts,
      environment === null ? null : JSON.stringify(environment),
      checks,
      listener,
      control,
      routers,
    );
  } catch (error) {
    throw toPublished(error);
  }
}

/** Runs queries through a cascade of models. Serves any number of calls at once. */
export class CascadeAgent {
  readonly #agent: NativeAgent;
  readonly #models: ModelConfig[];
  /** Where the costs of the runs are kept, by the configuration's `budgets` too; undefined without. */
  readonly costTracker: CostTracker | undefined;
  #stats = emptyStats();

  /** @throws ConfigurationError that names the field and the remedy. */
  constructor(config: AgentConfig) {
    const given: unknown = config;
    if (given instanceof Made) {
      this.#agent = given.agent;
      this.#models = given.models;
      this.costTracker = given.costTracker;
      return;
    }
    if (!Array.isArray(config?.models) || config.models.length === 0) {
      const error = new ConfigurationError('At least one model is required', 'models');
      error.hint = 'pass `models: [{name, provider, cost}]`';
      throw error;
    }
    this.#agent = make(engineConfig(config), config.models, null, config);
    this.#models = this.#sorted(config.models);
    this.costTracker = config.costTracker;
  }

  /**
   * An agent of an explicit engine configuration as data (`docs/reference/agent-config.schema.json`);
   * no default of this package is added. With `environment`, keys are looked up there alone;
   * the hooks are those of `AgentConfig`.
   */
  static fromConfig(
    config: Record<string, any>,
    options: { environment?: Record<string, string> } & Hooks = {},
  ): CascadeAgent {
    const listed: unknown = config?.models;
    const models = Array.isArray(listed)
      ? listed.map((model) => modelFromEngine((model ?? {}) as Record<string, any>))
      : [];
    const agent = make(config, models, options.environment ?? null, options);
    const tracker = options.costTracker ?? trackerOf(agent.costTracker());
    return new CascadeAgent(new Made(agent, models, tracker) as unknown as AgentConfig);
  }

  /** An agent over whatever providers have a key in the environment. */
  static fromEnv(
    options: { quality?: Partial<QualityConfig>; enableCascade?: boolean } & Hooks = {},
  ): CascadeAgent {
    let text: string;
    try {
      text = native.presetModels('balanced');
    } catch (error) {
      throw toPublished(error);
    }
    const models = (JSON.parse(text) as Record<string, any>[]).map(modelFromEngine);
    return new CascadeAgent({
      models,
      ...compact({
        quality: options.quality,
        qualityChecks: options.qualityChecks,
        onEvent: options.onEvent,
        telemetryExporter: options.telemetryExporter,
        router: options.router,
        toolExecutor: options.toolExecutor,
        costTracker: options.costTracker,
        enforcementCallbacks: options.enforcementCallbacks,
        callbacks: options.callbacks,
        metricsCollector: options.metricsCollector,
        traceLog: options.traceLog,
      }),
      cascade: { ...DEFAULT_CASCADE_CONFIG, enabled: options.enableCascade ?? true },
    });
  }

  #sorted(models: ModelConfig[]): ModelConfig[] {
    const left = [...models];
    return this.#agent.modelNames().flatMap((name) => {
      const at = left.findIndex((model) => model.name === name);
      return at < 0 ? [] : left.splice(at, 1);
    });
  }

  async run(input: string | Message[], options?: RunOptions): Promise<CascadeResult> {
    const { query, request } = engineRequest(input, engineOptions(options));
    const text = request === null ? null : encode(request);
    let answer: string;
    try {
      if (options?.signal === undefined) {
        const settled = this.#agent.run(query, text, null);
        answer = typeof settled === 'string' ? settled : await settled;
      } else {
        answer = await withSignal(options.signal, (canceller) =>
          this.#agent.run(query, text, canceller),
        );
      }
    } catch (error) {
      throw toPublished(error);
    }
    const result = resultFromText(answer);
    this.#count(result);
    return result;
  }

  /** Runs many queries; one that fails does not touch the others. */
  async runBatch(
    queries: string[],
    batchConfig: BatchConfig = {},
    runOptions?: RunOptions,
  ): Promise<BatchResult> {
    const settings = normalizeBatchConfig(batchConfig);
    const request = encode(
      compact({ options: engineOptions(runOptions), batch: engineBatch(settings) }),
    );
    const progress = batchConfig.onProgress;
    const report =
      progress === undefined
        ? null
        : (done: number, failed: number, total: number, cost: number) => {
            // Zeros end the reports.
            if (total > 0) progress({ done, failed, total, cost });
          };
    try {
      const texts = await withSignal(runOptions?.signal, (canceller) =>
        this.#agent.runBatch(queries, request, canceller, report),
      );
      return batchFromTexts(texts, settings.metadata);
    } catch (error) {
      throw toPublished(error);
    }
  }

  /**
   * The events of a run. It ends with `complete`, or with `error` when the run fails; leaving the
   * loop cancels the run.
   */
  async *streamEvents(
    input: string | Message[],
    options?: StreamEventsOptions,
  ): AsyncGenerator<StreamEvent, void, void> {
    const { query, request } = engineRequest(input, engineOptions(options));
    const text = request === null ? null : encode(request);
    const events = pull(
      () => this.#agent.stream(query, text),
      eventFromText,
      options?.signal,
      errorEvent,
    );
    for await (const event of events) {
      if (event.type === StreamEventType.COMPLETE) this.#count(event.data.result);
      yield event;
    }
  }

  /** The same as `streamEvents`. */
  stream(input: string | Message[], options?: StreamOptions): AsyncIterable<StreamEvent> {
    return this.streamEvents(input, options);
  }

  /** The same as `streamEvents`. */
  runStream(input: string | Message[], options?: StreamOptions): AsyncIterable<StreamEvent> {
    return this.streamEvents(input, options);
  }

  /** Streams a run and gives its result; with `enableVisual` the text is written out as it comes. */
  async runStreaming(
    query: string | Message[],
    options: RunStreamingOptions = {},
  ): Promise<CascadeResult> {
    for await (const event of this.streamEvents(query, options)) {
      if (event.type === StreamEventType.ERROR) throw event.data.exception;
      if (event.type === StreamEventType.COMPLETE) return event.data.result;
      if (options.enableVisual && event.content !== '') process.stdout.write(event.content);
    }
    throw new Error('the stream ended without a result');
  }

  /** The plan that a run would follow, in the engine's names; no model is called. */
  async plan(input: string | Message[], options?: RunOptions): Promise<Record<string, any>> {
    const { query, request } = engineRequest(input, engineOptions(options));
    try {
      const text = await this.#agent.plan(query, request === null ? null : encode(request));
      return JSON.parse(text);
    } catch (error) {
      throw toPublished(error);
    }
  }

  /** Copies of the models, cheapest first; logged or written as JSON they show no key. */
  getModels(): ModelConfig[] {
    return this.#models.map(guardedModel);
  }

  getModelCount(): number {
    return this.#models.length;
  }

  /** How the runs of this agent were routed. */
  getRouterStats(): { preRouter: Record<string, any>; toolRouter: Record<string, any> } {
    return { preRouter: structuredClone(this.#stats), toolRouter: {} };
  }

  resetRouterStats(): void {
    this.#stats = emptyStats();
  }

  #count(result: CascadeResult): void {
    const { byComplexity, byStrategy } = this.#stats;
    this.#stats.totalQueries += 1;
    byComplexity[result.complexity] = (byComplexity[result.complexity] ?? 0) + 1;
    byStrategy[result.routingStrategy] = (byStrategy[result.routingStrategy] ?? 0) + 1;
  }
}
