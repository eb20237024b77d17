use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The body of `POST /api/embed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OllamaEmbedRequest<'a> {
    /// Model id.
    pub model: Cow<'a, str>,
    /// The texts.
    pub input: Vec<Cow<'a, str>>,
}

/// The answer of `POST /api/embed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OllamaEmbedResponse {
    /// One vector a text.
    pub embeddings: Vec<Vec<f32>>,
    /// Tokens of the texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_eval_count: Option<u64>,
}
