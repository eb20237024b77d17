//! # What it does
//! Fails a draft that leans again and again on unnamed authority and gives no figure.
//!
//! # Why
//! *Studies show*, *experts agree*, *everyone knows* stand where a model has nothing to cite.
//!
//! # Options
//! `enable_hallucination_detection`.

use cascade_core::CheckOutcome;

use super::{CheckContext, names};

pub(super) fn check(context: &CheckContext<'_>) -> Option<CheckOutcome> {
    if !context.config.enable_hallucination_detection {
        return None;
    }
    let analysis = context.analysis;
    let many = analysis.claims >= 2 && analysis.claims * 30 >= analysis.word_count;
    if many && analysis.number_count == 0 {
        return Some(CheckOutcome::fail(names::CLAIMS, "the text leans on unnamed authority"));
    }
    Some(CheckOutcome::pass(names::CLAIMS))
}
