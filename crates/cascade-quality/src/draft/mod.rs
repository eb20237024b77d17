//! One-pass reading of a draft, shared by all checks.

mod analyser;
mod analysis;
mod arithmetic;
mod cues;
mod overlap;
mod repeats;

pub use analysis::{DraftAnalysis, Ending};
pub use arithmetic::Equations;
