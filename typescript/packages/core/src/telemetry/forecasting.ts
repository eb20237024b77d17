/** What will be spent. */
import { budgetOutlook, forecast } from '../engine.js';
import { dailySeries, type SpendSource } from './spending.js';

/** What will be spent over `periodDays`, in USD. */
export interface CostPrediction {
  predictedCost: number;
  /** Between these with 95 %. */
  lowerBound: number;
  upperBound: number;
  /** 0 to 1. */
  confidence: number;
  periodDays: number;
  method: string;
  /** USD a day so far. */
  historicalAverage: number;
  trend: 'increasing' | 'decreasing' | 'stable';
  /**
   * `model` is the kind of smoothing that the data chose, `reasons` says why, `days` holds each day with its
   * intervals; with too little data only `error`, `dataPoints` and `required`.
   */
  metadata: Record<string, any>;
}

export interface CostForecasterOptions {
  /** Weight of the newest day, above 0 and at most 1; fitted by default. */
  alpha?: number;
  /** Days without which nothing is forecast; 7 by default. */
  minDataPoints?: number;
}

/** When a budget is used up. */
export interface BudgetOutlook {
  /** USD that are left. */
  remaining: number;
  /** Whether nothing is left. */
  exhausted: boolean;
  /** ISO 8601; null when it lasts until the end of what is looked at. */
  expectedDay: string | null;
  /** Not before, and not after, with the probability asked for. */
  earliestDay: string | null;
  latestDay: string | null;
  /** Whole days that are left; null when it lasts. */
  daysLeft: number | null;
  /** Of its end before `until`. */
  probability: number;
  /** The last day looked at; null where nothing is known. */
  until: string | null;
  /** 0 to 1. */
  confidence: number;
  reasons: string[];
  /** USD that will have been used by `until`. */
  projectedCost: number;
}

export interface BudgetOutlookOptions {
  userId?: string;
  /** The last day of the budget's period, as ISO 8601; a year by default. */
  periodEnd?: string;
  /** Probability of the interval; 0.8 by default. */
  level?: number;
}

/** Days of a budget that lasts. */
const FOR_EVER = 999_999;

/**
 * Forecasts the spending that a tracker keeps, by exponential smoothing; trend and weekly season are used
 * where the data show them.
 */
export class CostForecaster {
  readonly #source: SpendSource;
  readonly #options: Record<string, unknown>;

  /** @throws ConfigurationError that names the option at fault. */
  constructor(tracker: SpendSource, options: CostForecasterOptions = {}) {
    this.#source = tracker;
    this.#options = {
      alpha: options.alpha,
      min_data_points: options.minDataPoints ?? 7,
      levels: [0.8, 0.95],
    };
    // What is out of range is told at once.
    this.#ask({ first_day: 0, totals: [] }, 1);
  }

  #ask(series: Record<string, unknown>, days: number): Record<string, any> {
    return forecast({ series, days, options: this.#options });
  }

  /** What will be spent over the next days, by everybody or by one user. */
  forecastDaily(days = 7, userId?: string): CostPrediction {
    let found = this.#ask(dailySeries(this.#source, userId, true), days);
    if (found.method === 'insufficient_data') {
      // Of a young history today counts as a day, though it goes on.
      found = this.#ask(dailySeries(this.#source, userId, false), days);
    }
    const known = found.method !== 'insufficient_data';
    const bounds = found.intervals.at(-1);
    return {
      predictedCost: known ? found.predicted_cost : 0,
      lowerBound: known ? bounds.lower : 0,
      upperBound: known ? bounds.upper : 0,
      confidence: known ? found.confidence : 0,
      periodDays: days,
      method: 'exponential_smoothing',
      historicalAverage: known ? found.historical_average : 0,
      trend: known ? found.trend : 'stable',
      metadata: known
        ? {
            baseDailyCost: found.days[0].cost,
            trendStrength: found.weekly_change,
            dataPoints: found.data_points,
            smoothingAlpha: found.alpha,
            model: found.method,
            reasons: found.reasons,
            intervals: found.intervals,
            days: found.days,
          }
        : {
            error: 'insufficient_data',
            dataPoints: found.data_points,
            required: found.required_data_points,
          },
    };
  }

  /** What a user will spend over the next days. */
  forecastUser(userId: string, days = 7): CostPrediction {
    return this.forecastDaily(days, userId);
  }

  /** How many whole days so many USD last, and the confidence; 999999 when they last. */
  calculateBudgetRunway(
    budgetRemaining: number,
    userId?: string,
  ): [days: number, confidence: number] {
    const found = this.budgetOutlook(Math.max(0, budgetRemaining), 0, { userId });
    return [found.daysLeft ?? FOR_EVER, found.confidence];
  }

  /** When a budget of `limit` USD, of which `used` is used, is exhausted. */
  budgetOutlook(limit: number, used = 0, options: BudgetOutlookOptions = {}): BudgetOutlook {
    const ask = (running: boolean) =>
      budgetOutlook({
        series: dailySeries(this.#source, options.userId, running),
        budget: { limit, used, level: options.level ?? 0.8, period_end: options.periodEnd },
        options: this.#options,
      });
    let found = ask(true);
    if (found.days_left === null && !found.exhausted && !found.confidence) found = ask(false);
    return {
      remaining: Number(found.remaining),
      exhausted: found.exhausted,
      expectedDay: found.expected_day,
      earliestDay: found.earliest_day,
      latestDay: found.latest_day,
      daysLeft: found.days_left,
      probability: found.probability,
      until: found.until,
      projectedCost: found.projected_cost,
      confidence: found.confidence,
      reasons: found.reasons,
    };
  }
}
