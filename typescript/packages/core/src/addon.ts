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

/** An agent. Immutable; serves any number of calls at once. */
export interface NativeAgent {
  /** Names of the models, cheapest first. */
  modelNames(): string[];
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
  /** Moves the clock on. */
  advance(milliseconds: number): void;
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

/** An instance of a user's class, as `callbacks/provider-host.ts` offers it. */
export interface ProviderHost {
  readonly __opaque?: never;
}

/** What the addon exports. */
export interface Addon {
  Canceller: new () => Canceller;
  CheckHost: new (
    name: string,
    dispatch: (arg0: number, arg1: string, arg2: string) => void,
  ) => CheckHost;
  NativeAgent: new (
    config: string,
    hosts: (ProviderHost | null)[],
    environment?: string | null,
    checks?: CheckHost[] | null,
    onEvent?: ((arg0: string) => void) | null,
    telemetry?: NativeTelemetryExporter | null,
  ) => NativeAgent;
  NativeCircuitBreaker: new (
    name: string,
    config?: string | null,
    clock?: NativeClock | null,
  ) => NativeCircuitBreaker;
  NativeClock: new () => NativeClock;
  NativePrices: new (path?: string | null) => NativePrices;
  NativeProvider: new (model: string) => NativeProvider;
  NativeTelemetryExporter: new (options: string) => NativeTelemetryExporter;
  ProviderHost: new (
    className: string,
    streams: boolean,
    dispatch: (arg0: number, arg1: string, arg2: string) => void,
  ) => ProviderHost;
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
   * The name in the registry that `name` means: itself, or the built-in provider it is an alias of;
   * null when it means none.
   */
  canonicalProvider(name: string): string | null;
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
  /** What stands out. `request` has `series` or `entries`, `of`, `user_id` and `options`. */
  detectAnomalies(request: string): string;
  /** Whether the environment names a receiver of telemetry. */
  environmentNamesReceiver(): boolean;
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
  /** As `provider_info`; throws an error that names the providers when it is not supported. */
  validateProvider(name: string): string;
  /**
   * The verdict on a draft. `request` holds `quality`, `query`, `draft` and optionally
   * `complexity`, `threshold`, `response_format`, `tools`, `tool_choice`.
   */
  verdict(request: string): Settled<string>;
}
