//! Prices and priced usage.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::token_rates::{TokenCounts, TokenKind};
use super::{ServiceTier, TokenRates, Usage, Usd};

/// Prices of one model in USD per 1,000,000 tokens.
///
/// `None` takes the price of the kind that the tokens would otherwise be: cached reads, cache
/// writes, sound and pictures in the prompt the input price (cached sound that of cached reads);
/// reasoning, sound and pictures in the answer the output price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
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
    /// Prompt tokens of sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_input: Option<Usd>,
    /// Prompt tokens of sound read from the cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_audio_input: Option<Usd>,
    /// Completion tokens of sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_output: Option<Usd>,
    /// Prompt tokens of pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_input: Option<Usd>,
    /// Completion tokens of pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_output: Option<Usd>,
    /// What changes with a long prompt; `None` when length does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_context: Option<Arc<LongContext>>,
    /// What changes with the service tier; a tier that is not listed costs what the standard one
    /// does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiers: Option<Arc<BTreeMap<ServiceTier, TierRates>>>,
}

/// Prices of prompts beyond a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LongContext {
    /// The longest prompt, in tokens of every kind, that the usual prices hold for.
    pub threshold_tokens: u64,
    /// What of a longer request these prices apply to.
    #[serde(default, skip_serializing_if = "LongContextScope::is_default")]
    pub scope: LongContextScope,
    /// The prices.
    pub rates: TokenRates,
}

/// What of a request beyond the threshold costs more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LongContextScope {
    /// All of it, from the first token.
    #[default]
    Request,
    /// The prompt tokens after the threshold, and the answer.
    Marginal,
}

impl LongContextScope {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
    const fn is_default(&self) -> bool {
        matches!(self, Self::Request)
    }
}

/// Prices of one service tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TierRates {
    /// The prices.
    pub rates: TokenRates,
    /// The tier's prices beyond the threshold of the long context; `None` takes the standard tier's
    /// long-context prices, which never undercharges a tier that is cheaper than the standard one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_context: Option<TokenRates>,
}

impl ModelPrice {
    /// Prices of prompt and completion tokens, in USD per 1,000,000; nothing else has a price of its
    /// own.
    pub const fn new(input: Usd, output: Usd) -> Self {
        Self {
            input,
            output,
            cached_input: None,
            cache_write_5m: None,
            cache_write_1h: None,
            reasoning: None,
            audio_input: None,
            cached_audio_input: None,
            audio_output: None,
            image_input: None,
            image_output: None,
            long_context: None,
            tiers: None,
        }
    }

    /// One price per 1,000 tokens for every kind of token.
    pub fn flat_per_thousand(cost: Usd) -> Self {
        let per_million = cost.per_thousand(1_000_000);
        Self::new(per_million, per_million)
    }

    /// Whether neither prompt nor completion tokens cost anything.
    pub const fn is_free(&self) -> bool {
        self.input.is_zero() && self.output.is_zero()
    }

    /// What `usage` costs at the tier that served it. Details beyond their total (more cached than
    /// prompt tokens) count up to the total.
    ///
    /// A kind of token costs what the most particular price for it says: that of the tier for long
    /// prompts, of long prompts, of the tier, of the model; a kind without any of these costs what
    /// its tokens would otherwise be.
    pub fn cost(&self, usage: &Usage) -> Usd {
        let counts = TokenCounts::of(usage);
        let tier = usage.service_tier.and_then(|tier| self.tiers.as_ref()?.get(&tier));
        let usual = [tier.map(|tier| &tier.rates), None, None];
        let long = self.long_context.as_deref();
        let Some(long) = long.filter(|long| usage.input_tokens > long.threshold_tokens) else {
            return counts.cost(|kind| self.rate(kind, usual));
        };
        let tier_long = tier.and_then(|tier| tier.long_context.as_ref());
        let longer = [tier_long, Some(&long.rates), tier.map(|tier| &tier.rates)];
        match long.scope {
            LongContextScope::Request => counts.cost(|kind| self.rate(kind, longer)),
            LongContextScope::Marginal => {
                let (before, after) = counts.split_at(long.threshold_tokens);
                before.cost(|kind| self.rate(kind, usual))
                    + after.cost(|kind| self.rate(kind, longer))
            }
        }
    }

    fn rate(&self, kind: TokenKind, layers: [Option<&TokenRates>; 3]) -> Usd {
        let mut kind = kind;
        loop {
            let stated = layers.iter().flatten().find_map(|rates| rates.of(kind));
            match (stated.or_else(|| self.own(kind)), kind.otherwise()) {
                (Some(rate), _) => return rate,
                (None, Some(otherwise)) => kind = otherwise,
                (None, None) => return Usd::ZERO,
            }
        }
    }

    const fn own(&self, kind: TokenKind) -> Option<Usd> {
        match kind {
            TokenKind::Input => Some(self.input),
            TokenKind::Output => Some(self.output),
            TokenKind::CachedInput => self.cached_input,
            TokenKind::CacheWrite5m => self.cache_write_5m,
            TokenKind::CacheWrite1h => self.cache_write_1h,
            TokenKind::Reasoning => self.reasoning,
            TokenKind::AudioInput => self.audio_input,
            TokenKind::CachedAudioInput => self.cached_audio_input,
            TokenKind::AudioOutput => self.audio_output,
            TokenKind::ImageInput => self.image_input,
            TokenKind::ImageOutput => self.image_output,
        }
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

impl Priced {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Catalogue => "catalogue",
            Self::Reported => "reported",
            Self::Free => "free",
            Self::Unpriced => "unpriced",
        }
    }
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
