//! People, their tiers, and what a tier allows.

mod cache;
mod profile;
mod tier;

pub use cache::ProfileCache;
pub use profile::{CostSensitivity, UserProfile};
pub use tier::TierConfig;
