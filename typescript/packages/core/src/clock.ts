/** A clock for tests. */
import { toPublished } from './errors.js';
import { type NativeClock, native } from './native.js';

/** A clock that stands still until it is moved, for tests of what depends on time. */
export class ManualClock {
  /** @internal */
  readonly native: NativeClock = new native.NativeClock();

  /** Moves the clock on by milliseconds, zero or more. */
  advance(milliseconds: number): void {
    try {
      this.native.advance(milliseconds);
    } catch (error) {
      throw toPublished(error);
    }
  }
}
