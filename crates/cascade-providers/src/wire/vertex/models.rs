use serde::{Deserialize, Serialize};

/// The answer of `GET /models`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelList {
    /// The models, as Google's API for developers names the list.
    pub models: Vec<ModelEntry>,
    /// The models, as Vertex AI names the list.
    pub publisher_models: Vec<ModelEntry>,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// Resource name; the model id is its last segment.
    pub name: String,
}

impl ModelList {
    /// Ids in the order given.
    pub fn into_ids(self) -> Vec<String> {
        self.models
            .into_iter()
            .chain(self.publisher_models)
            .map(|model| model.name.rsplit('/').next().unwrap_or_default().to_owned())
            .collect()
    }
}
