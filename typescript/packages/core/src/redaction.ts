/** Objects that can be logged without the secrets in them. */

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** What stands in the place of a secret. */
export const REDACTED = '***';

/** `url` with `***` in the place of user and password. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/i, `$1${REDACTED}@`);
}

/** `value`, shown by `JSON.stringify`, `console.log` and `util.inspect` as `show` gives it. */
export function shownAs<T extends object>(value: T, show: (value: T) => object): T {
  const shown = function (this: T) {
    return show(this);
  };
  Object.defineProperty(value, 'toJSON', { value: shown, enumerable: false, configurable: true });
  Object.defineProperty(value, INSPECT, { value: shown, enumerable: false, configurable: true });
  return value;
}
