use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::CohereTokens;

/// The body of `POST /v2/embed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CohereEmbedRequest<'a> {
    /// Model id.
    pub model: Cow<'a, str>,
    /// The texts.
    pub texts: Vec<Cow<'a, str>>,
    /// What the vectors are for, such as `search_document` or `classification`.
    pub input_type: Cow<'a, str>,
    /// Forms of the vectors wanted.
    pub embedding_types: Vec<Cow<'a, str>>,
}

/// The answer of `POST /v2/embed`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereEmbedResponse {
    /// Id of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The vectors by form.
    pub embeddings: CohereVectors,
    /// What it used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<CohereEmbedMeta>,
}

/// Vectors by form.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereVectors {
    /// As numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub float: Option<Vec<Vec<f32>>>,
}

/// What making vectors used.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CohereEmbedMeta {
    /// Tokens billed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billed_units: Option<CohereTokens>,
}
