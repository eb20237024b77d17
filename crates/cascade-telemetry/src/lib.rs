//! Prices of models, for the exact accounting of cascadeflow.
//!
//! Owns the price catalogue. Knows nothing of providers' wires or of drafts.

mod pricing;

pub use pricing::{CataloguedModel, PriceCatalogue, PriceFile};
