/** JSON towards the addon, with values that JSON would quietly change refused. */
import { ConfigurationError } from './errors.js';

function refuse(key: string, value: unknown, remedy: string): never {
  const error = new ConfigurationError(
    `\`${key}\` cannot be passed on: \`${String(value)}\` (hint: ${remedy})`,
    key,
  );
  error.hint = remedy;
  throw error;
}

function checked(key: string, value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      if (!Number.isFinite(value)) refuse(key, value, 'give a finite number');
      return value;
    case 'bigint':
      return refuse(key, value, 'give a number below 2^53');
    default:
      return value;
  }
}

/**
 * `value` as JSON text.
 *
 * @throws ConfigurationError for NaN, infinity and bigint, naming the field.
 */
export function encode(value: unknown): string {
  return JSON.stringify(value, checked);
}

/** The keys of `value` that are not undefined. */
export function compact<T extends object>(value: T): T {
  const kept = {} as T;
  for (const [key, entry] of Object.entries(value)) {
    if (entry !== undefined) (kept as Record<string, unknown>)[key] = entry;
  }
  return kept;
}
