//! Quality checks that judge a draft.
//!
//! Owns the decision whether a draft may be given as the answer: named checks that need no model,
//! confidence from log-probabilities, from the provider and from the text, and the acceptance score
//! that orders drafts. Word lists and weights are data.
//!
//! Must not call a provider, price anything or plan a route. Sits on `cascade-core` alone.

mod acceptance;
mod answer;
mod checks;
mod confidence;
mod config;
mod draft;
mod validator;

pub use acceptance::{AcceptanceFeatures, AcceptanceModel};
pub use answer::{Answer, AnswerMark};
pub use checks::names as check_names;
pub use confidence::{Confidence, ConfidenceSource, LogprobSummary};
pub use config::QualityConfig;
pub use draft::{DraftAnalysis, Ending, Equations};
pub use validator::QualityValidator;
