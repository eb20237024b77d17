use crate::types::{ModelConfig, ModelPrice};

/// Knows what models cost.
pub trait PriceSource: Send + Sync {
    /// Prices of `model`; `None` when they are not known. A configured `cost` is not consulted
    /// here: it wins before.
    fn price(&self, model: &ModelConfig) -> Option<ModelPrice>;
}
