//! The price catalogue.

mod catalogue;

pub use catalogue::PriceCatalogue;
