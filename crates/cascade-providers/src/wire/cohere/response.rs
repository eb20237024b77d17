use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire::openai::ResponseToolCall;

/// The answer of `POST /v2/chat`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereResponse {
    /// Id of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why generation stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    /// What is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<CohereResponseMessage>,
    /// Tokens used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<CohereUsage>,
    /// Log-probabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Vec<CohereLogprobs>>,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereResponseMessage {
    /// The constant `assistant`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Text and reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Vec<CohereBlock>>,
    /// What the model means to do with its tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_plan: Option<String>,
    /// Calls it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<ResponseToolCall>>,
    /// Which source says what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citations: Option<Vec<Value>>,
}

/// A piece of what is said.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereBlock {
    /// `text` or `thinking`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking: Option<String>,
}

/// Tokens used.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereUsage {
    /// What is paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_units: Option<CohereTokens>,
    /// What the model read and wrote, the provider's own additions to the prompt included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<CohereTokens>,
    /// Prompt tokens read from the cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<f64>,
}

/// Counts; the format writes them as numbers with a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereTokens {
    /// Prompt tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<f64>,
    /// Output tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<f64>,
    /// Searches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_units: Option<f64>,
    /// Pictures turned into vectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<f64>,
}

/// Log-probabilities of a piece of text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereLogprobs {
    /// The text of all its tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Ids of the tokens.
    pub token_ids: Vec<u64>,
    /// Log-probability of each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Vec<f64>>,
}
