/** The engine's pure decisions as data, in the engine's own names. */
import { encode } from './codec.js';
import { toPublished } from './errors.js';
import { native } from './native.js';

function published<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toPublished(error);
  }
}

/** The one-pass analysis of a query. */
export function analyse(query: string): Record<string, any> {
  return JSON.parse(native.analyse(query));
}

/** How hard a query is. */
export function complexity(query: string): { level: string; confidence: number } {
  return JSON.parse(native.complexity(query));
}

/** The judgement of a draft: `quality`, `query`, `draft` and what else the judge is told. */
export async function verdict(request: Record<string, unknown>): Promise<Record<string, any>> {
  try {
    return JSON.parse(await native.verdict(encode(request)));
  } catch (error) {
    throw toPublished(error);
  }
}

/** What a usage costs, as decimal text: `usage`, and `price` or `cost`. */
export function price(request: Record<string, unknown>): { cost: string } {
  return JSON.parse(published(() => native.price(encode(request))));
}

/** What will be spent: `series` or `entries`, `days`, `user_id`, `options`. */
export function forecast(request: Record<string, unknown>): Record<string, any> {
  return JSON.parse(published(() => native.forecast(encode(request))));
}

/** When a budget is used up: what a forecast takes, and `budget`. */
export function budgetOutlook(request: Record<string, unknown>): Record<string, any> {
  return JSON.parse(published(() => native.budgetOutlook(encode(request))));
}

/** What stands out: `series` or `entries`, `of`, `user_id`, `options`. */
export function detectAnomalies(request: Record<string, unknown>): Record<string, any> {
  return JSON.parse(published(() => native.detectAnomalies(encode(request))));
}

/** Alerts of `anomalies` from `min_severity` on. */
export function anomalyAlerts(request: Record<string, unknown>): Record<string, any> {
  return JSON.parse(published(() => native.anomalyAlerts(encode(request))));
}

/** What comes of the `steps` of `request` under its budget `policy`, from `start` on. */
export function budgetSession(request: Record<string, unknown>): Record<string, any> {
  return JSON.parse(published(() => native.budgetSession(encode(request))));
}

/** What a cascade of two models cost: two prices, tokens, and `draft_accepted`. */
export function costBreakdown(request: Record<string, unknown>): Record<string, any> {
  return JSON.parse(published(() => native.costBreakdown(encode(request))));
}
