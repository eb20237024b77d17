use std::borrow::Cow;

use cascade_core::Usage;
use cascade_core::ports::Embeddings;
use serde::{Deserialize, Serialize};

use super::CompletionUsage;
use crate::wire::WireFault;

/// The body of `POST /embeddings`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingsRequest<'a> {
    /// Model id.
    pub model: Cow<'a, str>,
    /// The texts.
    pub input: Vec<Cow<'a, str>>,
}

/// The answer of `POST /embeddings`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingsResponse {
    /// One a text, in any order.
    pub data: Vec<EmbeddingEntry>,
    /// Tokens used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<CompletionUsage>,
}

/// One vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingEntry {
    /// Position of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// Its numbers.
    pub embedding: Vec<f32>,
}

/// Reads an answer with vectors and brings them into the order of the texts.
///
/// # Errors
/// A fault when it is an error report, or not an answer of this dialect.
pub fn decode_embeddings(body: &[u8]) -> Result<Embeddings, WireFault> {
    let mut answer: EmbeddingsResponse = serde_json::from_slice(body).map_err(|error| {
        super::decode::reported(body).unwrap_or_else(|| WireFault::from_json("answer", &error))
    })?;
    if answer.data.iter().all(|entry| entry.index.is_some()) {
        answer.data.sort_by_key(|entry| entry.index);
    }
    let usage = answer
        .usage
        .and_then(|usage| Some(Usage::new(usage.prompt_tokens.or(usage.total_tokens)?, 0)));
    Ok(Embeddings {
        vectors: answer.data.into_iter().map(|entry| entry.embedding).collect(),
        usage,
    })
}
