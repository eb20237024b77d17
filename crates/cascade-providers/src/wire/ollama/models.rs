use serde::{Deserialize, Serialize};

/// The answer of `GET /api/tags`: the models pulled to the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelList {
    /// The models.
    pub models: Vec<ModelEntry>,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// Model id, tag included.
    pub name: String,
    /// Size on disk in bytes.
    #[serde(default)]
    pub size: Option<u64>,
}
