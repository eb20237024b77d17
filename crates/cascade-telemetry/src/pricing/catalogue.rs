use cascade_core::ports::PriceSource;
use cascade_core::{ModelConfig, ModelPrice};

/// Prices of known models.
#[derive(Debug, Clone, Default)]
pub struct PriceCatalogue {}

impl PriceCatalogue {
    /// The prices that come with the crate.
    pub fn embedded() -> Self {
        Self {}
    }
}

impl PriceSource for PriceCatalogue {
    fn price(&self, _model: &ModelConfig) -> Option<ModelPrice> {
        None
    }
}
