//! # What it does
//! Fails a draft that lacks the form asked for: by the request's response format strictly, by the
//! query's wording leniently.
//!
//! # Why
//! A program that parses the answer needs it to parse; a reader who asked for a list wants one.

use cascade_core::query::RequestedFormat;
use cascade_core::{CheckOutcome, ResponseFormat};
use serde_json::Value;

use super::{CheckContext, names, schema_shape};

/// Words beyond which an answer to listed options must name its choice.
const CHOICE_WORDS: usize = 60;

pub(super) fn check(context: &CheckContext<'_>) -> Option<CheckOutcome> {
    if context.only_tools() {
        return None;
    }
    let fault = match context.input.response_format {
        Some(ResponseFormat::JsonObject) => json_fault(context, None),
        Some(ResponseFormat::JsonSchema { schema, .. }) => json_fault(context, Some(schema)),
        _ => worded_fault(context, context.input.query.requested_format?).map(str::to_owned),
    };
    Some(match fault {
        Some(reason) => CheckOutcome::fail(names::FORMAT, reason),
        None => CheckOutcome::pass(names::FORMAT),
    })
}

/// The text without a code fence around it.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix("```") else { return text };
    let inner = inner.split_once('\n').map_or(inner, |(_, rest)| rest);
    inner.trim_end().strip_suffix("```").unwrap_or(inner).trim()
}

fn json_fault(context: &CheckContext<'_>, schema: Option<&Value>) -> Option<String> {
    let value: Value = match serde_json::from_str(unfenced(&context.input.draft.content)) {
        Ok(value) => value,
        Err(error) => return Some(format!("not valid JSON: {error}")),
    };
    match schema {
        None if value.is_object() => None,
        None => Some("not a JSON object".to_owned()),
        Some(schema) => schema_shape::fault(&value, schema),
    }
}

fn worded_fault(context: &CheckContext<'_>, asked: RequestedFormat) -> Option<&'static str> {
    let draft = context.analysis;
    let (present, fault) = match asked {
        RequestedFormat::Json => (draft.json_span.is_some(), "no JSON in the answer"),
        RequestedFormat::Table => (draft.table_rows >= 2, "no table in the answer"),
        RequestedFormat::List => (
            draft.list_items >= 2
                || draft.line_count >= 3
                || draft.commas >= 1
                || draft.word_count <= 6,
            "no list in the answer",
        ),
        RequestedFormat::Code => {
            let inline = draft.parentheses > 0 && draft.operators + draft.code_marks > 0;
            (draft.has_code() || inline || draft.code_marks > 0, "no code in the answer")
        }
        RequestedFormat::Choice => {
            (draft.answer.is_some() || draft.word_count <= CHOICE_WORDS, "no choice named")
        }
        RequestedFormat::Number => {
            let number = draft.number_count > 0 || draft.number_words > 0;
            (number || draft.backslashes > 0 || draft.answer.is_some(), "no number in the answer")
        }
        RequestedFormat::YesNo => (draft.yes_or_no_words > 0, "neither yes nor no"),
        RequestedFormat::SingleWord => (draft.word_count <= 3, "more than one word"),
    };
    (!present).then_some(fault)
}
