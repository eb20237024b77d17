//! Token counts of one call.

use serde::{Deserialize, Serialize};

/// Tokens that one call used.
///
/// `input_tokens` is the whole prompt: cached reads and cache writes are parts of it, and
/// `reasoning_tokens` is a part of `output_tokens`.
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
    /// Whether the counts are our estimate because the provider reported none.
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
