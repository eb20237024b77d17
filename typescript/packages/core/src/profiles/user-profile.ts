/** A person: the tier, and what was agreed with them alone. */
import { compact, encode } from '../codec.js';
import { native } from '../native.js';
import { asked, refuse } from '../telemetry/asked.js';
import {
  engineTier,
  TIER_PRESETS,
  type TierConfig,
  type TierLevel,
  tierPreset,
} from './tier-config.js';

/** What a person would rather have: the cheaper answer, something between, the better one. */
export type CostSensitivity = 'aggressive' | 'balanced' | 'quality_first';

/** How long answers may take. */
export interface LatencyProfile {
  maxTotalMs: number;
  maxPerModelMs: number;
  preferParallel: boolean;
  /** Milliseconds below which no draft is made. */
  skipCascadeThreshold: number;
}

/** What matters how much; the three add up to 1. */
export interface OptimizationWeights {
  cost: number;
  speed: number;
  quality: number;
}

/** A person and what holds for them. */
export interface UserProfile {
  userId: string;
  createdAt?: Date;
  tier: TierConfig;
  /** USD a day instead of the tier's, 0 included. */
  customDailyBudget?: number;
  customRequestsPerHour?: number;
  customRequestsPerDay?: number;
  /** Most preferred first. */
  preferredModels?: string[];
  costSensitivity?: CostSensitivity;
  preferredDomains?: string[];
  domainModels?: Record<string, string[]>;
  latency?: LatencyProfile;
  optimization?: OptimizationWeights;
  enableContentModeration?: boolean;
  enablePiiDetection?: boolean;
  metadata?: Record<string, any>;
}

/** Latency by kind of work. */
export const LATENCY_PRESETS: Readonly<
  Record<'realtime' | 'interactive' | 'standard' | 'batch', LatencyProfile>
> = Object.freeze({
  realtime: latency(1_500, 800, true, 500),
  interactive: latency(3_000, 2_000, true, 1_000),
  standard: latency(8_000, 5_000, false, 0),
  batch: latency(60_000, 30_000, false, 0),
});

/** Weights by cost sensitivity. */
export const OPTIMIZATION_PRESETS: Readonly<Record<CostSensitivity, OptimizationWeights>> =
  Object.freeze({
    aggressive: { cost: 0.7, speed: 0.15, quality: 0.15 },
    balanced: { cost: 0.4, speed: 0.3, quality: 0.3 },
    quality_first: { cost: 0.1, speed: 0.2, quality: 0.7 },
  });

function latency(
  maxTotalMs: number,
  maxPerModelMs: number,
  preferParallel: boolean,
  skipCascadeThreshold: number,
): LatencyProfile {
  return Object.freeze({ maxTotalMs, maxPerModelMs, preferParallel, skipCascadeThreshold });
}

/** A latency profile; what is left out is that of `standard`. */
export function createLatencyProfile(options: Partial<LatencyProfile> = {}): LatencyProfile {
  return { ...LATENCY_PRESETS.standard, ...compact(options) };
}

/**
 * Weights of cost, speed and quality.
 *
 * @throws ConfigurationError when they do not add up to 1.
 */
export function createOptimizationWeights(
  cost: number,
  speed: number,
  quality: number,
): OptimizationWeights {
  const weights = { cost, speed, quality };
  validateOptimizationWeights(weights);
  return weights;
}

/** @throws ConfigurationError when a weight is not from 0 to 1, or they do not add up to 1. */
export function validateOptimizationWeights(weights: OptimizationWeights): void {
  for (const [name, weight] of Object.entries(weights)) {
    if (!(weight >= 0 && weight <= 1)) {
      refuse(`optimization.${name}`, `a weight is out of range: \`${weight}\``, 'give 0 to 1');
    }
  }
  const sum = weights.cost + weights.speed + weights.quality;
  if (Math.abs(sum - 1) > 0.01) {
    refuse('optimization', `the weights add up to \`${sum}\``, 'give three that add up to 1');
  }
}

/**
 * A person of a preset tier.
 *
 * @throws ConfigurationError when there is no such tier, or a field is malformed.
 */
export function createUserProfile(
  tierLevel: TierLevel | Lowercase<TierLevel>,
  userId: string,
  options: Partial<Omit<UserProfile, 'userId' | 'tier'>> = {},
): UserProfile {
  const profile: UserProfile = {
    createdAt: new Date(),
    costSensitivity: 'balanced',
    ...compact(options),
    userId,
    tier: tierPreset(tierLevel),
  };
  if (profile.optimization !== undefined) validateOptimizationWeights(profile.optimization);
  limitsOf(profile);
  return profile;
}

/**
 * The limits that hold for a person, in the engine's form.
 *
 * @throws ConfigurationError when a field is malformed.
 */
export function limitsOf(profile: UserProfile): Record<string, any> {
  const request = encode({
    user_id: profile.userId,
    tier: engineTier('tier', profile.tier),
    custom_daily_budget: profile.customDailyBudget,
    custom_requests_per_hour: profile.customRequestsPerHour,
    custom_requests_per_day: profile.customRequestsPerDay,
    preferred_models: profile.preferredModels,
    cost_sensitivity: profile.costSensitivity,
    preferred_domains: profile.preferredDomains,
    domain_models: profile.domainModels,
    enable_content_moderation: profile.enableContentModeration,
    enable_pii_detection: profile.enablePiiDetection,
  });
  return asked(() => native.profileLimits(request));
}

/** USD a day; undefined without a limit. */
export function getDailyBudget(profile: UserProfile): number | undefined {
  const budget = limitsOf(profile).daily_budget;
  return budget === null ? undefined : Number(budget);
}

/** Requests an hour; undefined without a limit. */
export function getRequestsPerHour(profile: UserProfile): number | undefined {
  return limitsOf(profile).requests_per_hour ?? undefined;
}

/** Requests a day; undefined without a limit. */
export function getRequestsPerDay(profile: UserProfile): number | undefined {
  return limitsOf(profile).requests_per_day ?? undefined;
}

/** How long answers may take; `standard` where the profile says nothing. */
export function getLatencyProfile(profile: UserProfile): LatencyProfile {
  return profile.latency ?? LATENCY_PRESETS.standard;
}

/** What matters how much; by the cost sensitivity where the profile says nothing. */
export function getOptimizationWeights(profile: UserProfile): OptimizationWeights {
  return profile.optimization ?? OPTIMIZATION_PRESETS[profile.costSensitivity ?? 'balanced'];
}

/** The profile as plain data, for `deserializeProfile`. */
export function serializeProfile(profile: UserProfile): Record<string, any> {
  return compact({
    ...profile,
    tier: { ...profile.tier },
    createdAt: profile.createdAt?.toISOString(),
  });
}

/**
 * The profile that `serializeProfile` wrote. The tier may also be the name of a preset, and leave out what
 * the preset says; unknown keys are passed over.
 *
 * @throws ConfigurationError when `userId` is missing, or a field is malformed.
 */
export function deserializeProfile(data: Record<string, any>): UserProfile {
  if (typeof data?.userId !== 'string' || data.userId === '') {
    refuse('userId', '`userId` is missing', "give the person's id");
  }
  const profile: UserProfile = compact({
    userId: data.userId,
    createdAt: data.createdAt === undefined ? undefined : new Date(data.createdAt),
    tier: tierOf(data.tier),
    customDailyBudget: data.customDailyBudget ?? undefined,
    customRequestsPerHour: data.customRequestsPerHour ?? undefined,
    customRequestsPerDay: data.customRequestsPerDay ?? undefined,
    preferredModels: data.preferredModels ?? undefined,
    costSensitivity: data.costSensitivity ?? 'balanced',
    preferredDomains: data.preferredDomains ?? undefined,
    domainModels: data.domainModels ?? undefined,
    latency: data.latency ?? undefined,
    optimization: data.optimization ?? undefined,
    enableContentModeration: data.enableContentModeration ?? undefined,
    enablePiiDetection: data.enablePiiDetection ?? undefined,
    metadata: data.metadata ?? undefined,
  });
  if (profile.createdAt !== undefined && Number.isNaN(profile.createdAt.getTime())) {
    refuse('createdAt', `not a time: \`${data.createdAt}\``, 'give ISO 8601');
  }
  limitsOf(profile);
  return profile;
}

function tierOf(given: unknown): TierConfig {
  if (given === undefined || given === null) return TIER_PRESETS.FREE;
  if (typeof given === 'string') return tierPreset(given as TierLevel);
  const { name = 'free', ...rest } = given as TierConfig;
  const preset = TIER_PRESETS[String(name).toUpperCase() as TierLevel] ?? {
    ...TIER_PRESETS.FREE,
    requestsPerHour: undefined,
    requestsPerDay: undefined,
    dailyBudget: undefined,
  };
  // A limit that a stored tier does not have is none, as the presets write it.
  const isWhole = 'minQuality' in rest;
  return compact({ ...(isWhole ? {} : preset), ...rest, name });
}
