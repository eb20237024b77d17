//! # What it does
//! Fails a draft whose last plain equation is wrong, such as `7 * 3 = 24`.
//!
//! # Why
//! Whether it holds is certain, and an answer that rests on a wrong one is wrong mostly. Earlier
//! equations may have been corrected since; they only lower the confidence. What cannot be
//! evaluated for sure (letters, brackets, percentages, rounding) is left alone.

use cascade_core::CheckOutcome;

use super::{CheckContext, names};

pub(super) fn check(context: &CheckContext<'_>) -> Option<CheckOutcome> {
    let equations = context.analysis.equations;
    if equations.checked == 0 {
        return None;
    }
    Some(if equations.last_wrong {
        CheckOutcome::fail(names::ARITHMETIC, "the last equation is wrong")
    } else {
        CheckOutcome::pass(names::ARITHMETIC)
    })
}
