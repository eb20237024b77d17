use serde::{Deserialize, Serialize};

use super::ContentBlock;

/// The answer of `POST /v1/messages`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageResponse {
    /// Id of the answer.
    pub id: Option<String>,
    /// The constant `message`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The constant `assistant`.
    pub role: Option<String>,
    /// Model that answered.
    pub model: Option<String>,
    /// What is said.
    pub content: Option<Vec<ContentBlock<'static>>>,
    /// Why generation stopped.
    pub stop_reason: Option<String>,
    /// The stop text met.
    pub stop_sequence: Option<String>,
    /// Tokens used.
    pub usage: Option<MessageUsage>,
}

/// Tokens used.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageUsage {
    /// Prompt tokens neither read from nor written to the cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Output tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// Parts of the output tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens_details: Option<OutputTokensDetails>,
    /// Prompt tokens written to the cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_creation_input_tokens: Option<u64>,
    /// Prompt tokens read from the cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read_input_tokens: Option<u64>,
    /// The written tokens by lifetime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_creation: Option<CacheCreation>,
    /// Tier that served the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<String>,
}

/// Parts of the output tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputTokensDetails {
    /// Spent on reasoning.
    pub thinking_tokens: u64,
}

/// Tokens written to the cache, by lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CacheCreation {
    /// Five minutes.
    pub ephemeral_5m_input_tokens: u64,
    /// One hour.
    pub ephemeral_1h_input_tokens: u64,
}

impl MessageUsage {
    /// Takes over what `news` says; its counts are cumulative.
    pub fn update(&mut self, news: Self) {
        let keep = |own: &mut Option<u64>, new: Option<u64>| *own = new.or(*own);
        keep(&mut self.input_tokens, news.input_tokens);
        keep(&mut self.output_tokens, news.output_tokens);
        keep(&mut self.cache_creation_input_tokens, news.cache_creation_input_tokens);
        keep(&mut self.cache_read_input_tokens, news.cache_read_input_tokens);
        self.cache_creation = news.cache_creation.or(self.cache_creation);
        self.output_tokens_details = news.output_tokens_details.or(self.output_tokens_details);
        if news.service_tier.is_some() {
            self.service_tier = news.service_tier;
        }
    }
}
