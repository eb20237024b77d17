/** An agent's configuration and its way into the engine. */
import { compact } from './codec.js';
import { ConfigurationError } from './errors.js';
import type { EngineEventListener } from './event-sink.js';
import { engineModel, type ModelConfig } from './model.js';
import { refuseUnavailable } from './options.js';
import { agentQuality, engineQuality, type QualityConfig } from './quality.js';
import type { QualityCheck, QualityCheckFunction } from './quality-check.js';
import type { Router, RouterFunction } from './router.js';
import type { CallbackManager } from './telemetry/callbacks.js';
import type { CostTracker } from './telemetry/cost-tracker.js';
import type { EnforcementCallbacks } from './telemetry/enforcement.js';
import type { MetricsCollector } from './telemetry/metrics-collector.js';
import type { OpenTelemetryExporter } from './telemetry/otel.js';
import type { TraceLog } from './telemetry/trace-log.js';
import type { ToolExecutor, ToolExecutorFunction } from './tool-executor.js';

export type LegacyRoutingStrategy =
  | 'adaptive'
  | 'cost_first'
  | 'quality_first'
  | 'speed_first'
  | 'semantic';

export interface CascadeConfig {
  quality?: QualityConfig;
  maxBudget?: number;
  trackCosts?: boolean;
  /** Most times a temporary failure of a model is retried. */
  maxRetries?: number;
  /** Milliseconds for the whole chain of attempts of a run. */
  timeout?: number;
  routingStrategy?: LegacyRoutingStrategy;
  useSpeculative?: boolean;
  verbose?: boolean;
  trackMetrics?: boolean;
  /** False asks the last model directly. */
  enabled?: boolean;
}

export interface AgentConfig {
  models: ModelConfig[];
  cascade?: CascadeConfig;
  quality?: QualityConfig;
  /** Models tried in order when a step's models all fail, by name. */
  fallbackModels?: string[];
  enableDomainDetection?: boolean;
  /**
   * Path of a price file, or of a folder of them, whose prices go before those that come with the
   * package; read when the agent is made.
   */
  prices?: string;
  /**
   * What happens to calls of a model whose price nobody knows: they are made and flagged
   * (`unpriced` of the result), refused, or count as free. Default `flag`.
   */
  unpriced?: 'flag' | 'refuse' | 'zero';
  /** What a stream shows before a draft's verdict. */
  streamPolicy?: 'buffer' | 'optimistic';
  /**
   * Your own checks of drafts: a draft is accepted when it passes every one of them and the standard
   * ones. A strategy's step can name one as its `validator`. Names must differ from each other, and
   * from `quality` and `none`. None by default.
   */
  qualityChecks?: (QualityCheck | QualityCheckFunction)[];
  /**
   * Hears of each run: its plan, each call of a model that ended, and its result or failure. Events
   * of a run are in order, and all of them are heard before the run's promise settles; those of
   * runs at the same time mingle. What the listener throws becomes a warning of the process and does
   * not touch the run. It does not keep the process alive.
   */
  onEvent?: EngineEventListener;
  /**
   * Your own routers: one, or a list that is asked in order. The first that returns a plan decides;
   * where none does, the standard router decides. A run's own `strategy` goes before them.
   */
  router?: Router | RouterFunction | (Router | RouterFunction)[];
  /**
   * Executes the tools that models call, up to `maxSteps` rounds of a run. Without one, calls are
   * given to the caller in `result.toolCalls`.
   */
  toolExecutor?: ToolExecutor | ToolExecutorFunction;
  /** Exports traces and metrics of every run by OpenTelemetry; nothing is exported by default. */
  telemetryExporter?: OpenTelemetryExporter;
  /** Holds runs to its budgets and keeps what they cost. */
  costTracker?: CostTracker;
  /** Asked before each run, after those of the tracker. */
  enforcementCallbacks?: EnforcementCallbacks;
  /** Listeners by name of the event. */
  callbacks?: CallbackManager;
  /** Collects the figures of all runs. */
  metricsCollector?: MetricsCollector;
  /** Keeps the decisions of the last runs, with their costs. */
  traceLog?: TraceLog;
}

export const DEFAULT_CASCADE_CONFIG = {
  trackCosts: true,
  routingStrategy: 'adaptive',
  useSpeculative: true,
  verbose: false,
  trackMetrics: true,
} as const satisfies CascadeConfig;

/** Providers whose models answer in few tokens by default. */
const SHORT_ANSWERS = new Set(['vllm', 'ollama']);

const UNAVAILABLE: Record<string, string> = {
  domainConfigs: 'make one agent for each domain',
  tiers: 'make one agent for each tier',
  workflows: 'make one agent for each workflow',
  tenantRules: 'choose the agent by tenant',
  channelModels: 'choose the agent by channel',
  channelFailover: 'use `fallbackModels`',
  channelStrategies: 'pass `forceDirect` to `run`',
  ruleEngineConfig: 'choose the agent by your own rules',
  ruleEngine: 'choose the agent by your own rules',
};

/** The engine's form of a configuration, with the defaults of this package made explicit. */
export function engineConfig(config: AgentConfig): Record<string, unknown> {
  refuseUnavailable(config, UNAVAILABLE);
  const cascade = config.cascade ?? {};
  refuseUnavailable(cascade, { maxBudget: 'give the agent a `costTracker` with a `budgetLimit`' });
  const timeout = cascade.timeout;
  if (timeout !== undefined && !(timeout > 0)) {
    throw new ConfigurationError(
      `cascade option \`timeout\` is out of range: \`${timeout}\` (hint: give milliseconds above zero)`,
      'timeout',
    );
  }
  const first = config.models[0]?.provider;
  const short = typeof first === 'string' && SHORT_ANSWERS.has(first.toLowerCase());
  return compact({
    models: config.models.map(engineModel),
    quality: engineQuality(agentQuality(config.quality ?? cascade.quality)),
    verifier: 'second',
    cascade: cascade.enabled ?? true,
    fallbacks: config.fallbackModels,
    max_tokens: short ? 500 : 1000,
    deadline_ms: timeout === undefined ? undefined : Math.round(timeout),
    max_retries: cascade.maxRetries,
    stream_policy: config.streamPolicy,
    prices: config.prices,
    unpriced: config.unpriced,
  });
}
