/**
 * The addon. This is its only importer; everything structured crosses as JSON text.
 */
import { createRequire } from 'node:module';

/** A value that was ready at once, or its promise. */
export type Settled<T> = T | Promise<T>;

export interface NativeCanceller {
  cancel(): void;
}

export interface NativeStream {
  next(): Settled<string>;
  cancel(): void;
}

export interface NativeAgent {
  modelNames(): string[];
  run(
    query: string | null,
    request: string | null,
    canceller: NativeCanceller | null,
  ): Settled<string>;
  stream(query: string | null, request: string | null): NativeStream;
  plan(query: string | null, request: string | null): Settled<string>;
  runBatch(
    queries: string[],
    request: string,
    canceller: NativeCanceller | null,
    onProgress: ((done: number, failed: number, total: number, cost: number) => void) | null,
  ): Settled<string[]>;
}

export interface NativeProvider {
  generate(request: string, canceller: NativeCanceller | null): Settled<string>;
  stream(request: string): NativeStream;
  calculateCost(promptTokens: number, completionTokens: number, model: string): number;
}

/** What an operation on a user's class is: see `providers/host.ts`. */
export type Dispatch = (id: number, operation: string, json: string) => void;

/** An opaque handle around a user's class. */
export interface NativeProviderHost {
  readonly __host?: never;
}

export interface Native {
  NativeAgent: new (
    config: string,
    hosts: (NativeProviderHost | null)[],
    environment: string | null,
  ) => NativeAgent;
  NativeProvider: new (model: string) => NativeProvider;
  ProviderHost: new (className: string, streams: boolean, dispatch: Dispatch) => NativeProviderHost;
  Canceller: new () => NativeCanceller;
  answerCall(id: number, threw: boolean, json: string): void;
  providerNames(): string[];
  availableProviders(): string[];
  presetModels(name: string): string;
  complexity(query: string): string;
  analyse(query: string): string;
  verdict(request: string): Settled<string>;
  price(request: string): string;
}

// The package is bundled as CommonJS, where `__filename` is the bundle beside the addon.
const load = createRequire(__filename);

/** The addon of this machine; built with the package, never fetched. */
export const native: Native = load('./cascadeflow.node') as Native;
