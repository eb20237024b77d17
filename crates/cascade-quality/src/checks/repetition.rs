//! # What it does
//! Fails a draft that loops: one word many times in a row, the same passages over and over, or an
//! endless word.
//!
//! # Why
//! Weak models degenerate into loops; such answers are hardly ever right.

use cascade_core::CheckOutcome;

use super::suite::measured;
use super::{CheckContext, names};

/// Equal words in a row that no prose has.
const RUN: usize = 8;
/// Equal words in a row that are too many when they are half of the text.
const HALF_RUN: usize = 4;
/// Words from which the share of repeated passages means something.
const WORDS: usize = 60;
/// Share of repeated four-word sequences above which a text loops.
const SHARE: f64 = 0.6;
/// Words from which a text can be nothing but a loop, and the share that tells so.
const SHORT_WORDS: usize = 16;
const SHORT_SHARE: f64 = 0.75;
/// Bytes of a single word that no language has; long identifiers and links are shorter.
const WORD_LENGTH: usize = 400;

pub(super) fn check(context: &CheckContext<'_>) -> CheckOutcome {
    let analysis = context.analysis;
    let share = if analysis.word_count >= WORDS { SHARE } else { SHORT_SHARE };
    let loops = analysis.word_count >= SHORT_WORDS && analysis.repeated_share > share;
    let run = analysis.longest_run;
    let stutters = run >= RUN || (run >= HALF_RUN && run * 2 >= analysis.word_count);
    let endless = analysis.longest_word > WORD_LENGTH && analysis.non_ascii_ratio < 0.5;
    let score = 1.0 - analysis.repeated_share;
    measured(names::REPETITION, !(loops || stutters || endless), score, || {
        "the text repeats itself".to_owned()
    })
}
