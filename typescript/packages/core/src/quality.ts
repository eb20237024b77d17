/** What a draft must reach, and the judge behind the cascade on its own. */
import { compact, encode } from './codec.js';
import type { QueryComplexity } from './complexity.js';
import { toPublished } from './errors.js';
import { native } from './native.js';
import type { CheckOutcome, Verdict } from './result.js';

/** One value for each complexity. */
export interface ConfidenceThresholds {
  trivial?: number;
  simple?: number;
  moderate?: number;
  hard?: number;
  expert?: number;
}

export interface QualityValidatorConfig {
  /** Confidence required where `confidenceThresholds` says nothing, 0 to 1. */
  minConfidence: number;
  confidenceThresholds?: ConfidenceThresholds;
  /** Words required of answers to moderate and harder queries; 1 for trivial and simple ones. */
  minWordCount: number;
  /** False judges by the text alone. */
  useLogprobs: boolean;
  fallbackToHeuristic: boolean;
  strictMode: boolean;
  useAlignmentScoring: boolean;
  minAlignmentScore: number;
  useSemanticValidation?: boolean;
  semanticThreshold?: number;
  useProductionConfidence?: boolean;
  provider?: string;
}

/** Quality options of an agent. */
export interface QualityConfig extends Partial<QualityValidatorConfig> {
  /** The same as `minConfidence`. */
  threshold?: number;
  requireMinimumTokens?: number;
  requireValidation?: boolean;
  enableAdaptive?: boolean;
}

export interface QualityValidation {
  passed: boolean;
  score: number;
  threshold: number;
  reason?: string;
}

export interface QualityResult {
  passed: boolean;
  score: number;
  confidence: number;
  method: 'logprobs' | 'heuristic' | 'hybrid';
  reason: string;
  details?: {
    avgLogprob?: number;
    minLogprob?: number;
    lengthOk?: boolean;
    wordCount?: number;
    uncertaintyMarkers?: string[];
    alignmentScore?: number;
    alignmentReasoning?: string;
    semanticSimilarity?: number;
    /** Every check that ran. */
    checks?: CheckOutcome[];
  };
}

/** Share of the token probabilities in the confidence; the rest is the text's. */
const LOGPROB_WEIGHT = 0.7;

type Five = readonly [number, number, number, number, number];

function thresholds(values: Five): Required<ConfidenceThresholds> {
  const [trivial, simple, moderate, hard, expert] = values;
  return { trivial, simple, moderate, hard, expert };
}

/** Defaults of a validator that is used on its own. */
export const DEFAULT_QUALITY_VALIDATOR_CONFIG: QualityValidatorConfig = {
  minConfidence: 0.7,
  minWordCount: 10,
  useLogprobs: true,
  fallbackToHeuristic: true,
  strictMode: false,
  useAlignmentScoring: true,
  minAlignmentScore: 0.15,
  useSemanticValidation: false,
  semanticThreshold: 0.5,
  useProductionConfidence: true,
};

/** Defaults of an agent's drafts. */
export const CASCADE_QUALITY_CONFIG: QualityValidatorConfig = {
  ...DEFAULT_QUALITY_VALIDATOR_CONFIG,
  confidenceThresholds: thresholds([0.25, 0.4, 0.55, 0.7, 0.8]),
};

/** Quality options of an agent that gives none. */
export const DEFAULT_QUALITY_CONFIG: QualityConfig = {
  threshold: 0.7,
  requireMinimumTokens: 10,
  requireValidation: true,
  enableAdaptive: true,
};

/** Ready-made thresholds. */
export class QualityConfigFactory {
  static forProduction(): QualityValidatorConfig {
    return named([0.55, 0.5, 0.45, 0.42, 0.4]);
  }

  static forDevelopment(): QualityValidatorConfig {
    return named([0.5, 0.6, 0.7, 0.75, 0.8]);
  }

  static strict(): QualityValidatorConfig {
    return { ...named([0.7, 0.8, 0.85, 0.9, 0.95]), strictMode: true };
  }

  static forCascade(): QualityValidatorConfig {
    return named([0.25, 0.4, 0.55, 0.7, 0.8]);
  }

  static permissive(): QualityValidatorConfig {
    return { ...named([0.1, 0.15, 0.2, 0.25, 0.3]), minWordCount: 0, minAlignmentScore: 0 };
  }
}

function named(values: Five): QualityValidatorConfig {
  return { ...DEFAULT_QUALITY_VALIDATOR_CONFIG, confidenceThresholds: thresholds(values) };
}

/**
 * The engine's form of a quality configuration. A threshold given per complexity wins over
 * `minConfidence`, which wins over `threshold`.
 */
export function engineQuality(config: QualityConfig): Record<string, unknown> {
  const defaults = DEFAULT_QUALITY_VALIDATOR_CONFIG;
  const aligned = config.useAlignmentScoring ?? defaults.useAlignmentScoring;
  return {
    confidence_thresholds: compact(config.confidenceThresholds ?? {}),
    min_confidence: config.minConfidence ?? config.threshold ?? defaults.minConfidence,
    min_length_thresholds: {},
    min_word_count: config.minWordCount ?? config.requireMinimumTokens ?? defaults.minWordCount,
    alignment_floor: aligned ? (config.minAlignmentScore ?? defaults.minAlignmentScore) : 0,
    logprob_weight: (config.useLogprobs ?? defaults.useLogprobs) ? LOGPROB_WEIGHT : 0,
  };
}

/** An agent's quality configuration: what the caller gives over the package's defaults. */
export function agentQuality(given: QualityConfig | undefined): QualityConfig {
  const flat = given?.threshold !== undefined || given?.minConfidence !== undefined;
  const base: QualityConfig = { ...CASCADE_QUALITY_CONFIG };
  // A flat threshold means every complexity; the package's own per-complexity values would hide it.
  if (flat) delete base.confidenceThresholds;
  if (given?.minConfidence === undefined && given?.threshold !== undefined) {
    base.minConfidence = given.threshold;
  }
  const merged = { ...base, ...compact(given ?? {}) };
  if (given?.confidenceThresholds !== undefined && !flat) {
    merged.confidenceThresholds = {
      ...CASCADE_QUALITY_CONFIG.confidenceThresholds,
      ...compact(given.confidenceThresholds),
    };
  }
  return merged;
}

/** Judges single answers as the cascade judges drafts. */
export class QualityValidator {
  #config: QualityValidatorConfig;

  constructor(config: Partial<QualityValidatorConfig> = {}) {
    this.#config = { ...DEFAULT_QUALITY_VALIDATOR_CONFIG, ...compact(config) };
  }

  /** `logprobs` are natural logarithms, one for each token. */
  async validate(
    content: string,
    query: string,
    logprobs?: number[],
    complexity?: QueryComplexity,
    thresholdOverride?: number,
  ): Promise<QualityResult> {
    const used = this.#config.useLogprobs && logprobs?.length ? logprobs : undefined;
    const request = encode(
      compact({
        quality: engineQuality(this.#config),
        query,
        draft: compact({ content, logprobs: used }),
        complexity,
        threshold: thresholdOverride,
      }),
    );
    let verdict: Verdict;
    try {
      verdict = JSON.parse(await native.verdict(request)) as Verdict;
    } catch (error) {
      throw toPublished(error);
    }
    return {
      passed: verdict.accepted,
      score: verdict.score,
      confidence: verdict.confidence,
      method: used === undefined ? 'heuristic' : 'hybrid',
      reason: verdict.reason,
      details: compact({
        avgLogprob: used && used.reduce((sum, value) => sum + value, 0) / used.length,
        minLogprob: used && Math.min(...used),
        wordCount: content.split(/\s+/u).filter(Boolean).length,
        lengthOk: verdict.checks.find((check) => check.check === 'length')?.passed,
        checks: verdict.checks,
      }),
    };
  }

  updateConfig(config: Partial<QualityValidatorConfig>): void {
    this.#config = { ...this.#config, ...compact(config) };
  }

  getConfig(): QualityValidatorConfig {
    return { ...this.#config };
  }

  static forProduction(): QualityValidator {
    return new QualityValidator(QualityConfigFactory.forProduction());
  }

  static forDevelopment(): QualityValidator {
    return new QualityValidator(QualityConfigFactory.forDevelopment());
  }

  static strict(): QualityValidator {
    return new QualityValidator(QualityConfigFactory.strict());
  }

  static forCascade(): QualityValidator {
    return new QualityValidator(QualityConfigFactory.forCascade());
  }

  static permissive(): QualityValidator {
    return new QualityValidator(QualityConfigFactory.permissive());
  }
}
