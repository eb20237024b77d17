/** What a run gives. */
import type { ErrorKind } from './errors.js';
import type { ToolCall } from './message.js';
import type { ServiceTier } from './prices.js';

/** Token counts; cached and reasoning tokens are parts of the two totals. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  cacheWrite5mTokens: number;
  cacheWrite1hTokens: number;
  reasoningTokens: number;
  /** Sound and pictures; absent where there are none. */
  audioInputTokens?: number;
  cachedAudioInputTokens?: number;
  audioOutputTokens?: number;
  imageInputTokens?: number;
  imageOutputTokens?: number;
  /** The tier that served the call; absent when the provider did not say. */
  serviceTier?: ServiceTier;
  /** Whether the provider reported none, so that the counts are estimates. */
  estimated: boolean;
}

/** What one check found in a draft. */
export interface CheckOutcome {
  check: string;
  passed: boolean;
  score?: number;
  reason?: string;
}

/** The judgement of a draft. */
export interface Verdict {
  accepted: boolean;
  score: number;
  confidence: number;
  threshold: number;
  reason: string;
  checks: CheckOutcome[];
}

/** One call of one model, accounted exactly once. */
export interface Attempt {
  role: 'draft' | 'verifier' | 'direct' | 'fallback' | 'step';
  step: string;
  model: string;
  provider: string;
  outcome: 'accepted' | 'rejected' | 'not_chosen' | 'failed';
  usage: Usage;
  /** USD. */
  cost: number;
  priced: 'configured' | 'catalogue' | 'reported' | 'free' | 'unpriced';
  /** When it was sent, in milliseconds since its run began. */
  startedMs: number;
  latencyMs: number;
  /** Time to the first piece of a streamed answer, in milliseconds. */
  firstChunkMs?: number;
  finishReason?: string;
  /** Model that answered, as the provider names it. */
  responseModel?: string;
  verdict?: Verdict;
  errorKind?: ErrorKind;
  error?: string;
}

/** One decision of a run. */
export interface TraceStep {
  stage: string;
  decision: string;
  reason: string;
  rule: string;
  /** USD. */
  cost: number;
  /** Milliseconds since the run began. */
  atMs: number;
  durationMs: number;
}

/** Money is in USD, time in milliseconds, scores in [0, 1]. */
export interface CascadeResult {
  content: string;
  /** The drafter when its draft was accepted, `drafter+verifier` after a rejection. */
  modelUsed: string;
  totalCost: number;
  latencyMs: number;
  tokensUsed?: number;
  complexity: string;
  /** Whether a draft was rejected and another model answered. */
  cascaded: boolean;
  draftAccepted: boolean;
  routingStrategy: string;
  reason: string;
  toolCalls?: ToolCall[];
  hasToolCalls: boolean;
  qualityScore?: number;
  qualityThreshold?: number;
  qualityCheckPassed?: boolean;
  rejectionReason?: string;
  draftResponse?: string;
  verifierResponse?: string;
  responseLength?: number;
  responseWordCount?: number;
  complexityDetectionMs?: number;
  draftGenerationMs?: number;
  qualityVerificationMs?: number;
  verifierGenerationMs?: number;
  cascadeOverheadMs?: number;
  draftCost?: number;
  verifierCost?: number;
  /** Negative when the cascade cost more than asking the verifier alone. */
  costSaved?: number;
  savingsPercentage?: number;
  readonly costBreakdown?: any;
  readonly timingBreakdown?: any;
  draftModel?: string;
  draftLatencyMs?: number;
  draftConfidence?: number;
  verifierModel?: string;
  verifierLatencyMs?: number;
  verifierConfidence?: number;
  speedup?: number;
  model?: string;
  provider?: string;
  metadata?: Record<string, any>;

  /** The same as `content`. */
  readonly text?: string;
  finishReason?: string;
  /** The model and provider whose answer this is. */
  answerModel?: string;
  answerProvider?: string;
  escalated?: boolean;
  cacheHit?: boolean;
  complexityConfidence?: number;
  domain?: string;
  domainConfidence?: number;
  usage?: Usage;
  /** What the answer's tokens would cost at the verifier. */
  baselineCost?: number;
  /** Whether some price is unknown, so that the cost is a lower bound. */
  unpriced?: boolean;
  /** Every call, in the order they ended. */
  readonly attempts?: Attempt[];
  /** Every decision, in order. */
  readonly trace?: TraceStep[];
  /** The model's reasoning blocks. */
  readonly thinking?: Record<string, any>[];
  /** What the answering provider said beside the answer. */
  readonly providerMetadata?: Record<string, any>;
}

interface Details {
  attempts: Attempt[];
  trace: TraceStep[];
  thinking: Record<string, any>[];
  providerMetadata: Record<string, any>;
}

/** JSON text of the details, then the details once somebody looked. */
const details = new WeakMap<object, string | Details>();

function detailsOf(result: object): Details {
  let known = details.get(result);
  if (typeof known === 'string') {
    known = JSON.parse(known) as Details;
    details.set(result, known);
  }
  return known ?? { attempts: [], trace: [], thinking: [], providerMetadata: {} };
}

// The fields are those of the parsed JSON; what most callers never look at is parsed on demand.
class Result {
  declare content: string;
  declare totalCost: number;
  declare draftCost: number;
  declare verifierCost: number;
  declare costSaved: number;
  declare baselineCost: number;
  declare savingsPercentage: number;
  declare latencyMs: number;
  declare complexityDetectionMs: number;
  declare draftGenerationMs?: number;
  declare qualityVerificationMs?: number;
  declare verifierGenerationMs?: number;
  declare cascadeOverheadMs: number;

  get text(): string {
    return this.content;
  }

  get attempts(): Attempt[] {
    return detailsOf(this).attempts;
  }

  get trace(): TraceStep[] {
    return detailsOf(this).trace;
  }

  get thinking(): Record<string, any>[] {
    return detailsOf(this).thinking;
  }

  get providerMetadata(): Record<string, any> {
    return detailsOf(this).providerMetadata;
  }

  get costBreakdown(): Record<string, number> {
    return {
      draftCost: this.draftCost,
      verifierCost: this.verifierCost,
      totalCost: this.totalCost,
      costSaved: this.costSaved,
      bigonlyCost: this.baselineCost,
      savingsPercentage: this.savingsPercentage,
    };
  }

  get timingBreakdown(): Record<string, number | undefined> {
    return {
      complexityDetectionMs: this.complexityDetectionMs,
      draftGenerationMs: this.draftGenerationMs,
      qualityVerificationMs: this.qualityVerificationMs,
      verifierGenerationMs: this.verifierGenerationMs,
      cascadeOverheadMs: this.cascadeOverheadMs,
      totalMs: this.latencyMs,
    };
  }

  toJSON(): Record<string, any> {
    return {
      ...this,
      costBreakdown: this.costBreakdown,
      timingBreakdown: this.timingBreakdown,
      attempts: this.attempts,
      trace: this.trace,
    };
  }
}

/** The result in the addon's text: fields, a line break, details. */
export function resultFromText(text: string): CascadeResult {
  const end = text.indexOf('\n');
  const result = Object.setPrototypeOf(JSON.parse(text.slice(0, end)), Result.prototype);
  details.set(result, text.slice(end + 1));
  return result as CascadeResult;
}

/** The result as a plain object that holds everything. */
export function resultToObject(result: CascadeResult): Record<string, any> {
  return result instanceof Result ? result.toJSON() : { ...result };
}
