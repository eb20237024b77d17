//! Prices and cost accounting.

mod pricing;

pub use pricing::PriceCatalogue;
