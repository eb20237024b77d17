//! Reads what users' code answers.

use cascade_core::ports::EnforcementAction;
use cascade_core::{Error, ErrorKind, ModelConfig, Result};
use serde_json::Value;
use std::sync::Arc;

const ACTIONS: &str = "answer `allow`, `warn`, `degrade` or `block`, alone or with a message";

/// The action that a callback's answer means: the action's name, a pair of name and message, an
/// object of `action` and `message`, or nothing, which allows.
///
/// # Errors
/// A user-code error when it is none of these.
pub fn read_decision(answer: &Value) -> Result<EnforcementAction> {
    match answer {
        Value::Null => Ok(EnforcementAction::Allow),
        Value::String(name) => action(name, None),
        Value::Array(pair) => match pair.as_slice() {
            [Value::String(name), Value::Null] | [Value::String(name)] => action(name, None),
            [Value::String(name), Value::String(message)] => action(name, Some(message)),
            _ => Err(junk(&format!("a list of {} items", pair.len()))),
        },
        Value::Bool(_) => Err(junk("a truth value")),
        Value::Number(_) => Err(junk("a number")),
        Value::Object(fields) => match (fields.get("action"), fields.get("message")) {
            (Some(Value::String(name)), None | Some(Value::Null)) => action(name, None),
            (Some(Value::String(name)), Some(Value::String(message))) => {
                action(name, Some(message))
            }
            _ => Err(junk("an object without an action")),
        },
    }
}

fn action(name: &str, message: Option<&str>) -> Result<EnforcementAction> {
    let why = |default: &str| message.unwrap_or(default).to_owned();
    match name {
        "allow" => Ok(EnforcementAction::Allow),
        "warn" => Ok(EnforcementAction::Warn(why("a budget is nearly used up"))),
        "degrade" => Ok(EnforcementAction::Degrade(why("a budget is nearly used up"))),
        "block" => Ok(EnforcementAction::Block(why("the budget does not allow this request"))),
        _ => Err(junk(&format!("`{name}`"))),
    }
}

fn junk(what: &str) -> Error {
    Error::new(ErrorKind::UserCode, format!("an enforcement callback answered {what}"))
        .with_field("on_budget_check")
        .with_hint(ACTIONS)
}

/// The positions of the models that a filter's answer names; nothing leaves all of them.
///
/// # Errors
/// A user-code error when it is not a list of names of `models`.
pub fn read_model_filter(
    answer: &Value,
    models: &[Arc<ModelConfig>],
) -> Result<Option<Vec<usize>>> {
    let fault = |what: String| {
        Error::new(ErrorKind::UserCode, what)
            .with_field("on_model_filter")
            .with_hint("answer the list of models that may be used, or their names")
    };
    let names = match answer {
        Value::Null => return Ok(None),
        Value::Array(names) => names,
        _ => return Err(fault("a model filter answered no list".to_owned())),
    };
    let mut positions = Vec::with_capacity(names.len());
    for name in names {
        let Some(name) = name.as_str() else {
            return Err(fault("a model filter answered a list of something else".to_owned()));
        };
        let before = positions.len();
        positions.extend(
            models.iter().enumerate().filter(|(_, model)| model.name == name).map(|(at, _)| at),
        );
        if positions.len() == before {
            return Err(fault(format!("a model filter named an unknown model: `{name}`")));
        }
    }
    positions.sort_unstable();
    positions.dedup();
    Ok(Some(positions))
}
