/** Loads, keeps and saves profiles. */
import type { ManualClock } from '../clock.js';
import { type NativeProfileCache, native } from '../native.js';
import { published, refuse, renamed } from '../telemetry/asked.js';
import { type TierLevel, tierPreset } from './tier-config.js';
import { createUserProfile, type UserProfile } from './user-profile.js';

export interface UserProfileManagerOptions {
  /** Milliseconds that a profile is kept; 300,000 by default, 0 keeps none. */
  cacheTtlMs?: number;
  /** Gives the profile of an id; null of somebody unknown, who is given a free one. */
  loadProfile?: (userId: string) => Promise<UserProfile | null> | UserProfile | null;
  saveProfile?: (profile: UserProfile) => Promise<void> | void;
  /** Most people whose profiles are kept; 100,000 by default. */
  maxCached?: number;
  /** The clock of the cache; the system's by default. */
  clock?: ManualClock;
}

const OPTIONS: Record<keyof UserProfileManagerOptions, string> = {
  cacheTtlMs: 'cacheTtlMs',
  loadProfile: 'loadProfile',
  saveProfile: 'saveProfile',
  maxCached: 'maxCached',
  clock: 'clock',
};

const TTL_MS = 300_000;
const MOST = 100_000;

/** Profiles by user id. Callers that ask for the same person at once share one load. */
export class UserProfileManager {
  readonly #cache: NativeProfileCache;
  readonly #profiles = new Map<string, UserProfile>();
  readonly #loading = new Map<string, Promise<UserProfile>>();
  readonly #options: UserProfileManagerOptions;
  readonly #ttlMs: number;

  /** @throws ConfigurationError that names the option at fault. */
  constructor(options: UserProfileManagerOptions = {}) {
    renamed('', options, OPTIONS);
    for (const name of ['loadProfile', 'saveProfile'] as const) {
      const own: unknown = options[name];
      if (own !== undefined && typeof own !== 'function') {
        refuse(name, `\`${name}\` is not a function: \`${typeof own}\``, 'give a function');
      }
    }
    const most = options.maxCached ?? MOST;
    if (!Number.isInteger(most) || most < 0) {
      refuse('maxCached', `not a number of people: \`${most}\``, 'give a whole number, 0 or more');
    }
    this.#options = { ...options };
    this.#ttlMs = options.cacheTtlMs ?? TTL_MS;
    const clock = options.clock?.native ?? null;
    this.#cache = published(() => new native.NativeProfileCache(this.#ttlMs, most, clock));
  }

  /** The profile of `userId`. */
  async getProfile(userId: string): Promise<UserProfile> {
    if (this.#cache.has(userId)) {
      const kept = this.#profiles.get(userId);
      if (kept !== undefined) return kept;
    }
    this.#profiles.delete(userId);
    let loading = this.#loading.get(userId);
    if (loading === undefined) {
      loading = this.#load(userId).finally(() => this.#loading.delete(userId));
      this.#loading.set(userId, loading);
    }
    return loading;
  }

  async #load(userId: string): Promise<UserProfile> {
    const loaded = await this.#options.loadProfile?.(userId);
    const profile = loaded ?? createUserProfile('FREE', userId);
    this.#keep(userId, profile);
    return profile;
  }

  #keep(userId: string, profile: UserProfile): void {
    this.#profiles.set(userId, profile);
    const gone = this.#cache.insert(userId);
    if (gone !== null) this.#profiles.delete(gone);
  }

  /** Saves a profile, and keeps it. */
  async saveProfile(profile: UserProfile): Promise<void> {
    await this.#options.saveProfile?.(profile);
    this.#keep(profile.userId, profile);
  }

  /**
   * Moves a person to another preset tier and saves them.
   *
   * @throws ConfigurationError when there is no such tier.
   */
  async updateTier(
    userId: string,
    newTier: TierLevel | Lowercase<TierLevel>,
  ): Promise<UserProfile> {
    const tier = tierPreset(newTier);
    const profile = { ...(await this.getProfile(userId)), tier };
    await this.saveProfile(profile);
    return profile;
  }

  /** Forgets what is kept of `userId`, so that it is loaded anew. */
  evictProfile(userId: string): void {
    this.#cache.remove(userId);
    this.#profiles.delete(userId);
  }

  /** Forgets what is kept of everybody. */
  clearCache(): void {
    this.#cache.clear();
    this.#profiles.clear();
  }

  /** How many people are kept, and for how long at most. */
  getCacheStats(): { size: number; maxTtlMs: number } {
    return { size: this.#cache.size(), maxTtlMs: this.#ttlMs };
  }
}
