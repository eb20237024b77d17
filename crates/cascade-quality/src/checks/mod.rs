//! The checks that need no model, one a file.
//!
//! Each reads the analyses and gives an outcome, or nothing where it does not apply. Adding one:
//! write the file after this template (*What it does / Why / Options*), name it in [`names`] and
//! call it in [`run`].

mod alignment;
mod arithmetic;
mod claims;
mod empty;
mod format;
mod hedging;
mod length;
pub mod names;
mod refusal;
mod repetition;
mod schema_shape;
mod specificity;
mod suite;
mod tool_calls;
mod truncation;

pub(crate) use suite::{CheckContext, run};
