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
  ) => NativeAgent;
  NativeProvider: new (model: string) => NativeProvider;
  ProviderHost: new (
    className: string,
    streams: boolean,
    dispatch: (arg0: number, arg1: string, arg2: string) => void,
  ) => ProviderHost;
  /** The one-pass analysis of `query`. */
  analyse(query: string): string;
  /**
   * Answers the call `id`: `returned` is JSON text of what the class returned (or, where `threw`,
   * of the exception). A call that is no longer waited for is ignored.
   */
  answerCall(id: number, threw: boolean, json: string): void;
  /** Names of the built-in providers that can be called as they are. */
  availableProviders(): string[];
  /** The complexity of `query` as `{level, confidence}`. */
  complexity(query: string): string;
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
  /** Names of the built-in providers in alphabetical order. */
  providerNames(): string[];
  /**
   * The verdict on a draft. `request` holds `quality`, `query`, `draft` and optionally
   * `complexity`, `threshold`, `response_format`, `tools`, `tool_choice`.
   */
  verdict(request: string): Settled<string>;
}
