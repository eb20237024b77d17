//! Prices by kind of token.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Usage, Usd};

/// Prices in USD per 1,000,000 tokens that hold in some circumstance, such as a long prompt.
///
/// `None` leaves the price that holds otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRates {
    /// Prompt tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Usd>,
    /// Completion tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Usd>,
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
}

impl TokenRates {
    pub(super) const fn of(&self, kind: TokenKind) -> Option<Usd> {
        match kind {
            TokenKind::Input => self.input,
            TokenKind::Output => self.output,
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

/// A kind of token that may have a price of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    CachedInput,
    CachedAudioInput,
    CacheWrite5m,
    CacheWrite1h,
    AudioInput,
    ImageInput,
    Input,
    Reasoning,
    AudioOutput,
    ImageOutput,
    Output,
}

impl TokenKind {
    /// What tokens of this kind are where it has no price of its own; `None` at the end.
    pub(super) const fn otherwise(self) -> Option<Self> {
        match self {
            Self::Input | Self::Output => None,
            Self::CachedAudioInput => Some(Self::CachedInput),
            Self::CachedInput
            | Self::CacheWrite5m
            | Self::CacheWrite1h
            | Self::AudioInput
            | Self::ImageInput => Some(Self::Input),
            Self::Reasoning | Self::AudioOutput | Self::ImageOutput => Some(Self::Output),
        }
    }
}

/// Usage taken apart into kinds that do not overlap: prompt tokens in the order in which they
/// stand in a prompt (what is cached stands first), then completion tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct TokenCounts {
    counts: [(TokenKind, u64); 11],
}

/// How many of the kinds are prompt tokens.
const PROMPT_KINDS: usize = 7;

impl TokenCounts {
    /// Details beyond their total (more cached than prompt tokens) count up to the total.
    pub(super) fn of(usage: &Usage) -> Self {
        let mut prompt = usage.input_tokens;
        let mut part = |wanted: u64| {
            let taken = wanted.min(prompt);
            prompt -= taken;
            taken
        };
        let cached_audio = usage.cached_audio_input_tokens.min(usage.cached_input_tokens);
        let cached = part(usage.cached_input_tokens - cached_audio);
        let cached_audio = part(cached_audio);
        let write_5m = part(usage.cache_write_5m_tokens);
        let write_1h = part(usage.cache_write_1h_tokens);
        let audio = part(usage.audio_input_tokens.saturating_sub(cached_audio));
        let image = part(usage.image_input_tokens);
        let mut completion = usage.output_tokens;
        let mut part = |wanted: u64| {
            let taken = wanted.min(completion);
            completion -= taken;
            taken
        };
        let reasoning = part(usage.reasoning_tokens);
        let audio_output = part(usage.audio_output_tokens);
        let image_output = part(usage.image_output_tokens);
        Self {
            counts: [
                (TokenKind::CachedInput, cached),
                (TokenKind::CachedAudioInput, cached_audio),
                (TokenKind::CacheWrite5m, write_5m),
                (TokenKind::CacheWrite1h, write_1h),
                (TokenKind::AudioInput, audio),
                (TokenKind::ImageInput, image),
                (TokenKind::Input, prompt),
                (TokenKind::Reasoning, reasoning),
                (TokenKind::AudioOutput, audio_output),
                (TokenKind::ImageOutput, image_output),
                (TokenKind::Output, completion),
            ],
        }
    }

    /// The first `position` prompt tokens, and all that follow them with the whole completion.
    pub(super) fn split_at(&self, position: u64) -> (Self, Self) {
        let (mut before, mut after) = (*self, *self);
        let mut left = position;
        for at in 0..self.counts.len() {
            let within = if at < PROMPT_KINDS { self.counts[at].1.min(left) } else { 0 };
            left -= within;
            before.counts[at].1 = within;
            after.counts[at].1 -= within;
        }
        (before, after)
    }

    /// The sum of each kind at its rate.
    pub(super) fn cost(&self, rate: impl Fn(TokenKind) -> Usd) -> Usd {
        self.counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| rate(*kind).per_million(*count))
            .sum()
    }
}
