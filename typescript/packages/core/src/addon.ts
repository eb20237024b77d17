// Made from the code of the binding by `cargo xtask generate`.

/** A value that was ready at once, or its promise. */
export type Settled<T> = T | Promise<T>;

/** Cancels the calls it was given to. Dropping the work closes its connection. */
export interface Canceller {
  /** Cancels the calls, now and later ones. */
  cancel(): void;
}

/** A user's check of drafts, as `quality-check.ts` offers it. */
export interface CheckHost {
  readonly __opaque?: never;
}

/** A user's callback, as `enforcement.ts` offers it. */
export interface EnforcementHost {
  readonly __opaque?: never;
}

/** An agent. Immutable; serves any number of calls at once. */
export interface NativeAgent {
  /** Names of the models, cheapest first. */
  modelNames(): string[];
  /** The tracker of the configuration's budgets; null without them. */
  costTracker(): NativeCostTracker | null;
  /**
   * Runs the text `query`, or the query in the JSON text `request` where `query` is null. Gives the
   * result as `result_json` writes it, or its promise.
   */
  run(
    query?: string | null,
    request?: string | null,
    canceller?: Canceller | null,
  ): Settled<string>;
  /** Streams a query; the arguments are those of `run`. */
  stream(query?: string | null, request?: string | null): NativeStream;
  /** The plan of a query as JSON text; the arguments are those of `run`. */
  plan(query?: string | null, request?: string | null): Settled<string>;
  /**
   * Runs the texts in `queries` with `options` and `batch` of the JSON text `request`.
   * `on_progress` hears of each run that ended, then of zeros. Gives totals, then one text for each
   * query: its result as `run` gives it, or its error.
   */
  runBatch(
    queries: string[],
    request: string,
    canceller?: Canceller | null,
    onProgress?: ((arg0: number, arg1: number, arg2: number, arg3: number) => void) | null,
  ): Settled<string[]>;
}

/** Lets calls of one service begin as its limits allow. */
export interface NativeCallGate {
  /** Whether a call of `tokens` may begin, as JSON text; counts it when it may, with `start`. */
  check(tokens: number, start: boolean): string;
  /** Tells that a call that began is over. */
  end(): void;
}

/**
 * Tells a function of the events of runs that it listens to. The listeners themselves stay in
 * JavaScript.
 */
export interface NativeCallbackManager {
  /** Whether to tell of the event of this name. */
  listen(event: string, on: boolean): void;
  /** How often each event came, by its name, as the JSON text of a mapping. */
  counts(): string;
  /** Counts from zero again. */
  resetCounts(): void;
}

/** A circuit breaker. */
export interface NativeCircuitBreaker {
  /** Its name. */
  name(): string;
  /** Its configuration as JSON text. */
  config(): string;
  /** `closed`, `open` or `half_open`. */
  state(): string;
  /** Milliseconds until a probe is let through; null unless it is open. */
  timeUntilRetry(): number | null;
  /** Failures that count now. */
  failureCount(): number;
  /** Whether a call may go out; takes a probe's place while half open. */
  canExecute(): boolean;
  /** Leave for one call. Throws when it may not go out, which is counted as a rejection. */
  acquire(): NativeCircuitPermit;
  /** Counts a call that succeeded. */
  recordSuccess(): void;
  /** Counts a call that failed. */
  recordFailure(): void;
  /** Counts a call that was not let through. */
  recordRejection(): void;
  /** Opens it, whatever was seen. */
  forceOpen(): void;
  /** Closes it, whatever was seen. */
  forceClose(): void;
  /** Closes it and forgets what was seen. */
  reset(): void;
  /** What it has seen, as JSON text. */
  metrics(): string;
  /** Has `listener` told of each change of state: name, before and after. */
  onStateChange(listener: (arg0: string, arg1: string, arg2: string) => void): void;
}

/** Leave for one call; forgotten without an outcome it counts for nothing. */
export interface NativeCircuitPermit {
  /** The call succeeded. */
  succeed(): void;
  /** The call failed in a way that counts. */
  fail(): void;
  /** The call ended in a way that counts for nothing. */
  release(): void;
}

/** A clock that stands still until it is moved, for tests of what depends on time. */
export interface NativeClock {
  /** The time of day in milliseconds since the Unix epoch. */
  now(): number;
  /** Puts the time of day to so many milliseconds since the Unix epoch. No time passes by it. */
  setTime(milliseconds: number): void;
  /** Moves the clock on. */
  advance(milliseconds: number): void;
}

/**
 * What of an agent controls its spending, listens to its runs and works for them. An agent made
 * with it takes what is in it then.
 */
export interface NativeControl {
  /** Budgets, and where costs are kept; the tracker's own callbacks are asked first. */
  setTracker(tracker: NativeCostTracker): void;
  /** Callbacks that decide; those that the tracker brings are not asked twice. */
  setEnforcement(chain: NativeEnforcementChain): void;
  /** Listeners by name of the event. */
  setCallbacks(callbacks: NativeCallbackManager): void;
  /** What collects figures of runs. */
  setMetrics(metrics: NativeMetricsCollector): void;
  /** What keeps decision traces. */
  setTraces(traces: NativeTraceLog): void;
  /** What exports the runs. */
  setTelemetry(telemetry: NativeTelemetryExporter): void;
  /** What executes calls of tools. */
  setTools(tools: ToolHost): void;
}

/** Keeps what was spent, and decides by its budgets whether more may be. */
export interface NativeCostTracker {
  /** The policy as it was understood, as JSON text. */
  policy(): string;
  /**
   * Books a cost: the JSON text of `model`, `provider`, `tokens`, `cost` in USD and, where known,
   * `query_id`, `metadata`, `timestamp` in milliseconds since the Unix epoch, `usage`, and whose it
   * is.
   */
  addCost(entry: string): void;
  /**
   * Whether an amount in USD and one request more fit every budget of the JSON text of a scope; the
   * callbacks are asked too. Gives JSON text, or its promise where a callback is waited for.
   */
  canAfford(scope: string, estimate: number): Settled<string>;
  /** What was spent altogether, as JSON text; amounts are decimal texts. */
  summary(): string;
  /** What a user spent, as JSON text; amounts are decimal texts. */
  userSummary(userId: string, tier?: string | null): string;
  /**
   * How every limit that the JSON text of a scope draws on stands, as JSON text; amounts are
   * decimal texts.
   */
  standings(scope: string): string;
  /** USD altogether. */
  totalCost(): number;
  /** USD by `model`, `provider` or `user`, as the JSON text of a mapping. */
  totalsBy(by: string): string;
  /**
   * Entries that are kept and match the JSON text `filter`, in the order of booking, as JSON text.
   */
  entries(filter: string): string;
  /** Ids of the users with entries, sorted; with a tier, of those last booked under it. */
  users(tier?: string | null): string[];
  /**
   * What was spent on each day, as the JSON text of a series for forecasts; days are those of
   * clocks `utc_offset_seconds` ahead of UTC. With `now`, seconds since the Unix epoch, the series
   * goes until then, and its last day is still running.
   */
  dailySeries(
    userId: string | null | undefined,
    utcOffsetSeconds: number,
    now?: number | null,
  ): string;
  /**
   * Writes the entries that are kept into a file of the format `json`, `csv` or `sqlite`; the
   * promise of their number.
   */
  export(path: string, format: string): Settled<number>;
  /** Books the entries of a file that was exported, on no budget; the promise of their number. */
  importEntries(path: string): Settled<number>;
  /** Forgets what was spent. */
  reset(): void;
  /** Waits until everything booked so far is durable, and every warning of it heard. */
  flush(): Settled<boolean>;
  /**
   * Waits here until everything booked so far is durable, for at most `time` milliseconds. For the
   * end of the process.
   */
  flushAtExit(time: number): void;
}

/** Callbacks asked in their order: the first answer other than allow counts. */
export interface NativeEnforcementChain {
  /** Adds a callback at the end. */
  register(host: EnforcementHost): void;
  /** Adds the ready-made callback `strict`, `graceful`, `tier_based` or `default` at the end. */
  registerBuiltIn(name: string): void;
  /** Takes out what was registered at `position`; whether there was something. */
  remove(position: number): boolean;
  /** How often the chain was asked. */
  checks(): number;
  /** How many answers were failures. */
  failures(): number;
  /**
   * What the callbacks decide of the JSON text of a context: that of an action's name with a
   * message, or its promise.
   */
  decide(context: string): Settled<string>;
}

/** Collects the figures of runs; hears those of an agent itself. */
export interface NativeMetricsCollector {
  /** Adds a run of the JSON text of its figures. */
  record(figures: string): void;
  /** Counts a run that gave no result. */
  recordFailure(): void;
  /** Everything that was counted, as JSON text; amounts are decimal texts. */
  summary(): string;
  /** The figures most often asked for, as JSON text. */
  snapshot(): string;
  /**
   * The recent runs, oldest first, as the JSON text of a list of pairs: seconds since the Unix
   * epoch, and figures.
   */
  recent(): string;
  /** The recent runs of the last `minutes`, as JSON text. */
  timeWindowed(minutes: number): string;
  /** The recent runs of one complexity, as JSON text. */
  byComplexity(complexity: string): string;
  /** Those of the latest runs that took longer or cost more, as JSON text. */
  anomalies(latencyMs: number, cost: number, lookback: number): string;
  /** Seconds since the collector was made or reset. */
  uptime(): number;
  /** Starts again from nothing. */
  reset(): void;
}

/** The price catalogue, alone or with files over it. */
export interface NativePrices {
  /** Reads the files again; where one is broken, the prices stay as they were. */
  reload(): void;
  /**
   * What is listed of `model` as JSON text, amounts in USD per 1,000,000 tokens as decimal texts;
   * null when no price is known. Without a provider the name may begin with one.
   */
  listing(model: string, provider?: string | null): string | null;
  /**
   * What the usage in the JSON text `usage` costs, as a decimal text in USD; null when no price is
   * known.
   */
  usageCost(model: string, provider: string | null | undefined, usage: string): string | null;
  /**
   * What a call may cost at most: `model`, `messages` (a text is the user's) and optionally
   * `provider`, `cost` and `max_tokens` of the JSON text `request`. Gives the JSON text of the
   * engine's estimate.
   */
  estimateCost(request: string): string;
}

/**
 * Which people's profiles are kept, and for how long; the profiles themselves stay in JavaScript.
 */
export interface NativeProfileCache {
  /** Whether `user_id` is kept and not too old; one that is too old is forgotten. */
  has(userId: string): boolean;
  /** Keeps `user_id` from now on. Gives whose profile goes for it; null when none does. */
  insert(userId: string): string | null;
  /** Forgets `user_id`. */
  remove(userId: string): void;
  /** Forgets everybody. */
  clear(): void;
  /** How many people are kept. */
  size(): number;
}

/** A built-in provider with its credentials. */
export interface NativeProvider {
  /**
   * Answers the published `ProviderRequest` in the JSON text `request` with the JSON text of a
   * `ProviderResponse`, or its promise.
   */
  generate(request: string, canceller?: Canceller | null): Settled<string>;
  /** Streams the answer as JSON texts of `StreamChunk`s. */
  stream(request: string): NativeStream;
  /**
   * The models that the provider says it serves: the JSON text of a list of `{id}`, or its promise.
   */
  listModels(canceller?: Canceller | null): Settled<string>;
  /** Has the provider's server fetch a model; done, or its promise is, when it is there. */
  pullModel(model: string, canceller?: Canceller | null): Settled<void>;
  /**
   * The vectors of the texts in the JSON text `request`: `input`, and further parameters of the
   * provider; `model` in place of the configured one. Gives the JSON text of `{embeddings, model,
   * usage}`, or its promise.
   */
  embed(request: string, canceller?: Canceller | null): Settled<string>;
  /**
   * The catalogue's price of `model` as the JSON text of `{input, output}`, in USD per 1,000,000
   * tokens; null where it knows none.
   */
  cataloguePrice(model: string): string | null;
  /**
   * What a call of `model` costs in USD: by the configured cost where it is the configured model's,
   * else by the catalogue.
   */
  calculateCost(promptTokens: number, completionTokens: number, model: string): number;
}

/**
 * Counts what each person used, and holds them to their limits. Limits are the JSON text of the
 * fields `requests_per_hour`, `requests_per_day`, `tokens_per_minute`, `daily_budget` and the like.
 */
export interface NativeRateLimiter {
  /**
   * What refuses a request, as JSON text; null when it may be made. Counts nothing, or, with
   * `acquire`, counts it when it may be made.
   */
  check(
    userId: string,
    limits: string,
    cost: number,
    tokens: number,
    acquire: boolean,
  ): string | null;
  /** Counts a request, whether or not it may be made. */
  record(userId: string, limits: string, cost: number, tokens: number): void;
  /** What `user_id` used, as JSON text. */
  usage(userId: string): string;
  /** Forgets what `user_id` used. */
  reset(userId: string): void;
  /** Forgets everybody. */
  clear(): void;
  /** Forgets those who asked for nothing for so many milliseconds; how many they were. */
  forgetIdle(milliseconds: number): number;
  /** How many people are remembered. */
  size(): number;
}

/** A stream that is pulled one text at a time; nothing is made before it is asked for. */
export interface NativeStream {
  /** The next text, or its promise; empty at the end and after `cancel`. */
  next(): Settled<string>;
  /** Ends the stream and whatever works for it, down to the socket. */
  cancel(): void;
}

/** Exports runs by OTLP; never enters JavaScript. */
export interface NativeTelemetryExporter {
  /** The configuration as JSON text, its headers without their values. */
  config(): string;
  /**
   * Counts a cost in USD for the labels in the JSON text of a mapping of `user_id`, `user_tier`,
   * `model`, `provider` and `domain`, each absent or a text.
   */
  exportCost(cost: number, labels: string): void;
  /** Counts cost in USD, tokens, and a latency in milliseconds for the labels of `export_cost`. */
  record(
    cost: number,
    inputTokens: number,
    outputTokens: number,
    latencyMs: number | null | undefined,
    labels: string,
  ): void;
  /** Sends what there is, for at most `time` milliseconds. Whether the receiver took it all. */
  forceFlush(time: number): Settled<boolean>;
  /** As `force_flush`, and exports nothing any more. */
  shutdown(time: number): Settled<boolean>;
  /** What became of what was handed over, as JSON text. */
  counts(): string;
}

/** Keeps the traces of an agent's last runs. */
export interface NativeTraceLog {
  /**
   * The last `count` traces, newest first, as the JSON text of a list; `at` is in milliseconds
   * since the Unix epoch.
   */
  recent(count: number): string;
  /** The trace of the run of this id as JSON text; null when it is not kept. */
  ofRun(runId: string): string | null;
  /** How many runs ended, those not kept any more included. */
  runs(): number;
  /** What all of them cost together, in USD. */
  totalCost(): number;
  /** Forgets every trace and starts counting anew. */
  clear(): void;
}

/** An instance of a user's class, as `callbacks/provider-host.ts` offers it. */
export interface ProviderHost {
  readonly __opaque?: never;
}

/** A user's router, as `router.ts` offers it. */
export interface RouterHost {
  readonly __opaque?: never;
}

/** A user's tool executor, as `tool-executor.ts` offers it. */
export interface ToolHost {
  readonly __opaque?: never;
}

/** What the addon exports. */
export interface Addon {
  Canceller: new () => Canceller;
  CheckHost: new (
    name: string,
    dispatch: (arg0: number, arg1: string, arg2: string) => void,
  ) => CheckHost;
  EnforcementHost: new (
    name: string,
    checks: boolean,
    filters: boolean,
    dispatch: (arg0: number, arg1: string, arg2: string) => void,
    warn?: ((arg0: string) => void) | null,
  ) => EnforcementHost;
  NativeAgent: new (
    config: string,
    hosts: (ProviderHost | null)[],
    environment?: string | null,
    checks?: CheckHost[] | null,
    onEvent?: ((arg0: string) => void) | null,
    control?: NativeControl | null,
    routers?: RouterHost[] | null,
  ) => NativeAgent;
  NativeCallGate: new (limits: string, clock?: NativeClock | null) => NativeCallGate;
  NativeCallbackManager: new (dispatch: (arg0: string) => void) => NativeCallbackManager;
  NativeCircuitBreaker: new (
    name: string,
    config?: string | null,
    clock?: NativeClock | null,
  ) => NativeCircuitBreaker;
  NativeClock: new (start?: number | null) => NativeClock;
  NativeControl: new () => NativeControl;
  NativeCostTracker: new (
    policy: string,
    path?: string | null,
    clock?: NativeClock | null,
    chain?: NativeEnforcementChain | null,
    onWarning?: ((arg0: string) => void) | null,
  ) => NativeCostTracker;
  NativeEnforcementChain: new (
    timeLimitMs: number,
    failOpen: boolean,
    report: (arg0: string) => void,
  ) => NativeEnforcementChain;
  NativeMetricsCollector: new (
    recent: number,
    clock?: NativeClock | null,
  ) => NativeMetricsCollector;
  NativePrices: new (path?: string | null) => NativePrices;
  NativeProfileCache: new (
    keepMs: number,
    capacity: number,
    clock?: NativeClock | null,
  ) => NativeProfileCache;
  NativeProvider: new (model: string) => NativeProvider;
  NativeRateLimiter: new (maxUsers: number, clock?: NativeClock | null) => NativeRateLimiter;
  NativeTelemetryExporter: new (options: string) => NativeTelemetryExporter;
  NativeTraceLog: new (capacity: number) => NativeTraceLog;
  ProviderHost: new (
    className: string,
    streams: boolean,
    dispatch: (arg0: number, arg1: string, arg2: string) => void,
  ) => ProviderHost;
  RouterHost: new (
    name: string,
    dispatch: (arg0: number, arg1: string, arg2: string) => void,
  ) => RouterHost;
  ToolHost: new (dispatch: (arg0: number, arg1: string, arg2: string) => void) => ToolHost;
  /** The one-pass analysis of `query`. */
  analyse(query: string): string;
  /** Alerts of `anomalies` from `min_severity` on. */
  anomalyAlerts(request: string): string;
  /**
   * Answers the call `id`: `returned` is JSON text of what the class returned (or, where `threw`,
   * of the exception). A call that is no longer waited for is ignored.
   */
  answerCall(id: number, threw: boolean, json: string): void;
  /** Names of the breakers of the process that are not open. */
  availableCircuits(): string[];
  /**
   * Names of the built-in providers that can be called as they are. `environment` is the JSON text
   * of the only variables that can be found, null for the process's.
   */
  availableProviders(environment?: string | null): string[];
  /** When a budget is used up. `request` has what a forecast's has, and `budget`. */
  budgetOutlook(request: string): string;
  /** What comes of the `steps` of `request` under its budget `policy`, from `start` on. */
  budgetSession(request: string): string;
  /**
   * What the ready-made callback `strict`, `graceful`, `tier_based` or `default` decides of the
   * JSON text of a context: that of an action's name with a message.
   */
  builtInEnforcement(name: string, context: string): string;
  /**
   * The name in the registry that `name` means: itself, or the built-in provider it is an alias of;
   * null when it means none.
   */
  canonicalProvider(name: string): string | null;
  /**
   * What a cascade of the models `drafter` and `verifier` of the JSON text `request` cost, beside
   * the verifier alone, by `input_tokens`, `draft_output_tokens`, `verifier_output_tokens` and
   * `draft_accepted`: JSON text with amounts as decimal texts.
   */
  cascadeCost(request: string): string;
  /**
   * What to use instead of `model` as the JSON text of a pair: its name (null when nothing is
   * cheaper) and where that comes from: `mapped`, `catalogue`, `fallback` or `cheapest`.
   */
  cheaperModel(model: string, map?: string | null): string;
  /**
   * The `models` of the JSON text `request` that do the work of `input_tokens` and `output_tokens`
   * for less than the one at `position`, cheapest first: the JSON text of a list of `{position,
   * cost, saving}`.
   */
  cheaperModels(request: string): string;
  /** Checks the JSON text of the limits of one owner. */
  checkBudget(budget: string): void;
  /** Throws when there is no event of this name. */
  checkCallbackEvent(event: string): void;
  /**
   * The breaker `name` of the process, made when there is none; `config` as for a single one, null
   * for the default.
   */
  circuitBreaker(name: string, config?: string | null): NativeCircuitBreaker;
  /**
   * The breakers of the process in alphabetical order, as the JSON text of a list of `{name, state,
   * timeUntilRetryMs, metrics}`.
   */
  circuitBreakers(): string;
  /** The complexity of `query` as `{level, confidence}`. */
  complexity(query: string): string;
  /**
   * Names of the built-in providers that need a credential and find one; `environment` as for
   * `available_providers`.
   */
  configuredProviders(environment?: string | null): string[];
  /**
   * What a cascade of two models cost. `request` has the two prices, tokens, and `draft_accepted`.
   */
  costBreakdown(request: string): string;
  /**
   * The tokens of `text` or `messages` of the JSON text `request`, as the `model` of it sees them
   * (without one by the estimate): the JSON text of `{tokens, source}`.
   */
  countTokens(request: string): string;
  /**
   * The series of the `entries` of the JSON text `request`, each with `timestamp` (seconds since
   * the Unix epoch), `cost` and `user_id`, with `utc_offset_seconds` and `now`; see
   * `NativeCostTracker.daily_series`.
   */
  dailySeries(request: string): string;
  /** `model` and what to use instead, step by step, down to the cheapest. */
  degradationChain(model: string, map?: string | null): string[];
  /**
   * The model to use instead of each that is known, in order, as the JSON text of a mapping; null
   * of the cheapest.
   */
  degradationMap(): string;
  /** What stands out. `request` has `series` or `entries`, `of`, `user_id` and `options`. */
  detectAnomalies(request: string): string;
  /** Whether the environment names a receiver of telemetry. */
  environmentNamesReceiver(): boolean;
  /**
   * The share of the cost that one model saves against another, 0 to 1; null when the price of
   * either is not known.
   */
  estimatedSaving(fromModel: string, toModel: string): number | null;
  /** The breaker `name` of the process; null when there is none. */
  findCircuitBreaker(name: string): NativeCircuitBreaker | null;
  /**
   * What will be spent. `request` has `series` or `entries`, `days`, `user_id`, `now`,
   * `utc_offset_seconds` and `options`.
   */
  forecast(request: string): string;
  /**
   * What the environment says of how providers are reached, as the JSON text of a model's `http`;
   * `environment` as for `available_providers`.
   */
  httpOptionsFromEnv(environment?: string | null): string;
  /** Whether the catalogue lists prices of models of the provider. */
  isPriced(provider: string): boolean;
  /**
   * Has `listener` told of each change of state of any breaker of the process: name, before, after.
   */
  onCircuitChange(listener: (arg0: string, arg1: string, arg2: string) => void): void;
  /**
   * The models of the ready-made configuration `name` whose providers can be called as they are, as
   * JSON text.
   */
  presetModels(name: string): string;
  /**
   * What a usage costs as `{cost}`, a decimal text. `request` holds `usage` and either `price` (USD
   * per 1,000,000 tokens) or `cost` (USD per 1,000 tokens).
   */
  price(request: string): string;
  /** Checks the JSON text of a profile, and gives that of the limits that hold for the person. */
  profileLimits(profile: string): string;
  /**
   * What is known of the provider of this name or alias, as JSON text; null when it is not
   * supported.
   */
  providerInfo(name: string): string | null;
  /** Closes all breakers of the process and forgets what they have seen. */
  resetCircuitBreakers(): void;
  /**
   * Sets the configuration of breakers of the process made from now on without one of their own.
   */
  setDefaultCircuitConfig(config: string): void;
  /**
   * Sends what every exporter still holds and waits for it, for at most `time` milliseconds. For
   * the end of the process.
   */
  shutDownTelemetry(time: number): void;
  /** Every supported provider, as the JSON text of a list. */
  supportedProviders(): string;
  /** The preset `name` as JSON text; throws an error that names the tiers when there is none. */
  tierPreset(name: string): string;
  /** The tiers that there are, smallest first, as the JSON text of a list. */
  tierPresets(): string;
  /** As `provider_info`; throws an error that names the providers when it is not supported. */
  validateProvider(name: string): string;
  /**
   * The verdict on a draft. `request` holds `quality`, `query`, `draft` and optionally
   * `complexity`, `threshold`, `response_format`, `tools`, `tool_choice`.
   */
  verdict(request: string): Settled<string>;
}
