/** A clock for tests. */
import { toPublished } from './errors.js';
import { type NativeClock, native } from './native.js';

function milliseconds(time: Date | number): number {
  return typeof time === 'number' ? time : time.getTime();
}

function published<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw toPublished(error);
  }
}

/** A clock that stands still until it is moved, for tests of what depends on time. */
export class ManualClock {
  /** @internal */
  readonly native: NativeClock;

  /** @param start the time of day: a `Date`, or milliseconds since the Unix epoch; that by default. */
  constructor(start: Date | number = 0) {
    this.native = published(() => new native.NativeClock(milliseconds(start)));
  }

  /** Moves the clock on by milliseconds, zero or more. */
  advance(milliseconds: number): void {
    published(() => this.native.advance(milliseconds));
  }

  /** The time of day in milliseconds since the Unix epoch. */
  now(): number {
    return this.native.now();
  }

  /** Puts the time of day to `time`, as when a clock is set: no time passes by it. */
  setTime(time: Date | number): void {
    published(() => this.native.setTime(milliseconds(time)));
  }
}
