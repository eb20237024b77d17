//! Prices of models and tokens of texts, for the exact accounting of cascadeflow.
//!
//! Owns the price catalogue, the counting of tokens and the estimate of what a call will cost. Knows
//! nothing of providers' wires or of drafts.

mod cost;
mod pricing;
mod tokens;

pub use cost::{CostEstimate, CostEstimator};
pub use pricing::{
    Capability, CataloguedModel, ModelKind, PriceAliases, PriceCatalogue, PriceFile,
    ReloadingPrices,
};
pub use tokens::{CountSource, Encoding, TokenCount, TokenCounter};
