//! The price catalogue.

mod catalogue;
mod embedded;

pub use catalogue::{CataloguedModel, PriceCatalogue, PriceFile};
