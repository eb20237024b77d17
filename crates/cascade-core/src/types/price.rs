//! Prices and priced usage.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Usage, Usd};

/// Prices of one model in USD per 1,000,000 tokens.
///
/// `None` takes the price of the kind that the tokens would otherwise be: cached reads and cache
/// writes the input price, reasoning the output price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModelPrice {
    /// Prompt tokens.
    pub input: Usd,
    /// Completion tokens.
    pub output: Usd,
    /// Prompt tokens read from the cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<Usd>,
    /// Prompt tokens written to the 5-minute cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_5m: Option<Usd>,
    /// Prompt tokens written to the 1-hour cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<Usd>,
    /// Completion tokens spent on reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Usd>,
}

impl ModelPrice {
    /// One price per 1,000 tokens for every kind of token.
    pub fn flat_per_thousand(cost: Usd) -> Self {
        let per_million = cost.per_thousand(1_000_000);
        Self {
            input: per_million,
            output: per_million,
            cached_input: None,
            cache_write_5m: None,
            cache_write_1h: None,
            reasoning: None,
        }
    }

    /// What `usage` costs. Details beyond their total (more cached than prompt tokens) count up to
    /// the total.
    pub fn cost(&self, usage: &Usage) -> Usd {
        let cached = usage.cached_input_tokens.min(usage.input_tokens);
        let mut rest = usage.input_tokens - cached;
        let write_5m = usage.cache_write_5m_tokens.min(rest);
        rest -= write_5m;
        let write_1h = usage.cache_write_1h_tokens.min(rest);
        rest -= write_1h;
        let reasoning = usage.reasoning_tokens.min(usage.output_tokens);
        let parts = [
            (Some(self.input), rest),
            (self.cached_input, cached),
            (self.cache_write_5m, write_5m),
            (self.cache_write_1h, write_1h),
        ];
        let input: Usd =
            parts.iter().map(|(price, n)| price.unwrap_or(self.input).per_million(*n)).sum();
        let output = self.output.per_million(usage.output_tokens - reasoning);
        input + output + self.reasoning.unwrap_or(self.output).per_million(reasoning)
    }
}

/// How the cost of an attempt is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priced {
    /// From the price the user configured on the model.
    Configured,
    /// From the price catalogue.
    Catalogue,
    /// Reported by the provider.
    Reported,
    /// The model is declared free.
    Free,
    /// No price is known; the cost counts as zero and is flagged.
    Unpriced,
}

/// What to do with a model whose price is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnpricedPolicy {
    /// Refuse to call it.
    Refuse,
    /// Call it and flag its attempts as unpriced.
    #[default]
    Flag,
    /// Call it and count it as free.
    Zero,
}
