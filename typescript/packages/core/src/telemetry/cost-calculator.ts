/** What a cascade of two models cost, beside the verifier alone. */
import { encode } from '../codec.js';
import { engineModel, type ModelConfig } from '../model.js';
import { native } from '../native.js';
import { embeddedPrices } from '../prices.js';
import type { CascadeResult } from '../result.js';
import { asked } from './asked.js';

/** Costs in USD; negative savings, after a rejection, are shown as they are. */
export interface CostBreakdown {
  draftCost: number;
  verifierCost: number;
  totalCost: number;
  costSaved: number;
  /** What the verifier alone would have cost. */
  bigonlyCost: number;
  savingsPercentage: number;
  draftTokens: number;
  verifierTokens: number;
  totalTokens: number;
  wasCascaded: boolean;
  draftAccepted: boolean;
  metadata: Record<string, any>;
}

/** Tokens and models of one query. */
export interface CostCalculationFromTokensOptions {
  draftOutputTokens: number;
  verifierOutputTokens: number;
  /** Prompt tokens, the same for both models; 0 by default. */
  queryInputTokens?: number;
  draftAccepted: boolean;
  /** A name, or a model whose own `cost` wins over the price catalogue. */
  draftModel: string | ModelConfig;
  verifierModel: string | ModelConfig;
  /** Of names; left out, they are looked up alone. */
  draftProvider?: string;
  verifierProvider?: string;
}

/** The model as the engine looks its price up. */
function modelOf(
  model: string | ModelConfig,
  provider: string | undefined,
): Record<string, unknown> {
  if (typeof model !== 'string') return engineModel(model);
  if (provider !== undefined) return { name: model, provider };
  const listed = embeddedPrices().find(model);
  return { name: listed?.model ?? model, provider: listed?.provider ?? 'unknown' };
}

function nameOf(model: string | ModelConfig): string {
  return typeof model === 'string' ? model : model.name;
}

function tokensOf(result: CascadeResult, drafts: boolean): number {
  const attempts = (result.attempts ?? []).filter(({ role }) => (role === 'draft') === drafts);
  return attempts.reduce((sum, { usage }) => sum + usage.inputTokens + usage.outputTokens, 0);
}

/** Prices cascades of a drafter and a verifier. */
export class CostCalculator {
  /** What a result says of its costs, in the form of a breakdown. */
  calculate(result: CascadeResult, _queryText?: string): CostBreakdown {
    const costSaved = result.costSaved ?? 0;
    const baseline = result.baselineCost ?? result.totalCost + costSaved;
    const draftTokens = tokensOf(result, true);
    const verifierTokens = tokensOf(result, false);
    return {
      draftCost: result.draftCost ?? 0,
      verifierCost: result.verifierCost ?? 0,
      totalCost: result.totalCost,
      costSaved,
      bigonlyCost: baseline,
      savingsPercentage:
        result.savingsPercentage ?? (baseline === 0 ? 0 : (100 * costSaved) / baseline),
      draftTokens,
      verifierTokens,
      totalTokens: draftTokens + verifierTokens,
      wasCascaded: result.routingStrategy === 'cascade',
      draftAccepted: result.draftAccepted,
      metadata: {
        calculationMethod: 'from_result',
        draftModel: result.draftModel,
        verifierModel: result.verifierModel,
      },
    };
  }

  /**
   * The cost of a query of so many tokens, by the price catalogue.
   *
   * @throws ConfigurationError when no price of a model is known, or a count is no count.
   */
  async calculateFromTokens(options: CostCalculationFromTokensOptions): Promise<CostBreakdown> {
    const tokens = {
      queryInputTokens: options.queryInputTokens ?? 0,
      draftOutputTokens: options.draftOutputTokens,
      verifierOutputTokens: options.verifierOutputTokens,
    };
    const request = encode({
      drafter: modelOf(options.draftModel, options.draftProvider),
      verifier: modelOf(options.verifierModel, options.verifierProvider),
      input_tokens: tokens.queryInputTokens,
      draft_output_tokens: tokens.draftOutputTokens,
      verifier_output_tokens: tokens.verifierOutputTokens,
      draft_accepted: options.draftAccepted,
    });
    const found = asked(() => native.cascadeCost(request));
    return {
      draftCost: Number(found.draft_cost),
      verifierCost: Number(found.verifier_cost),
      totalCost: Number(found.total_cost),
      costSaved: Number(found.cost_saved),
      bigonlyCost: Number(found.baseline_cost),
      savingsPercentage: found.savings_percent,
      draftTokens: found.draft_tokens,
      verifierTokens: found.verifier_tokens,
      totalTokens: found.total_tokens,
      wasCascaded: true,
      draftAccepted: found.draft_accepted,
      metadata: {
        calculationMethod: 'from_tokens',
        draftModel: nameOf(options.draftModel),
        verifierModel: nameOf(options.verifierModel),
        ...tokens,
      },
    };
  }

  /** About how many tokens a text has: 1.3 a word. */
  static estimateTokens(text: string): number {
    const words = text.split(/\s+/).filter((word) => word !== '').length;
    return Math.floor(words * 1.3);
  }
}

/** What a result says of its costs, in the form of a breakdown. */
export function calculateCascadeCost(result: CascadeResult, queryText?: string): CostBreakdown {
  return new CostCalculator().calculate(result, queryText);
}
