/** Traces and metrics of runs by OpenTelemetry. */

import { compact, encode } from '../codec.js';
import { ConfigurationError, toPublished } from '../errors.js';
import { type NativeTelemetryExporter, native } from '../native.js';

/** How OTLP is spoken. */
export type OtlpProtocol = 'http/protobuf' | 'grpc';

/**
 * Where telemetry goes and what it tells. What is left out comes from the `OTEL_*` variables of the
 * environment, or is the default.
 */
export interface OpenTelemetryExporterConfig {
  /**
   * Base address of the receiver; over HTTP, `/v1/traces` and `/v1/metrics` are appended.
   * `http://localhost:4318` by default.
   */
  endpoint?: string;
  /** gRPC on port 4317 by default, and protobuf over HTTP elsewhere. */
  protocol?: OtlpProtocol;
  /** Headers of every request, such as a key of the receiver. Never shown. */
  headers?: Record<string, string>;
  /** Time for one export in milliseconds; 10,000 by default. */
  timeoutMs?: number;
  /** Whether requests are compressed by gzip; false by default. */
  gzip?: boolean;
  /** Certificate authorities in PEM, trusted beside the system's. */
  caCertificate?: string;
  /** Name of the program; `cascadeflow` by default. */
  serviceName?: string;
  /** Where the program runs, such as `production`. */
  environment?: string;
  /** Further attributes of the program. */
  resourceAttributes?: Record<string, string>;
  /** Whether anything is exported; true by default. */
  enabled?: boolean;
  /** Whether spans are exported; true by default. */
  traces?: boolean;
  /** Whether metrics are exported; true by default. */
  metrics?: boolean;
  /** Share of runs whose spans are exported, 0 to 1; 1 by default. The metrics count all. */
  sampleRatio?: number;
  /** What the points of counters count from; `cumulative` by default. */
  temporality?: 'cumulative' | 'delta';
  /** Time between exports of metrics in milliseconds; 10,000 by default. */
  exportIntervalMs?: number;
  /** Longest time that a finished run waits for its spans' export; 1,000 by default. */
  spanIntervalMs?: number;
  /** Finished runs that may wait; further ones are dropped and counted. 2,048 by default. */
  queueSize?: number;
  /** Whether spans and spending are labelled with user id and tier; false by default. */
  userLabels?: boolean;
  /** Most user ids among the labels; further ones are `other`. 100 by default. */
  maxUsers?: number;
  /** Most models among the labels; further ones are `other`. 100 by default. */
  maxModels?: number;
  /** Whether spans hold the text of questions and answers; false by default. */
  captureContent?: boolean;
}

/** Whom and what spending is for. */
export interface MetricDimensions {
  userId?: string;
  userTier?: string;
  model?: string;
  provider?: string;
  domain?: string;
}

/** What one call used. */
export interface CascadeflowMetrics {
  /** USD. */
  cost: number;
  tokensInput: number;
  tokensOutput: number;
  /** Milliseconds. */
  latencyMs: number;
  dimensions?: MetricDimensions;
}

/** What became of what was handed over. */
export interface ExportCounts {
  /** Runs that ended. */
  runs: number;
  /** Runs left out of the traces because the queue was full. */
  droppedRuns: number;
  exportedSpans: number;
  /** Spans that the receiver did not take. */
  failedSpans: number;
  metricExports: number;
  /** Nothing is lost by one: the next export holds the same counts. */
  failedMetricExports: number;
  /** Why the last export failed; absent while none has. */
  lastError?: string;
}

/** Options with the engine's names for them. */
const NAMES = {
  endpoint: 'endpoint',
  protocol: 'protocol',
  headers: 'headers',
  timeoutMs: 'timeout_ms',
  gzip: 'gzip',
  caCertificate: 'ca_certificate',
  serviceName: 'service_name',
  environment: 'environment',
  resourceAttributes: 'resource_attributes',
  enabled: 'enabled',
  traces: 'traces',
  metrics: 'metrics',
  sampleRatio: 'sample_ratio',
  temporality: 'temporality',
  exportIntervalMs: 'export_interval_ms',
  spanIntervalMs: 'span_interval_ms',
  queueSize: 'queue_size',
  userLabels: 'user_labels',
  maxUsers: 'max_users',
  maxModels: 'max_models',
  captureContent: 'capture_content',
} as const satisfies Record<keyof OpenTelemetryExporterConfig, string>;

/** Time for the last export at the end of the process, in milliseconds. */
const AT_EXIT_MS = 2_000;
/** Time for `flush` and `shutdown` that are not told otherwise, in milliseconds. */
const FLUSH_MS = 10_000;

/** The addon's exporters, out of reach of users. */
const HANDLES = new WeakMap<object, NativeTelemetryExporter>();

let announced = false;

/** Has the process send what is left when it ends. */
function announceExit(): void {
  if (announced) return;
  announced = true;
  process.once('exit', () => native.shutDownTelemetry(AT_EXIT_MS));
}

function published<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toPublished(error);
  }
}

function engineOptions(config: OpenTelemetryExporterConfig): string {
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const name = (NAMES as Record<string, string>)[key];
    if (name === undefined) {
      const hint = `use one of ${Object.keys(NAMES).join(', ')}`;
      const error = new ConfigurationError(
        `unknown option of an OpenTelemetry exporter: \`${key}\` (hint: ${hint})`,
        key,
      );
      error.hint = hint;
      throw error;
    }
    if (value !== undefined) options[name] = value;
  }
  return encode(options);
}

function labels(dimensions: MetricDimensions): string {
  const { userId, userTier, model, provider, domain } = dimensions;
  return encode(compact({ user_id: userId, user_tier: userTier, model, provider, domain }));
}

/**
 * Exports traces and metrics of runs to any OTLP receiver: give it to an agent as
 * `telemetryExporter`. No run waits for the receiver, and none enters JavaScript. What is left when
 * the process ends is sent for at most two seconds.
 */
export class OpenTelemetryExporter {
  readonly #exporter: NativeTelemetryExporter;
  readonly #config: Record<string, any>;

  /** @throws ConfigurationError that names the field and the remedy. */
  constructor(config: OpenTelemetryExporterConfig = {}) {
    const options = engineOptions(config);
    this.#exporter = published(() => new native.NativeTelemetryExporter(options));
    HANDLES.set(this, this.#exporter);
    this.#config = JSON.parse(this.#exporter.config());
    if (this.isEnabled()) announceExit();
  }

  /** Counts what a call used that no agent made. */
  record(metrics: CascadeflowMetrics): void {
    const { cost, tokensInput, tokensOutput, latencyMs, dimensions } = metrics;
    published(() =>
      this.#exporter.record(cost, tokensInput, tokensOutput, latencyMs, labels(dimensions ?? {})),
    );
  }

  /** Counts a cost in USD that no agent's run made. */
  exportCost(cost: number, userId?: string, model?: string, provider?: string): void {
    const dimensions = compact({ userId, model, provider }) as MetricDimensions;
    published(() => this.#exporter.exportCost(cost, labels(dimensions)));
  }

  /** Sends what there is; resolves when that is done, after `timeoutMs` at the latest. */
  async flush(timeoutMs = FLUSH_MS): Promise<void> {
    await this.forceFlush(timeoutMs);
  }

  /** As `flush`; resolves to whether the receiver took it all. */
  async forceFlush(timeoutMs = FLUSH_MS): Promise<boolean> {
    return published(() => this.#exporter.forceFlush(timeoutMs));
  }

  /** As `flush`, and exports nothing any more. */
  async shutdown(timeoutMs = FLUSH_MS): Promise<void> {
    await published(() => this.#exporter.shutdown(timeoutMs));
  }

  isEnabled(): boolean {
    return this.#config.enabled;
  }

  getEndpoint(): string | undefined {
    return this.#config.endpoint;
  }

  getServiceName(): string {
    return this.#config.service_name;
  }

  /** What became of what was handed over. */
  getCounts(): ExportCounts {
    const counts = JSON.parse(this.#exporter.counts());
    return compact({
      runs: counts.runs,
      droppedRuns: counts.dropped_runs,
      exportedSpans: counts.exported_spans,
      failedSpans: counts.failed_spans,
      metricExports: counts.metric_exports,
      failedMetricExports: counts.failed_metric_exports,
      lastError: counts.last_error ?? undefined,
    });
  }
}

/**
 * The addon's exporter behind `given`, an option of an agent; null without one.
 *
 * @throws ConfigurationError about `telemetryExporter` when it is none.
 */
export function hostExporter(given: unknown): NativeTelemetryExporter | null {
  if (given === undefined || given === null) return null;
  const handle = given instanceof OpenTelemetryExporter ? HANDLES.get(given) : undefined;
  if (handle !== undefined) return handle;
  const hint = 'give an `OpenTelemetryExporter`';
  const error = new ConfigurationError(
    `\`telemetryExporter\` is no exporter: \`${typeof given}\` (hint: ${hint})`,
    'telemetryExporter',
  );
  error.hint = hint;
  throw error;
}

/** An exporter of what the environment says; null where it names no receiver. */
export function createExporterFromEnv(): OpenTelemetryExporter | null {
  return native.environmentNamesReceiver() ? new OpenTelemetryExporter() : null;
}
