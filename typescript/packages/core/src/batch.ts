/** Batches of runs. */
import { ConfigurationError, errorFromText } from './errors.js';
import { type CascadeResult, resultFromText } from './result.js';

export enum BatchStrategy {
  LITELLM_NATIVE = 'litellm_native',
  SEQUENTIAL = 'sequential',
  AUTO = 'auto',
}

/** How far a batch has come. */
export interface BatchProgress {
  done: number;
  failed: number;
  total: number;
  /** USD so far. */
  cost: number;
}

export interface BatchConfig {
  /** Most queries of one round; bounds `maxParallel`. */
  batchSize?: number;
  /** Most queries under way at once. */
  maxParallel?: number;
  /** Seconds for each query. */
  timeoutPerQuery?: number;
  /** Seconds for the whole batch; 0 has no limit. */
  totalTimeout?: number;
  strategy?: BatchStrategy;
  /** Whether the first failure cancels the rest. */
  stopOnError?: boolean;
  /** Whether a query that failed temporarily is tried once more. */
  retryFailed?: boolean;
  /** How often it is tried again; replaces `retryFailed`. */
  retries?: number;
  trackCost?: boolean;
  validateQuality?: boolean;
  /** Results always come in the order of the queries. */
  preserveOrder?: boolean;
  metadata?: Record<string, any>;
  /** Hears of each query that ended. */
  onProgress?: (progress: BatchProgress) => void;
}

export interface BatchItemResult {
  index: number;
  success: boolean;
  result?: any;
  error?: string;
  timingMs: number;
  cost: number;
}

export interface BatchResult {
  /** One for each query, in order; null where it failed. */
  results: (CascadeResult | null)[];
  successCount: number;
  failureCount: number;
  /** USD. */
  totalCost: number;
  /** Seconds. */
  totalTime: number;
  strategyUsed: string;
  /** One for each query, in order; null where it succeeded. */
  errors: (string | null)[];
  metadata: Record<string, any>;
  /** In [0, 1]. */
  successRate: number;
  averageCost: number;
  averageTime: number;
  /** The failures as errors, in the order of the queries; null where it succeeded. */
  exceptions?: (Error | null)[];
}

/** A batch cannot be run at all. */
export class BatchProcessingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

type Settings = Required<Omit<BatchConfig, 'onProgress' | 'retries'>> & { retries?: number };

export const DEFAULT_BATCH_CONFIG: Settings = {
  batchSize: 10,
  maxParallel: 3,
  timeoutPerQuery: 30,
  totalTimeout: 0,
  strategy: BatchStrategy.AUTO,
  stopOnError: false,
  retryFailed: true,
  trackCost: true,
  validateQuality: true,
  preserveOrder: true,
  metadata: {},
};

/**
 * The configuration with every default filled in.
 *
 * @throws ConfigurationError for a number out of range, naming the field.
 */
export function normalizeBatchConfig(config: BatchConfig = {}): Settings {
  const { onProgress: _, ...given } = config;
  const settings: Settings = { ...DEFAULT_BATCH_CONFIG };
  for (const [key, value] of Object.entries(given)) {
    if (value !== undefined) (settings as Record<string, unknown>)[key] = value;
  }
  const least: [keyof Settings, number][] = [
    ['batchSize', 1],
    ['maxParallel', 1],
    ['timeoutPerQuery', 0],
    ['totalTimeout', 0],
  ];
  for (const [field, minimum] of least) {
    const value = settings[field];
    if (typeof value !== 'number' || !(value >= minimum) || !Number.isFinite(value)) {
      const hint = `give a number, at least ${minimum}`;
      const error = new ConfigurationError(
        `batch option \`${field}\` is out of range: \`${String(value)}\` (hint: ${hint})`,
        field,
      );
      error.hint = hint;
      throw error;
    }
  }
  return settings;
}

/** The engine's form of the settings. */
export function engineBatch(settings: Settings): Record<string, unknown> {
  const batch: Record<string, unknown> = {
    max_parallel: Math.min(Math.floor(settings.maxParallel), Math.floor(settings.batchSize)),
    stop_on_error: settings.stopOnError,
    retries: settings.retries ?? (settings.retryFailed ? 1 : 0),
  };
  if (settings.timeoutPerQuery > 0) batch.timeout_per_query_ms = settings.timeoutPerQuery * 1000;
  if (settings.totalTimeout > 0) batch.total_timeout_ms = settings.totalTimeout * 1000;
  return batch;
}

/** The result in the addon's texts: totals, then one text for each query. */
export function batchFromTexts(texts: string[], metadata: Record<string, any>): BatchResult {
  const [head = '{}', ...items] = texts;
  const totals = JSON.parse(head) as { successCount: number; totalCost: number; totalMs: number };
  const exceptions = items.map((text) => errorFromText(text) ?? null);
  const results = items.map((text, at) => (exceptions[at] ? null : resultFromText(text)));
  const count = items.length;
  const totalTime = totals.totalMs / 1000;
  return {
    results,
    successCount: totals.successCount,
    failureCount: count - totals.successCount,
    totalCost: totals.totalCost,
    totalTime,
    strategyUsed: BatchStrategy.SEQUENTIAL,
    errors: exceptions.map((error) => error?.message ?? null),
    metadata: { ...metadata },
    successRate: count === 0 ? 0 : totals.successCount / count,
    averageCost: count === 0 ? 0 : totals.totalCost / count,
    averageTime: count === 0 ? 0 : totalTime / count,
    exceptions,
  };
}
