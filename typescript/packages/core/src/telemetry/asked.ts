/** What the telemetry asks of the addon, and in which form. */
import { ConfigurationError, toPublished } from '../errors.js';

/** What `call` gives; the addon's errors come out as the published classes. */
export function published<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toPublished(error);
  }
}

/** The data in the JSON text that `call` gives. */
export function asked(call: () => string): any {
  return JSON.parse(published(call));
}

/** As `published`, of what may be waited for. */
export async function awaited<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toPublished(error);
  }
}

/** @throws ConfigurationError always. */
export function refuse(field: string, what: string, remedy: string): never {
  const error = new ConfigurationError(`${what} (hint: ${remedy})`, field);
  error.hint = remedy;
  throw error;
}

/**
 * The keys of `given` under the names that `names` has for them; undefined ones are left out.
 *
 * @throws ConfigurationError about a key that `names` does not have.
 */
export function renamed(
  where: string,
  given: object,
  names: Readonly<Record<string, string>>,
): Record<string, any> {
  const found: Record<string, any> = {};
  for (const [key, value] of Object.entries(given)) {
    const name = Object.hasOwn(names, key) ? names[key] : undefined;
    if (name === undefined) {
      refuse(
        where === '' ? key : `${where}.${key}`,
        `unknown option${where === '' ? '' : ` of \`${where}\``}: \`${key}\``,
        `use one of ${Object.keys(names).join(', ')}`,
      );
    }
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** A time as milliseconds since the Unix epoch; undefined stays. */
export function moment(time: Date | number | undefined): number | undefined {
  return time instanceof Date ? time.getTime() : time;
}

/** The time of seconds since the Unix epoch; undefined without. */
export function dateOf(seconds: number | null | undefined): Date | undefined {
  return typeof seconds === 'number' ? new Date(seconds * 1000) : undefined;
}

/** Seconds that local clocks are ahead of UTC. */
export function utcOffset(): number {
  return -new Date().getTimezoneOffset() * 60;
}

/** A warning of the process about user code that failed. */
export function warnOf(what: string, thrown: unknown): void {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  process.emitWarning(`${what}: ${message}`, {
    type: 'CascadeflowWarning',
    ...(thrown instanceof Error && thrown.stack !== undefined ? { detail: thrown.stack } : {}),
  });
}
