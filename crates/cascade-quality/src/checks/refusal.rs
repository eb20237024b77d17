//! # What it does
//! Fails a draft that declines, avows that it does not know, asks back instead of answering, is
//! a server's error message, or was stopped by a filter.
//!
//! # Why
//! A stronger model may well answer; on recorded arithmetic a refusal is wrong nearly always. Only
//! what stands at the beginning of a rather short text counts, so that an answer may speak about
//! refusing.

use cascade_core::{CheckOutcome, FinishReason};

use super::{CheckContext, names};

/// Words within which a refusal begins.
const BEGINNING: usize = 12;
/// Words beyond which a text that begins with a refusal goes on to answer.
const LONG: usize = 120;
/// The same for not knowing.
const LONG_IGNORANCE: usize = 40;

pub(super) fn check(context: &CheckContext<'_>) -> CheckOutcome {
    match context.input.draft.finish_reason {
        Some(FinishReason::Refusal) => {
            return CheckOutcome::fail(names::REFUSAL, "the model declined to answer");
        }
        Some(FinishReason::ContentFilter) => {
            return CheckOutcome::fail(names::REFUSAL, "the provider's filter stopped the answer");
        }
        _ => {}
    }
    let analysis = context.analysis;
    let begins = |at: Option<usize>| at.is_some_and(|words| words <= BEGINNING);
    if begins(analysis.refusal_at) && analysis.word_count <= LONG {
        return CheckOutcome::fail(names::REFUSAL, "the draft declines to answer");
    }
    if begins(analysis.ignorance_at) && analysis.word_count <= LONG_IGNORANCE {
        return CheckOutcome::fail(names::REFUSAL, "the draft says that it does not know");
    }
    if begins(analysis.asks_back_at) && analysis.word_count <= LONG_IGNORANCE {
        return CheckOutcome::fail(names::REFUSAL, "the draft asks back instead of answering");
    }
    if analysis.error_at == Some(0) && analysis.word_count <= LONG_IGNORANCE {
        return CheckOutcome::fail(names::REFUSAL, "the draft is an error message");
    }
    CheckOutcome::pass(names::REFUSAL)
}
