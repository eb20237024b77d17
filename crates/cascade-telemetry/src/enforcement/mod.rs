//! Users' say in what a run may spend.

mod built_in;
mod chain;
mod context;
mod decision;
mod outside_runs;

pub use built_in::BuiltInEnforcement;
pub use chain::{EnforcementCallback, EnforcementChain, FailurePolicy};
pub use context::EnforcementContext;
pub use decision::{read_decision, read_model_filter};
