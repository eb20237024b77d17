//! # What it does
//! Fails a draft that was cut: at the token limit, inside a code block or JSON, or mid-sentence.
//!
//! # Why
//! The missing part is often the answer. A missing final full stop alone proves nothing; a text
//! counts as cut mid-sentence when its last word or mark wants another after it.

use cascade_core::query::RequestedFormat;
use cascade_core::{CheckOutcome, FinishReason};

use super::{CheckContext, names};
use crate::draft::Ending;

/// Words from which a text can be cut mid-sentence.
const SHORTEST: usize = 6;

pub(super) fn check(context: &CheckContext<'_>) -> CheckOutcome {
    let fail = |reason: &'static str| CheckOutcome::fail(names::TRUNCATION, reason);
    let analysis = context.analysis;
    if context.input.draft.finish_reason == Some(FinishReason::Length) {
        return fail("the answer was cut at the token limit");
    }
    // Models forget the last fence after a complete answer; that loses nothing.
    let complete = analysis.answer.is_some() && analysis.ending == Ending::Closed;
    if analysis.code_fences % 2 == 1 && !complete {
        return fail("a code block is not closed");
    }
    if analysis.starts_json && analysis.unbalanced > 0 && analysis.ending != Ending::Closed {
        return fail("the JSON is not closed");
    }
    // Program text without fences ends as its language wants.
    let code =
        analysis.has_code() || context.input.query.requested_format == Some(RequestedFormat::Code);
    if analysis.word_count < SHORTEST || code {
        return CheckOutcome::pass(names::TRUNCATION);
    }
    match analysis.ending {
        Ending::Word if analysis.last_word_dangles => fail("the text ends in mid-sentence"),
        Ending::Open => fail("the text ends in mid-sentence"),
        _ => CheckOutcome::pass(names::TRUNCATION),
    }
}
