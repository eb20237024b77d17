//! Token counts of one call.

use serde::{Deserialize, Serialize};

use super::ServiceTier;

/// Tokens that one call used.
///
/// `input_tokens` is the whole prompt: cached reads, cache writes, audio and pictures are parts of
/// it, and none of them overlaps another but `cached_audio_input_tokens`, which is a part of both
/// the cached and the audio tokens. `reasoning_tokens`, audio and pictures that the model made are
/// parts of `output_tokens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Prompt tokens, all kinds together.
    pub input_tokens: u64,
    /// Completion tokens, reasoning included.
    pub output_tokens: u64,
    /// Prompt tokens read from the provider's cache.
    pub cached_input_tokens: u64,
    /// Prompt tokens written to the 5-minute cache.
    pub cache_write_5m_tokens: u64,
    /// Prompt tokens written to the 1-hour cache.
    pub cache_write_1h_tokens: u64,
    /// Completion tokens spent on reasoning.
    pub reasoning_tokens: u64,
    /// Prompt tokens of sound.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_input_tokens: u64,
    /// Prompt tokens of sound that were read from the cache.
    #[serde(skip_serializing_if = "is_zero")]
    pub cached_audio_input_tokens: u64,
    /// Completion tokens of sound.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_output_tokens: u64,
    /// Prompt tokens of pictures.
    #[serde(skip_serializing_if = "is_zero")]
    pub image_input_tokens: u64,
    /// Completion tokens of pictures.
    #[serde(skip_serializing_if = "is_zero")]
    pub image_output_tokens: u64,
    /// The tier that served the call; `None` when the provider did not say: the standard one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<ServiceTier>,
    /// Whether counts are our estimate because the provider did not report them. A provider sets
    /// it to have the engine estimate the prompt or completion tokens that it leaves at zero.
    pub estimated: bool,
}

impl Usage {
    /// Reported counts of prompt and completion tokens, without details.
    pub const fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self {
            input_tokens,
            output_tokens,
            cached_input_tokens: 0,
            cache_write_5m_tokens: 0,
            cache_write_1h_tokens: 0,
            reasoning_tokens: 0,
            audio_input_tokens: 0,
            cached_audio_input_tokens: 0,
            audio_output_tokens: 0,
            image_input_tokens: 0,
            image_output_tokens: 0,
            service_tier: None,
            estimated: false,
        }
    }

    /// Estimated counts of prompt and completion tokens.
    pub const fn estimate(input_tokens: u64, output_tokens: u64) -> Self {
        Self { estimated: true, ..Self::new(input_tokens, output_tokens) }
    }

    /// Prompt and completion tokens together.
    pub const fn total_tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes the field by reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}
