//! How sure one may be of a draft before any check has looked for faults.

mod blend;
mod logprobs;

pub use blend::{Confidence, ConfidenceSource};
pub use logprobs::LogprobSummary;
