/** Where forecasts and detectors take spending from. */
import { encode } from '../codec.js';
import { native } from '../native.js';
import { asked, utcOffset } from './asked.js';
import { CostTracker } from './cost-tracker.js';

/** One amount that was spent. */
export interface SpendEntry {
  /** A `Date`, or milliseconds since the Unix epoch. */
  timestamp: Date | number;
  /** USD. */
  cost: number;
  userId?: string;
}

/** A `CostTracker`, or anything else with entries. */
export interface SpendSource {
  readonly entries: Iterable<SpendEntry>;
}

/** An entry in the engine's form. */
export function engineEntry(entry: SpendEntry): Record<string, unknown> {
  return {
    timestamp: Number(entry.timestamp) / 1000,
    cost: entry.cost,
    user_id: entry.userId,
  };
}

/** The entries of a user, or of all, from a time on, in the engine's form. */
export function engineEntries(
  source: SpendSource,
  userId: string | undefined,
  since?: Date,
): Record<string, unknown>[] {
  if (source instanceof CostTracker) {
    return [...source.iterEntries({ userId, since })].map(engineEntry);
  }
  const from = since?.getTime() ?? Number.NEGATIVE_INFINITY;
  return [...source.entries]
    .filter((entry) => userId === undefined || entry.userId === userId)
    .filter((entry) => Number(entry.timestamp) >= from)
    .map(engineEntry);
}

/** What was spent on each day until now; the last day is `running` or counts as complete. */
export function dailySeries(
  source: SpendSource,
  userId: string | undefined,
  running: boolean,
): Record<string, any> {
  if (source instanceof CostTracker) return source.dailySeries(userId, running);
  const request = encode({
    entries: engineEntries(source, userId),
    utc_offset_seconds: utcOffset(),
    now: running ? Date.now() / 1000 : undefined,
  });
  return asked(() => native.dailySeries(request));
}

/** Ids of the users of a source. */
export function usersOf(source: SpendSource): string[] {
  if (source instanceof CostTracker) return source.getAllUsers();
  const users = [...source.entries].map(({ userId }) => userId);
  return [...new Set(users.filter((user) => user !== undefined))].sort();
}
