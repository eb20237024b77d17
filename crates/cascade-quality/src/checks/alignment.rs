//! # What it does
//! Fails a draft that shares nothing with its query: no content word, no number.
//!
//! # Why
//! An answer takes up what it is asked. The check stays silent wherever a right answer need not:
//! short answers, yes or no, marked final answers, translations, inventions, programs, small talk,
//! and answers in another script.
//!
//! # Options
//! `alignment_floor`.

use cascade_core::CheckOutcome;
use cascade_core::query::{QueryAnalysis, QueryForm};

use super::suite::measured;
use super::{CheckContext, names};
use crate::draft::DraftAnalysis;

/// Content words of the draft and of the query from which overlap can be expected.
const DRAFT_WORDS: usize = 6;
const QUERY_WORDS: usize = 2;
/// The same of a draft that was asked for something of its own.
const PRODUCED_WORDS: usize = 20;

pub(super) fn check(context: &CheckContext<'_>) -> Option<CheckOutcome> {
    let query = context.input.query;
    let analysis = context.analysis;
    if !comparable(query, analysis) {
        return None;
    }
    let coverage = analysis.query_coverage?;
    let numbers = analysis.number_coverage.unwrap_or(0.0);
    // Any overlap at all lifts the score above the usual floor.
    let score =
        if coverage > 0.0 || numbers > 0.0 { 0.2 + 0.8 * coverage.max(numbers) } else { 0.1 };
    let passed = score >= context.config.alignment_floor;
    Some(measured(names::ALIGNMENT, passed, score, || {
        "the draft shares no content with the query".to_owned()
    }))
}

fn comparable(query: &QueryAnalysis, analysis: &DraftAnalysis) -> bool {
    let signals = query.signals;
    let free = signals.creative
        || signals.translation
        || signals.classification
        || signals.extraction
        || signals.multiple_choice
        || signals.code_text
        || matches!(query.form, QueryForm::Greeting | QueryForm::Conversation | QueryForm::Empty);
    let same_script = (query.non_ascii_ratio - analysis.non_ascii_ratio).abs() < 0.25;
    !free
        && same_script
        && analysis.content_words >= if signals.production { PRODUCED_WORDS } else { DRAFT_WORDS }
        && analysis.query_words >= QUERY_WORDS
        && analysis.yes_or_no_words == 0
        && analysis.answer.is_none()
        && !analysis.has_code()
}
