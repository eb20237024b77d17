//! # What it does
//! Fails tool calls that cannot be carried out: an unknown tool, arguments that are not a JSON
//! object, a required argument missing or of the wrong type; and a draft that calls no tool, or
//! another, where one is required.
//!
//! # Why
//! A malformed call costs a round trip and may do harm; whether it is well formed is certain.

use cascade_core::{CheckOutcome, Tool, ToolCall, ToolChoice};
use serde_json::Value;

use super::{CheckContext, names, schema_shape};

pub(super) fn check(context: &CheckContext<'_>) -> Option<CheckOutcome> {
    let input = &context.input;
    let calls = &input.draft.tool_calls;
    if input.tools.is_empty() && calls.is_empty() {
        return None;
    }
    let fault = choice_fault(input.tool_choice, calls)
        .or_else(|| calls.iter().find_map(|call| call_fault(call, input.tools)));
    Some(match fault {
        Some(reason) => CheckOutcome::fail(names::TOOL_CALLS, reason),
        None => CheckOutcome::pass(names::TOOL_CALLS),
    })
}

fn choice_fault(choice: Option<&ToolChoice>, calls: &[ToolCall]) -> Option<String> {
    match choice {
        Some(ToolChoice::Required) if calls.is_empty() => {
            Some("a tool had to be called".to_owned())
        }
        Some(ToolChoice::None) if !calls.is_empty() => Some("no tool may be called".to_owned()),
        Some(ToolChoice::Named(name)) if !calls.iter().any(|call| call.name == *name) => {
            Some(format!("tool `{name}` had to be called"))
        }
        _ => None,
    }
}

fn call_fault(call: &ToolCall, tools: &[Tool]) -> Option<String> {
    let name = &call.name;
    let Some(tool) = tools.iter().find(|tool| tool.name == *name) else {
        return Some(format!("unknown tool: `{name}`"));
    };
    let Some(arguments @ Value::Object(_)) = call.parsed_arguments() else {
        return Some(format!("arguments of `{name}` are not a JSON object"));
    };
    schema_shape::fault(&arguments, &tool.parameters)
        .map(|fault| format!("arguments of `{name}`: {fault}"))
}
