/** Figures of runs, collected. */
import { writeFileSync } from 'node:fs';
import type { ManualClock } from '../clock.js';
import { encode } from '../codec.js';
import { camelCase } from '../naming.js';
import { type NativeMetricsCollector, native } from '../native.js';
import type { CascadeResult } from '../result.js';
import { asked, published, refuse, renamed } from './asked.js';

/** The figures most often asked for. Rates are in percent, times in milliseconds. */
export interface MetricsSnapshot {
  totalQueries: number;
  /** USD. */
  totalCost: number;
  avgLatencyMs: number;
  byComplexity: Record<string, number>;
  byStrategy: Record<string, number>;
  /** Drafts accepted, of all runs. */
  acceptanceRate: number;
  avgSpeedup: number;
  /** Scores of drafts; absent when none was judged. */
  qualityMean?: number;
  qualityMedian?: number;
  qualityMin?: number;
  qualityMax?: number;
  avgDraftMs?: number;
  avgVerificationMs?: number;
  p95DraftMs?: number;
  p95VerificationMs?: number;
  toolQueries: number;
  totalToolCalls: number;
  avgToolsPerQuery: number;
  draftTokens: number;
  verifierTokens: number;
  totalTokens: number;
  /** ISO 8601. */
  timestamp: string;
}

export interface MetricsCollectorOptions {
  /** Runs kept in full; 100 by default. */
  maxRecentResults?: number;
  /** Writes each run that is recorded to the console. */
  verbose?: boolean;
  /** The clock of the figures; the system's by default. */
  clock?: ManualClock;
}

const OPTIONS: Record<keyof MetricsCollectorOptions, string> = {
  maxRecentResults: 'maxRecentResults',
  verbose: 'verbose',
  clock: 'clock',
};

/** What came of a run that is recorded; the fields of a result, none of them required. */
export type RecordedResult = Partial<CascadeResult>;

/** Figures that are amounts of money: the engine writes them as decimal texts. */
const MONEY = new Set([
  'total_cost',
  'avg_cost',
  'total_saved',
  'baseline_cost',
  'cost',
  'threshold',
]);
/** Figures whose keys are names of the caller's world, not ours. */
const NAMED = new Set([
  'by_complexity',
  'by_strategy',
  'by_model',
  'by_provider',
  'by_domain',
  'by_user',
  'acceptance_by_complexity',
  'timing_stats',
  'timings',
]);

function figures(value: any, field = ''): any {
  if (value === null) return undefined;
  if (typeof value === 'string' && MONEY.has(field)) return Number(value);
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => figures(item));
  const entries = Object.entries(value).map(([key, entry]) => [
    NAMED.has(field) ? key : camelCase(key),
    figures(entry, NAMED.has(field) ? '' : key),
  ]);
  return Object.fromEntries(entries.filter(([, entry]) => entry !== undefined));
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** The addon's collectors, out of reach of users. */
const HANDLES = new WeakMap<object, NativeMetricsCollector>();

/**
 * Counts runs, what they cost and how long they took, in bounded memory. Give it to an agent as
 * `metricsCollector`, which enters no JavaScript, or tell it of results with `record`.
 */
export class MetricsCollector {
  readonly #native: NativeMetricsCollector;
  readonly #verbose: boolean;
  readonly maxRecentResults: number;

  constructor(options: MetricsCollectorOptions = {}) {
    renamed('', options, OPTIONS);
    const recent = options.maxRecentResults ?? 100;
    if (!Number.isInteger(recent) || recent < 0) {
      refuse(
        'maxRecentResults',
        `not a number of results: \`${recent}\``,
        'give a whole number, 0 or more',
      );
    }
    this.maxRecentResults = recent;
    this.#verbose = options.verbose ?? false;
    const clock = options.clock?.native ?? null;
    this.#native = published(() => new native.NativeMetricsCollector(recent, clock));
    HANDLES.set(this, this.#native);
  }

  /** Seconds since the collector was made or reset. */
  get uptimeSeconds(): number {
    return this.#native.uptime();
  }

  /**
   * Adds a run; null is one that gave no result. `timingBreakdown` is in milliseconds by stage, such as
   * `draftGeneration`.
   */
  record(
    result: RecordedResult | null,
    routingStrategy: 'cascade' | 'direct' | (string & {}),
    complexity: string,
    timingBreakdown: Record<string, number> = {},
    streaming = false,
    hasTools = false,
    domain?: string,
  ): void {
    if (result === null) {
      published(() => this.#native.recordFailure());
      return;
    }
    const tokens = (drafts: boolean) =>
      (result.attempts ?? [])
        .filter(({ role }) => (role === 'draft') === drafts)
        .reduce((sum, { usage }) => sum + usage.inputTokens + usage.outputTokens, 0);
    const [draftTokens, verifierTokens] = [tokens(true), tokens(false)];
    const stages = Object.entries(timingBreakdown)
      .filter(([name, time]) => typeof time === 'number' && !/^total(_?ms)?$/i.test(name))
      .map(([name, time]) => [stageName(name), time]);
    const text = encode({
      cost: result.totalCost ?? 0,
      cost_saved: result.costSaved ?? 0,
      latency_ms: result.latencyMs ?? 0,
      strategy: routingStrategy,
      complexity,
      cascaded: routingStrategy === 'cascade',
      draft_accepted: result.draftAccepted ?? false,
      quality_score: result.qualityScore,
      speedup: result.speedup,
      streaming,
      has_tools: hasTools,
      tool_calls: result.toolCalls?.length ?? 0,
      draft_tokens: draftTokens,
      verifier_tokens: verifierTokens,
      total_tokens: result.tokensUsed ?? draftTokens + verifierTokens,
      model: result.modelUsed,
      provider: result.answerProvider,
      domain: domain ?? result.domain,
      label: result.content?.slice(0, 50),
      timings: Object.fromEntries(stages),
    });
    published(() => this.#native.record(text));
    if (this.#verbose)
      console.info(`recorded a ${routingStrategy} run of complexity ${complexity}`);
  }

  /** Everything that was counted. */
  getSummary(): Record<string, any> {
    const summary = figures(asked(() => this.#native.summary()));
    return summary.totalQueries === 0
      ? { ...summary, message: 'No queries executed yet' }
      : summary;
  }

  /** The figures most often asked for, as they are now. */
  getSnapshot(): MetricsSnapshot {
    const found = figures(asked(() => this.#native.snapshot()));
    return { ...found, timestamp: iso(found.timestamp) };
  }

  /** Figures of the kept runs of the last minutes. */
  getTimeWindowedStats(minutes = 60): Record<string, any> {
    return figures(asked(() => this.#native.timeWindowed(minutes)));
  }

  /** Figures of the kept runs of one complexity. */
  getStatsByComplexity(complexity: string): Record<string, any> {
    return figures(asked(() => this.#native.byComplexity(complexity)));
  }

  /** Those of the latest runs that took longer or cost more than a threshold. */
  getRecentAnomalies(
    latencyThresholdMs = 5_000,
    costThreshold = 0.01,
    lookbackCount = 20,
  ): Record<string, any>[] {
    const found: any[] = figures(
      asked(() => this.#native.anomalies(latencyThresholdMs, costThreshold, lookbackCount)),
    );
    return found.map((anomaly) => ({ ...anomaly, timestamp: iso(anomaly.timestamp) }));
  }

  /** Everything that is known, as plain data. */
  exportToObject(): Record<string, any> {
    const recent: [number, any][] = asked(() => this.#native.recent());
    return {
      metadata: {
        exportTimestamp: new Date().toISOString(),
        uptimeSeconds: this.uptimeSeconds,
        maxRecentResults: this.maxRecentResults,
      },
      summary: this.getSummary(),
      snapshot: this.getSnapshot(),
      recentResults: recent.map(([at, run]) => ({ timestamp: iso(at), ...figures(run) })),
      anomalies: this.getRecentAnomalies(),
    };
  }

  /** Everything that is known as JSON, which is also written to a file where one is named. */
  exportToJson(path?: string, pretty = true): string {
    const text = JSON.stringify(this.exportToObject(), undefined, pretty ? 2 : undefined);
    if (path !== undefined) writeFileSync(path, text);
    return text;
  }

  /** Starts again from nothing. */
  reset(): void {
    this.#native.reset();
  }

  /** Writes the summary to standard output. */
  printSummary(): void {
    const found = this.getSummary();
    const rule = '='.repeat(80);
    const lines = ['', rule, 'TELEMETRY METRICS SUMMARY', rule];
    if (found.message !== undefined) {
      lines.push(`No metrics available - ${found.message}`);
    } else {
      lines.push(
        `Total Queries:        ${found.totalQueries}`,
        `Total Cost:           $${found.totalCost.toFixed(6)}`,
        `Avg Cost/Query:       $${found.avgCost.toFixed(6)}`,
        `Avg Latency:          ${found.avgLatencyMs.toFixed(1)}ms`,
        '',
        `Cascade Used:         ${found.cascadeUsed} (${found.cascadeRate.toFixed(1)}%)`,
        `Draft Accepted:       ${found.draftAccepted}`,
        `Draft Rejected:       ${found.draftRejected}`,
        `Acceptance Rate:      ${found.acceptanceRate.toFixed(1)}%`,
        `Total Saved:          $${found.totalSaved.toFixed(6)}`,
        '',
        'BY COMPLEXITY:',
      );
      for (const [level, count] of Object.entries<number>(found.byComplexity)) {
        lines.push(`  ${level.padEnd(12)}: ${String(count).padStart(4)}`);
      }
    }
    process.stdout.write(`${[...lines, rule, ''].join('\n')}\n`);
  }
}

/** `draftGenerationMs` and `draft_generation_ms` as the engine calls the stage: `draft_generation`. */
function stageName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/_ms$/, '');
}

/**
 * The addon's collector behind `given`, an option of an agent; null without one.
 *
 * @throws ConfigurationError about `metricsCollector` when it is none.
 */
export function hostMetrics(given: unknown): NativeMetricsCollector | null {
  if (given === undefined || given === null) return null;
  const handle = typeof given === 'object' ? HANDLES.get(given) : undefined;
  if (handle !== undefined) return handle;
  return refuse(
    'metricsCollector',
    `\`metricsCollector\` is none: \`${typeof given}\``,
    'give a `MetricsCollector`',
  );
}
