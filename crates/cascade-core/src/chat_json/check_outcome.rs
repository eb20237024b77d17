//! What a user's check says of a draft.

use std::borrow::Cow;

use serde_json::Value;

use super::Fields;
use super::fields::kind_of;
use crate::error::{Error, ErrorKind, Result};
use crate::types::CheckOutcome;

/// The score that a draft must reach where nothing requires another.
const EVEN: f64 = 0.5;

/// The outcome that the check `name` gave as one of
///
/// - a boolean: whether the draft passes;
/// - a score in [0, 1]: the draft passes when it reaches `threshold`, or 0.5 where that is `None`;
/// - `[passed, reason]`, where `passed` is a boolean or a score and `reason` text or null;
/// - `{passed, score, reason}`, where `passed` is a boolean and the other two may be absent. Other
///   fields are ignored, so that a verdict of another kind may be handed on.
///
/// # Errors
/// An error of kind `user_code` that names the check and what it gave instead.
pub fn read_check_outcome(
    name: &str,
    value: Value,
    threshold: Option<f64>,
) -> Result<CheckOutcome> {
    let fault = |what: String| {
        Error::new(ErrorKind::UserCode, format!("check `{name}` returned {what}"))
            .with_hint("return a boolean, a score from 0 to 1, `[passed, reason]`, or `{passed, score, reason}`")
    };
    let of = |passed: &Value| match passed {
        Value::Bool(passed) => Ok((*passed, None)),
        Value::Number(_) => {
            let score = score_of(passed).map_err(&fault)?;
            Ok((score >= threshold.unwrap_or(EVEN), Some(score)))
        }
        other => Err(fault(format!("the wrong type: `{}`", kind_of(other)))),
    };
    let (passed, score, reason) = match value {
        Value::Array(items) => match items.as_slice() {
            [passed, reason] => {
                let (passed, score) = of(passed)?;
                (passed, score, reason_of(Some(reason)).map_err(&fault)?)
            }
            items => return Err(fault(format!("a list of {} instead of two", items.len()))),
        },
        value @ Value::Object(_) => {
            let mut fields = Fields::new("outcome", value)?;
            let Some(Value::Bool(passed)) = fields.take_value("passed") else {
                return Err(fault("an object whose `passed` is no boolean".to_owned()));
            };
            let score = match fields.take_value("score") {
                Some(score) => Some(score_of(&score).map_err(&fault)?),
                None => None,
            };
            (passed, score, reason_of(fields.take_value("reason").as_ref()).map_err(&fault)?)
        }
        value => {
            let (passed, score) = of(&value)?;
            (passed, score, None)
        }
    };
    let reason = reason.map_or_else(|| default_reason(name, passed, score, threshold), Cow::Owned);
    Ok(CheckOutcome { check: Cow::Owned(name.to_owned()), passed, score, reason })
}

fn default_reason(
    name: &str,
    passed: bool,
    score: Option<f64>,
    threshold: Option<f64>,
) -> Cow<'static, str> {
    let required = threshold.unwrap_or(EVEN);
    match score {
        _ if passed => Cow::Borrowed(""),
        Some(score) if score < required => {
            Cow::Owned(format!("score {score:.2} of check `{name}` is below {required:.2}"))
        }
        _ => Cow::Owned(format!("check `{name}` did not pass")),
    }
}

fn score_of(value: &Value) -> std::result::Result<f64, String> {
    match value.as_f64() {
        Some(score) if (0.0..=1.0).contains(&score) => Ok(score),
        Some(score) => Err(format!("a score out of range: `{score}`")),
        None => Err(format!("a score of the wrong type: `{}`", kind_of(value))),
    }
}

/// `None` for an absent, null or empty reason.
fn reason_of(value: Option<&Value>) -> std::result::Result<Option<String>, String> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(other) => Err(format!("a reason of the wrong type: `{}`", kind_of(other))),
    }
}
