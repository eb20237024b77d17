/** Spending that stands out. */
import { anomalyAlerts, detectAnomalies } from '../engine.js';
import { dateOf, utcOffset } from './asked.js';
import { engineEntries, type SpendSource, usersOf } from './spending.js';

/** How far out of the ordinary something is, in standard deviations: below 3, from 3, from 4, from 5. */
export enum AnomalySeverity {
  LOW = 'low',
  MEDIUM = 'medium',
  HIGH = 'high',
  CRITICAL = 'critical',
}

/** An amount in USD that stands out. */
export interface Anomaly {
  timestamp: Date;
  value: number;
  expected: number;
  /** Standard deviations from what was expected. */
  zScore: number;
  severity: AnomalySeverity | `${AnomalySeverity}`;
  metric: string;
  userId?: string;
  /** The distance in percent of what was expected; 0 where nothing was. */
  deviationPercent: number;
  metadata: Record<string, any>;
}

/** What is told of an anomaly. */
export interface AnomalyAlert {
  severity: `${AnomalySeverity}`;
  title: string;
  message: string;
  /** ISO 8601. */
  timestamp: string;
  metric: string;
  value: number;
  expected: number;
  deviationPercent: number;
  zScore: number;
  userId?: string;
}

export interface AnomalyDetectorOptions {
  /** Standard deviations from which something stands out; 2.5 by default, 3.5 of robust methods. */
  sensitivity?: number;
  /** Nothing stands out among fewer; 10 by default. */
  minDataPoints?: number;
  /**
   * `z_score` (mean and standard deviation, the default), `robust` (median and median absolute deviation,
   * so that what is wild does not hide itself) or `seasonal` (robust, by trend and weekday).
   */
  method?: 'z_score' | 'robust' | 'seasonal';
  /** Single amounts (the default), or the totals of days. */
  of?: 'entries' | 'days';
}

/** Days that days are compared with. */
const DAYS_BEFORE = 84;
const DAY_MS = 86_400_000;

/** Looks for amounts, or days, that stand out among those of a tracker. */
export class AnomalyDetector {
  readonly #source: SpendSource;
  readonly #of: 'entries' | 'days';
  readonly #options: Record<string, unknown>;

  /** @throws ConfigurationError that names the option at fault. */
  constructor(tracker: SpendSource, options: AnomalyDetectorOptions = {}) {
    this.#source = tracker;
    this.#of = options.of ?? 'entries';
    this.#options = {
      method: options.method ?? 'z_score',
      sensitivity: options.sensitivity,
      min_data_points: options.minDataPoints ?? 10,
    };
    // What is out of range is told at once.
    this.#ask([], 7, undefined);
  }

  /** What stands out in the last days, whoever spent it. */
  detectGlobalAnomalies(lookbackDays = 7): Anomaly[] {
    return this.#ask(this.#entries(undefined, lookbackDays), lookbackDays, undefined);
  }

  /** What stands out in the last days of a user, among their own. */
  detectUserAnomalies(userId: string, lookbackDays = 7): Anomaly[] {
    return this.#ask(this.#entries(userId, lookbackDays), lookbackDays, userId);
  }

  /** What stands out in the last days of each user; only those with something. */
  detectAllUsers(lookbackDays = 7): Record<string, Anomaly[]> {
    const found = usersOf(this.#source).map(
      (user) => [user, this.detectUserAnomalies(user, lookbackDays)] as const,
    );
    return Object.fromEntries(found.filter(([, anomalies]) => anomalies.length > 0));
  }

  #entries(userId: string | undefined, lookbackDays: number): Record<string, unknown>[] {
    // Days are compared with those before the time that is told of, entries only with its own.
    const days = this.#of === 'entries' ? lookbackDays : Math.max(lookbackDays, DAYS_BEFORE);
    return engineEntries(this.#source, userId, new Date(Date.now() - days * DAY_MS));
  }

  #ask(entries: unknown[], lookbackDays: number, userId: string | undefined): Anomaly[] {
    const found = detectAnomalies({
      entries,
      of: this.#of,
      options: {
        ...this.#options,
        ...(this.#of === 'entries' ? {} : { lookback_days: lookbackDays }),
      },
      utc_offset_seconds: utcOffset(),
    });
    return found.anomalies.map((anomaly: any) => ({
      timestamp: dateOf(anomaly.timestamp),
      value: anomaly.value,
      expected: anomaly.expected,
      zScore: anomaly.z_score,
      severity: anomaly.severity,
      metric: anomaly.metric,
      ...(userId === undefined ? {} : { userId }),
      deviationPercent: anomaly.deviation_percent,
      metadata: {
        stdDev: anomaly.std_dev,
        mean: anomaly.expected,
        dataPoints: anomaly.data_points,
        index: anomaly.index,
        method: anomaly.method,
      },
    }));
  }
}

/** Alerts of the anomalies from `minSeverity` on, in their order. */
export function createAnomalyAlerts(
  anomalies: readonly Anomaly[],
  minSeverity: AnomalySeverity | `${AnomalySeverity}` = AnomalySeverity.MEDIUM,
): AnomalyAlert[] {
  const found = anomalyAlerts({
    anomalies: anomalies.map((anomaly) => ({
      timestamp: anomaly.timestamp.getTime() / 1000,
      value: anomaly.value,
      expected: anomaly.expected,
      z_score: anomaly.zScore,
      severity: anomaly.severity,
      metric: anomaly.metric,
      user_id: anomaly.userId,
    })),
    min_severity: minSeverity,
  });
  return found.alerts.map((alert: any) => ({
    severity: alert.severity,
    title: alert.title,
    message: alert.message,
    timestamp: new Date(alert.timestamp * 1000).toISOString(),
    metric: alert.metric,
    value: alert.value,
    expected: alert.expected,
    deviationPercent: alert.deviation_percent,
    zScore: alert.z_score,
    ...(alert.user_id == null ? {} : { userId: alert.user_id }),
  }));
}
