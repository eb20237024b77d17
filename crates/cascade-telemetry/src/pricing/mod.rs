//! The price catalogue.

mod catalogue;
mod embedded;
mod files;
mod index;
mod listing;
mod model;
mod names;
mod reloading;

pub use catalogue::PriceCatalogue;
pub use files::{PriceAliases, PriceFile};
pub use listing::PriceListing;
pub use model::{Capability, CataloguedModel, ModelKind};
pub use reloading::ReloadingPrices;
