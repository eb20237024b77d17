/** How many tokens a text is. */
import { compact, encode } from './codec.js';
import { toPublished } from './errors.js';
import type { Message } from './message.js';
import { native } from './native.js';

/** What is counted: either `text` or `messages`. */
export interface TokenCounterOptions {
  /** Model id, with or without its provider in front; absent takes the estimate. */
  model?: string;
  text?: string;
  messages?: Message[];
}

/** A number of tokens and how it is known. */
export interface TokenCount {
  tokens: number;
  /** `vocabulary` in the model's own vocabulary, `estimate` by the calibrated estimate. */
  source: 'vocabulary' | 'estimate';
}

/**
 * The tokens of a text, or of a conversation with the marks that its format adds: in the model's
 * own vocabulary where it is public (the OpenAI family), by a calibrated estimate otherwise.
 *
 * @throws ConfigurationError unless exactly one of `text` and `messages` is given.
 */
export function countTokens(options: TokenCounterOptions): TokenCount {
  const { model, text, messages } = options;
  try {
    return JSON.parse(native.countTokens(encode(compact({ model, text, messages }))));
  } catch (error) {
    throw toPublished(error);
  }
}

/** The number of `countTokens` alone. */
export function tokenCounter(options: TokenCounterOptions): number {
  return countTokens(options).tokens;
}

/** Estimated tokens of a text, whatever the model. */
export function estimateTokens(text: string): number {
  return tokenCounter({ text });
}
