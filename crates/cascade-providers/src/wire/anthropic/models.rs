use serde::{Deserialize, Serialize};

/// The answer of `GET /models`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelList {
    /// One page of the models.
    pub data: Vec<ModelEntry>,
    /// Whether there are further pages.
    #[serde(default)]
    pub has_more: bool,
    /// Where the next page begins.
    #[serde(default)]
    pub last_id: Option<String>,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// Model id.
    pub id: String,
}
