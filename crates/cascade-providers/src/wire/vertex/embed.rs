use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{GeminiContent, UsageMetadata};

/// The body of `models/…:batchEmbedContents`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchEmbedRequest<'a> {
    /// One a text.
    pub requests: Vec<EmbedContent<'a>>,
}

/// One text to embed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbedContent<'a> {
    /// Resource name of the model.
    pub model: Cow<'a, str>,
    /// The text.
    pub content: GeminiContent,
    /// Every other parameter, such as `taskType`.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The answer of `models/…:batchEmbedContents`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchEmbedResponse {
    /// One a text.
    pub embeddings: Vec<EmbedValues>,
    /// Tokens used, where the server counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_metadata: Option<UsageMetadata>,
}

/// One vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbedValues {
    /// Its numbers.
    pub values: Vec<f32>,
    /// What making it used, on Vertex AI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<EmbedStatistics>,
}

/// What making a vector used.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EmbedStatistics {
    /// Tokens of the text.
    pub token_count: f64,
    /// Whether its end was cut off.
    pub truncated: bool,
}

/// The body of `models/…:predict`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictRequest<'a> {
    /// One a text.
    pub instances: Vec<EmbedInstance<'a>>,
}

/// One text to embed on Vertex AI.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbedInstance<'a> {
    /// The text.
    pub content: Cow<'a, str>,
}

/// The answer of `models/…:predict`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictResponse {
    /// One a text.
    pub predictions: Vec<EmbedPrediction>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbedPrediction {
    /// The vector.
    pub embeddings: EmbedValues,
}
