//! Cheaper models instead of dear ones.

mod catalogue;
mod map;
mod savings;

pub use map::{CheaperModel, DegradationMap};
pub use savings::{CheaperChoice, cheaper_models, estimated_saving};
