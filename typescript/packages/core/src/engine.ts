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
