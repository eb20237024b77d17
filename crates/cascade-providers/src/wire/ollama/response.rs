use serde::{Deserialize, Serialize};

use super::OllamaToolCall;

/// The answer of `POST /api/chat`, whole or one line of a stream.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OllamaResponse {
    /// Model that answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// When, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// What is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<OllamaResponseMessage>,
    /// Log-probabilities of the tokens of this piece.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Vec<OllamaLogprob>>,
    /// Whether this is the end.
    pub done: bool,
    /// Why generation stopped, at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done_reason: Option<String>,
    /// Prompt tokens, at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_eval_count: Option<u64>,
    /// Completion tokens, at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_count: Option<u64>,
    /// Nanoseconds of the whole call, at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_duration: Option<u64>,
    /// Nanoseconds of loading the model, at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_duration: Option<u64>,
    /// An error in the place of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OllamaResponseMessage {
    /// The constant `assistant`.
    pub role: String,
    /// The text.
    pub content: String,
    /// Reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking: Option<String>,
    /// Calls, each whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<OllamaToolCall>>,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OllamaLogprob {
    /// Its text.
    pub token: String,
    /// Its log-probability.
    pub logprob: f64,
    /// The likeliest alternatives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_logprobs: Option<Vec<OllamaTopLogprob>>,
}

/// One alternative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OllamaTopLogprob {
    /// Its text.
    pub token: String,
    /// Its log-probability.
    pub logprob: f64,
}
