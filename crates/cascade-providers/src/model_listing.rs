/// A model that a provider says it serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedModel {
    /// Model id.
    pub id: String,
    /// Size on disk in bytes, for local models; `None` when the provider does not say.
    pub size_bytes: Option<u64>,
}

impl ListedModel {
    pub(crate) fn new(id: String) -> Self {
        Self { id, size_bytes: None }
    }
}
