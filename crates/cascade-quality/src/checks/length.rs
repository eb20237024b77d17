//! # What it does
//! Fails a draft with fewer characters or words than its complexity requires.
//!
//! # Why
//! A demanding question is not answered in a word. Answers that are rightly short are exempt: a
//! number, a letter, one word, a label, a translation, small talk.
//!
//! # Options
//! `min_length_thresholds`, `min_word_count`.

use cascade_core::query::{QueryForm, RequestedFormat};
use cascade_core::{CheckOutcome, Complexity};

use super::suite::measured;
use super::{CheckContext, names};

pub(super) fn check(context: &CheckContext<'_>) -> Option<CheckOutcome> {
    if rightly_short(context) {
        return None;
    }
    let analysis = context.analysis;
    // Scripts that say more in a character need fewer of them.
    let bytes_beyond = analysis.length.saturating_sub(analysis.char_count);
    let characters = analysis.char_count + bytes_beyond / 2;
    let needed = context.config.min_length(context.input.complexity) as usize;
    let demanding = context.input.complexity >= Complexity::Moderate;
    let words_needed = if demanding { context.config.min_word_count as usize } else { 1 };
    let enough_words = analysis.word_count >= words_needed || bytes_beyond > analysis.char_count;
    let passed = characters >= needed && enough_words;
    let score = (characters as f64 / needed.max(1) as f64).min(1.0);
    Some(measured(names::LENGTH, passed, score, || {
        if characters < needed {
            format!("too short: {characters} of {needed} characters")
        } else {
            format!("too short: {} of {words_needed} words", analysis.word_count)
        }
    }))
}

fn rightly_short(context: &CheckContext<'_>) -> bool {
    let query = context.input.query;
    let signals = query.signals;
    let short_format = matches!(
        query.requested_format,
        Some(
            RequestedFormat::Json
                | RequestedFormat::Code
                | RequestedFormat::Choice
                | RequestedFormat::Number
                | RequestedFormat::YesNo
                | RequestedFormat::SingleWord
        )
    );
    let small_talk = matches!(query.form, QueryForm::Greeting | QueryForm::Conversation);
    let counts = query.form == QueryForm::Question
        && (context.analysis.number_count > 0 || context.analysis.number_words > 0);
    // Sorting, choosing and converting leave little but the numbers given.
    let takes_up_numbers =
        query.numbers.len() >= 2 && context.analysis.number_coverage.is_some_and(|c| c >= 1.0);
    short_format
        || small_talk
        || counts
        || query.expects_value()
        || takes_up_numbers
        || signals.lookup
        || signals.classification
        || signals.extraction
        || signals.translation
        || context
            .input
            .response_format
            .is_some_and(|f| !matches!(f, cascade_core::ResponseFormat::Text))
        || context.only_tools()
}
