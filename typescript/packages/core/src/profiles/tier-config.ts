/** Tiers of people and what each allows. */
import { native } from '../native.js';
import { asked, renamed } from '../telemetry/asked.js';

/** The tiers that come with the package, smallest first. */
export type TierLevel = 'FREE' | 'STARTER' | 'PRO' | 'BUSINESS' | 'ENTERPRISE';

/** What people of a tier may do. Budgets are in USD; what is left out is not limited. */
export interface TierConfig {
  name: string;
  requestsPerHour?: number;
  requestsPerDay?: number;
  dailyBudget?: number;
  weeklyBudget?: number;
  monthlyBudget?: number;
  tokensPerMinute?: number;
  /** Requests at once, for the caller's own use. */
  maxConcurrentRequests: number;
  /** Whether answers may come from a cache, for the caller's own use. */
  enableCaching: boolean;
  /** Whether models may be asked side by side, for the caller's own use. */
  enableSpeculative: boolean;
  enableStreaming?: boolean;
  enableBatch?: boolean;
  enableEmbeddings?: boolean;
  /** The least quality of an answer, 0 to 1. */
  minQuality: number;
  /** The quality aimed at, 0 to 1. */
  targetQuality: number;
  /** The only models allowed; left out, all are. */
  allowedModels?: string[];
  blockedModels?: string[];
  /** How fast a human answers questions, for the caller's own use. */
  supportPriority?: string;
}

/** Names with the engine's for them; empty what the engine has no use for. */
const NAMES = {
  name: 'name',
  requestsPerHour: 'requests_per_hour',
  requestsPerDay: 'requests_per_day',
  dailyBudget: 'daily_budget',
  weeklyBudget: 'weekly_budget',
  monthlyBudget: 'monthly_budget',
  tokensPerMinute: 'tokens_per_minute',
  maxConcurrentRequests: '',
  enableCaching: '',
  enableSpeculative: '',
  enableStreaming: 'enable_streaming',
  enableBatch: 'enable_batch',
  enableEmbeddings: 'enable_embeddings',
  minQuality: 'min_quality',
  targetQuality: 'target_quality',
  allowedModels: 'allowed_models',
  blockedModels: 'blocked_models',
  supportPriority: 'support_priority',
} as const satisfies Record<keyof TierConfig, string>;

/** The engine's form of a tier, at `field`. */
export function engineTier(field: string, tier: TierConfig): Record<string, unknown> {
  const known = renamed(field, tier, Object.fromEntries(Object.keys(NAMES).map((n) => [n, n])));
  const entries = Object.entries(known).map(([name, value]) => [
    NAMES[name as keyof TierConfig],
    value,
  ]);
  return Object.fromEntries(entries.filter(([name]) => name !== ''));
}

/** What of the presets is for callers alone. */
const FOR_CALLERS = {
  FREE: { maxConcurrentRequests: 1, enableCaching: true, enableSpeculative: false },
  STARTER: { maxConcurrentRequests: 3, enableCaching: true, enableSpeculative: false },
  PRO: { maxConcurrentRequests: 10, enableCaching: true, enableSpeculative: true },
  BUSINESS: { maxConcurrentRequests: 50, enableCaching: true, enableSpeculative: true },
  ENTERPRISE: { maxConcurrentRequests: 200, enableCaching: true, enableSpeculative: true },
} as const satisfies Record<TierLevel, Partial<TierConfig>>;

function preset(record: Record<string, any>): [TierLevel, TierConfig] {
  const level = record.name.toUpperCase() as TierLevel;
  const entries = Object.entries(NAMES)
    .filter(([, engine]) => record[engine] !== undefined && record[engine] !== null)
    .map(([name, engine]) => [
      name,
      name.endsWith('Budget') ? Number(record[engine]) : record[engine],
    ]);
  return [level, Object.freeze({ ...Object.fromEntries(entries), ...FOR_CALLERS[level] })];
}

/** The tiers that come with the package. */
export const TIER_PRESETS: Readonly<Record<TierLevel, TierConfig>> = Object.freeze(
  Object.fromEntries(asked(() => native.tierPresets()).map(preset)),
) as Record<TierLevel, TierConfig>;

/**
 * The preset of a level, in small or capital letters.
 *
 * @throws ConfigurationError that names the tiers when there is none.
 */
export function tierPreset(level: TierLevel | Lowercase<TierLevel>): TierConfig {
  return preset(asked(() => native.tierPreset(String(level).toLowerCase())))[1];
}
