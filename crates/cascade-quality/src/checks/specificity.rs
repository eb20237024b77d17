//! # What it does
//! Fails a draft that is vague throughout, and, where specifics are required, an answer to a hard
//! query that is not specific enough.
//!
//! # Why
//! Words such as *various things* fill space; a demanding question wants names, numbers, examples.
//!
//! # Options
//! `require_specifics_for_complex`, `min_specificity_score`.

use cascade_core::{CheckOutcome, Complexity};

use super::suite::measured;
use super::{CheckContext, names};

/// Share of words that say little above which a text says nothing.
const VAGUE: f64 = 0.14;
/// Words from which that share means something.
const WORDS: usize = 12;

pub(super) fn check(context: &CheckContext<'_>) -> Option<CheckOutcome> {
    if context.input.complexity < Complexity::Simple {
        return None;
    }
    let analysis = context.analysis;
    let score = analysis.specificity();
    let vague = analysis.word_count >= WORDS && analysis.vague_ratio() > VAGUE;
    let required = context.config.require_specifics_for_complex
        && context.input.complexity >= Complexity::Hard
        && !context.input.query.signals.creative;
    let minimum = context.config.min_specificity_score;
    let vague = vague && minimum > 0.0;
    let passed = !(vague || (required && score < minimum));
    Some(measured(names::SPECIFICITY, passed, score, || {
        if vague {
            "the text is vague".to_owned()
        } else {
            format!("not specific enough: {score:.2} of {minimum:.2}")
        }
    }))
}
