use cascadeflow::{Error, Result, Tool, ToolCall, ToolChoice};
use pyo3::prelude::*;
use serde_json::{Map, Value, json};

use super::json::{to_json, to_python};

/// Tools of a list of dicts, in the universal form (`name`, `description`, `parameters`), OpenAI's
/// (`type`, `function`) or Anthropic's (`input_schema`).
pub(super) fn tools(value: &Bound<'_, PyAny>) -> Result<Vec<Tool>> {
    let json = to_json("tools", value)?;
    let Some(items) = json.as_array() else {
        return Err(Error::validation("tools", "`tools` is not a list", "give a list of dicts"));
    };
    items.iter().enumerate().map(|(at, item)| tool(&format!("tools[{at}]"), item)).collect()
}

fn tool(field: &str, value: &Value) -> Result<Tool> {
    let plain = value.get("function").unwrap_or(value);
    if plain.get("name").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(Error::validation(
            format!("{field}.name"),
            "a tool has no name",
            "give {\"name\": …, \"description\": …, \"parameters\": …}",
        ));
    }
    let mut known = Map::new();
    for key in ["name", "description", "parameters", "input_schema"] {
        if let Some(value) = plain.get(key).filter(|value| !value.is_null()) {
            known.insert(key.to_owned(), value.clone());
        }
    }
    serde_json::from_value(Value::Object(known)).map_err(|error| {
        Error::validation(
            field,
            format!("`{field}` is malformed: {error}"),
            "give {\"name\": …, \"description\": …, \"parameters\": …}",
        )
    })
}

/// Whether a tool must be called: `auto`, `none`, `required` (also `any`), a tool's name, or the
/// mapping that OpenAI or Anthropic take.
pub(super) fn tool_choice(value: &Bound<'_, PyAny>) -> Result<ToolChoice> {
    let json = to_json("tool_choice", value)?;
    let named = |value: &Value| value.as_str().map(|name| ToolChoice::Named(name.to_owned()));
    let choice = match &json {
        Value::String(word) => Some(word_choice(word)),
        Value::Object(object) => object
            .get("function")
            .and_then(|function| function.get("name"))
            .or_else(|| object.get("name"))
            .or_else(|| object.get("named"))
            .and_then(named)
            .or_else(|| object.get("type").and_then(Value::as_str).map(word_choice)),
        _ => None,
    };
    choice.ok_or_else(|| {
        Error::validation(
            "tool_choice",
            format!("unknown choice of tools: `{json}`"),
            "use `auto`, `none`, `required`, or the name of a tool",
        )
    })
}

fn word_choice(word: &str) -> ToolChoice {
    match word {
        "auto" => ToolChoice::Auto,
        "none" => ToolChoice::None,
        "required" | "any" => ToolChoice::Required,
        name => ToolChoice::Named(name.to_owned()),
    }
}

/// A tool call of a mapping in OpenAI's form or the universal one (`id`, `name`, `arguments`).
pub(crate) fn tool_call_from_json(field: &str, value: &Value) -> Result<ToolCall> {
    let plain = value.get("function").unwrap_or(value);
    let Some(name) = plain.get("name").and_then(Value::as_str) else {
        return Err(Error::validation(
            format!("{field}.name"),
            "a tool call has no name",
            "give {\"id\": …, \"name\": …, \"arguments\": …}",
        ));
    };
    let arguments = plain.get("arguments").or_else(|| plain.get("input"));
    let arguments = match arguments {
        None | Some(Value::Null) => "{}".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
    Ok(ToolCall { id: id.to_owned(), name: name.to_owned(), arguments })
}

/// A tool call in OpenAI's form, with `name` and parsed `arguments` beside it for readers of the
/// universal form.
pub(super) fn tool_call_to_json(call: &ToolCall) -> Value {
    let arguments = call.parsed_arguments().unwrap_or_else(|| json!(call.arguments));
    json!({
        "id": call.id,
        "type": "function",
        "name": call.name,
        "arguments": arguments,
        "function": {"name": call.name, "arguments": call.arguments},
    })
}

/// See [`tool_call_to_json`].
pub(crate) fn tool_call_to_python(py: Python<'_>, call: &ToolCall) -> PyResult<Py<PyAny>> {
    to_python(py, &tool_call_to_json(call))
}

/// Tools in the universal form.
pub(crate) fn tools_to_python(py: Python<'_>, tools: &[Tool]) -> PyResult<Py<PyAny>> {
    to_python(py, tools)
}

/// A choice of tools as the word or name that stands for it.
pub(crate) fn tool_choice_to_python(choice: &ToolChoice) -> &str {
    match choice {
        ToolChoice::Auto => "auto",
        ToolChoice::None => "none",
        ToolChoice::Required => "required",
        ToolChoice::Named(name) => name,
    }
}
