//! Provider drivers and wire codecs.

mod registry;

pub use registry::{ProviderFactory, ProviderRegistry};
