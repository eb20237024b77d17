//! # What it does
//! Fails a draft of which too many sentences hedge.
//!
//! # Why
//! A model that says *perhaps* in every sentence tells that it does not know. One hedge is good
//! style and never fails; neither do two in a long text.
//!
//! # Options
//! `max_hedging_ratio`.

use cascade_core::CheckOutcome;

use super::suite::measured;
use super::{CheckContext, names};

/// Words of text for which one hedge is nothing remarkable.
const SPACING: usize = 25;

pub(super) fn check(context: &CheckContext<'_>) -> CheckOutcome {
    let analysis = context.analysis;
    let ratio = analysis.hedging_ratio();
    let dense = analysis.hedges >= 2 && analysis.hedges * SPACING >= analysis.word_count;
    let passed = !dense || ratio <= context.config.max_hedging_ratio;
    measured(names::HEDGING, passed, 1.0 - ratio, || {
        format!("{} hedges in {} words", analysis.hedges, analysis.word_count)
    })
}
