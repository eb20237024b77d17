use serde::{Deserialize, Serialize};

/// The answer of `GET /models`. Some servers give the bare list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ModelList {
    /// The list in an object.
    Wrapped {
        /// The models.
        data: Vec<ModelEntry>,
    },
    /// The bare list.
    Bare(Vec<ModelEntry>),
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// Model id.
    pub id: String,
}

impl ModelList {
    /// Ids in the order given.
    pub fn into_ids(self) -> Vec<String> {
        let (Self::Wrapped { data } | Self::Bare(data)) = self;
        data.into_iter().map(|model| model.id).collect()
    }
}
