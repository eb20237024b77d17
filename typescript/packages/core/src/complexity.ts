/** How hard a query is. */
import { native } from './native.js';

export type QueryComplexity = 'trivial' | 'simple' | 'moderate' | 'hard' | 'expert';

export interface ComplexityResult {
  complexity: QueryComplexity;
  /** Confidence in the level, in [0, 1]. */
  confidence: number;
  metadata?: {
    technicalTerms?: string[];
    domains?: Set<string>;
    mathNotation?: string[];
    domainScore?: number;
  };
}

/** Tells how hard a query is, as the cascade sees it. */
export class ComplexityDetector {
  detect(query: string, returnMetadata = false): ComplexityResult {
    const { level, confidence } = JSON.parse(native.complexity(query)) as {
      level: QueryComplexity;
      confidence: number;
    };
    const result: ComplexityResult = { complexity: level, confidence };
    if (returnMetadata) {
      result.metadata = { technicalTerms: technicalTerms(query) };
    }
    return result;
  }
}

function technicalTerms(query: string): string[] {
  const analysis = JSON.parse(native.analyse(query)) as { terms?: { text?: string }[] };
  return (analysis.terms ?? []).flatMap((term) => (term.text === undefined ? [] : [term.text]));
}
