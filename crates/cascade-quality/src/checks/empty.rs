//! # What it does
//! Fails a draft without any visible character, unless it calls tools.
//!
//! # Why
//! An empty answer is never an answer.

use cascade_core::CheckOutcome;

use super::{CheckContext, names};

pub(super) fn check(context: &CheckContext<'_>) -> CheckOutcome {
    if context.analysis.length == 0 && !context.only_tools() {
        return CheckOutcome::fail(names::EMPTY, "the draft is empty");
    }
    CheckOutcome::pass(names::EMPTY)
}
