/** Options of a run and their way into the engine. */
import { compact } from './codec.js';
import type { QueryComplexity } from './complexity.js';
import { ConfigurationError } from './errors.js';
import type { Message, Tool, ToolChoice } from './message.js';

/** One step of a strategy. */
export interface StrategyStep {
  /** Unique within the strategy. */
  name: string;
  /** Models asked at once, by name; more than one makes a draft set that is judged together. */
  models: string[];
  /** Answers asked of each model; 1 by default. */
  samples?: number;
  /** `quality` judges (default), `none` accepts any answer; or the name of one of `qualityChecks`. */
  validator?: string;
  /** Confidence that the step's answer must reach, 0 to 1. */
  threshold?: number;
  /** How often the step is tried again after a rejected or failed answer. */
  retries?: number;
  /** Models tried in order when the step's models fail, by name. */
  fallbacks?: string[];
}

/** A list of steps that replaces the routed plan. */
export interface Strategy {
  name: string;
  steps: StrategyStep[];
  /** Whether every step runs even after one passed. */
  runAllSteps?: boolean;
}

export interface RunOptions {
  /** Most completion tokens of each attempt. */
  maxTokens?: number;
  /** Sampling temperature, 0 to 2. */
  temperature?: number;
  systemPrompt?: string;
  tools?: Tool[];
  toolChoice?: ToolChoice;
  /** Most rounds of tool execution. */
  maxSteps?: number;
  /** Parameters passed to every provider untouched. */
  extra?: Record<string, any>;
  /** Skips the draft and asks the strong model. */
  forceDirect?: boolean;
  /** Complexity that replaces the detected one. */
  complexityHint?: QueryComplexity | (string & {});
  /** Domain that replaces the detected one, and the confidence in it. */
  domainHint?: string;
  domainConfidenceHint?: number;
  /** Confidence that a draft must reach, 0 to 1; replaces every configured threshold. */
  qualityThreshold?: number;
  /** Steps that replace the routed plan. */
  strategy?: Strategy;
  userTier?: string;
  userId?: string;
  /** The session the run belongs to; budgets of sessions go by it. */
  sessionId?: string;
  /** The API key the run was authorised with, by its name or id, never the key itself. */
  keyId?: string;
  workflow?: string;
  kpiFlags?: Record<string, any>;
  tenantId?: string;
  channel?: string;
  /** Time for the whole chain of attempts, in milliseconds. */
  timeout?: number;
  /** Cancels the run down to the socket. */
  signal?: AbortSignal;
  topP?: number;
  stop?: string | string[];
  seed?: number;
  /** `{type: 'json_object'}`, or `{type: 'json_schema', json_schema: {name, schema}}`. */
  responseFormat?: Record<string, any>;
  /** Kept with the result. */
  metadata?: Record<string, any>;
}

export interface StreamOptions extends RunOptions {
  /** False accepts every draft. */
  enableQualityCheck?: boolean;
  /** `buffer` (default) shows nothing before the verdict; `optimistic` shows drafts as they come. */
  streamPolicy?: 'buffer' | 'optimistic';
}

export interface StreamEventsOptions extends StreamOptions {}

export interface RunStreamingOptions extends RunOptions {
  /** Writes the answer to the standard output as it comes. */
  enableVisual?: boolean;
}

/** Options of 1.1.0 whose feature is not part of this version, with what to do instead. */
const UNAVAILABLE: Record<string, string> = {
  toolExecutor: 'give it to the agent',
  maxBudget: 'give the agent a `costTracker` with a budget of the session, and pass `sessionId`',
  kpiFlags: 'leave it out',
};

/** Refuses options that would otherwise be ignored in silence. */
export function refuseUnavailable(options: object, unavailable = UNAVAILABLE): void {
  for (const [name, remedy] of Object.entries(unavailable)) {
    if ((options as Record<string, unknown>)[name] === undefined) continue;
    const error = new ConfigurationError(
      `option \`${name}\` is not available in this version (hint: ${remedy})`,
      name,
    );
    error.hint = remedy;
    throw error;
  }
}

function engineStrategy(strategy: Strategy): Record<string, unknown> {
  const { runAllSteps, ...rest } = strategy;
  return runAllSteps === undefined ? { ...rest } : { ...rest, run_all_steps: runAllSteps };
}

/** The engine's form of the options; undefined when every option is the default. */
export function engineOptions(
  options: StreamOptions | undefined,
): Record<string, unknown> | undefined {
  if (options === undefined) return undefined;
  refuseUnavailable(options);
  const quality = options.enableQualityCheck === false ? 0 : options.qualityThreshold;
  return compact({
    max_tokens: options.maxTokens,
    temperature: options.temperature,
    top_p: options.topP,
    stop: typeof options.stop === 'string' ? [options.stop] : options.stop,
    seed: options.seed,
    system_prompt: options.systemPrompt,
    tools: options.tools,
    tool_choice: options.toolChoice,
    response_format: options.responseFormat,
    complexity_hint: options.complexityHint,
    force_direct: options.forceDirect,
    domain_hint: options.domainHint,
    domain_confidence_hint: options.domainConfidenceHint,
    strategy: options.strategy === undefined ? undefined : engineStrategy(options.strategy),
    quality_threshold: quality,
    deadline_ms: options.timeout,
    stream_policy: options.streamPolicy,
    max_steps: options.maxSteps,
    user_id: options.userId,
    tenant_id: options.tenantId,
    user_tier: options.userTier,
    session_id: options.sessionId,
    key_id: options.keyId,
    workflow: options.workflow,
    channel: options.channel,
    metadata: options.metadata,
    extra: options.extra,
  });
}

/** A query as the addon takes it: a text as it is, anything else within the request. */
export function engineRequest(
  input: string | Message[],
  options: Record<string, unknown> | undefined,
): { query: string | null; request: Record<string, unknown> | null } {
  if (typeof input === 'string') {
    return { query: input, request: options === undefined ? null : { options } };
  }
  if (!Array.isArray(input)) {
    throw new ConfigurationError(
      `the query is neither text nor messages: \`${typeof input}\` (hint: give a string, or a list of \`{role, content}\`)`,
      'query',
    );
  }
  return { query: null, request: compact({ messages: input, options }) };
}
