use serde_json::{Map, Value, json};

use super::fields::items;
use crate::error::{Error, Result};
use crate::types::{Tool, ToolCall, ToolChoice};

const TOOL_HINT: &str = r#"give a list of {"name": …, "description": …, "parameters": …}, or of {"type": "function", "function": {…}}"#;

/// The tools of a list, each in the universal form (`name`, `description`, `parameters`), OpenAI's
/// (under `function`) or Anthropic's (`input_schema`).
///
/// # Errors
/// A validation error that names what is wrong by its path under `field`.
pub fn read_tools(field: &str, value: &Value) -> Result<Vec<Tool>> {
    items(field, value, TOOL_HINT)?
        .iter()
        .enumerate()
        .map(|(at, item)| read_tool(&format!("{field}[{at}]"), item))
        .collect()
}

fn read_tool(field: &str, value: &Value) -> Result<Tool> {
    let plain = value.get("function").unwrap_or(value);
    if plain.get("name").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(Error::validation(format!("{field}.name"), "a tool has no name", TOOL_HINT));
    }
    let mut known = Map::new();
    for key in ["name", "description", "parameters", "input_schema", "strict", "cache_control"] {
        // A cache marker also stands beside OpenAI's `function`.
        let given = plain.get(key).or_else(|| value.get(key));
        if let Some(value) = given.filter(|value| !value.is_null()) {
            known.insert(key.to_owned(), value.clone());
        }
    }
    serde_json::from_value(Value::Object(known)).map_err(|error| {
        Error::validation(field, format!("`{field}` is malformed: {error}"), TOOL_HINT)
    })
}

/// A tool in OpenAI's form.
pub fn write_tool(tool: &Tool) -> Value {
    json!({"type": "function", "function": tool})
}

/// Whether a tool must be called: `auto`, `none`, `required` (also `any`), a tool's name, or the
/// mapping that OpenAI or Anthropic take.
///
/// # Errors
/// A validation error for anything else.
pub fn read_tool_choice(value: &Value) -> Result<ToolChoice> {
    let name = ["/function/name", "/named", "/name"]
        .iter()
        .find_map(|path| value.pointer(path).and_then(Value::as_str));
    if let Some(name) = name {
        return Ok(ToolChoice::Named(name.to_owned()));
    }
    match value.as_str().or_else(|| value.get("type").and_then(Value::as_str)) {
        Some("auto") => Ok(ToolChoice::Auto),
        Some("none") => Ok(ToolChoice::None),
        Some("required" | "any") => Ok(ToolChoice::Required),
        Some(name) if value.is_string() && !name.is_empty() => {
            Ok(ToolChoice::Named(name.to_owned()))
        }
        _ => Err(Error::validation(
            "tool_choice",
            format!("unknown choice of tools: `{value}`"),
            "use `auto`, `none`, `required`, or the name of a tool",
        )),
    }
}

/// A choice in OpenAI's form.
pub fn write_tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => json!("auto"),
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({"type": "function", "function": {"name": name}}),
    }
}

/// The tool calls of a list.
///
/// # Errors
/// As [`read_tool_call`].
pub fn read_tool_calls(field: &str, value: &Value) -> Result<Vec<ToolCall>> {
    items(field, value, r#"give a list of {"id": …, "name": …, "arguments": …}"#)?
        .iter()
        .enumerate()
        .map(|(at, item)| read_tool_call(&format!("{field}[{at}]"), item))
        .collect()
}

/// A tool call in OpenAI's form (under `function`), Anthropic's (`input`) or the universal one (`id`,
/// `name`, `arguments`). Arguments that are no text are written as JSON.
///
/// # Errors
/// A validation error when it has no name.
pub fn read_tool_call(field: &str, value: &Value) -> Result<ToolCall> {
    let plain = value.get("function").unwrap_or(value);
    let Some(name) = plain.get("name").and_then(Value::as_str) else {
        return Err(Error::validation(
            format!("{field}.name"),
            "a tool call has no name",
            r#"give {"id": …, "name": …, "arguments": …}"#,
        ));
    };
    let arguments = match plain.get("arguments").or_else(|| plain.get("input")) {
        None | Some(Value::Null) => "{}".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
    Ok(ToolCall { id: id.to_owned(), name: name.to_owned(), arguments })
}

/// A tool call in OpenAI's form.
pub fn write_tool_call(call: &ToolCall) -> Value {
    json!({
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    })
}
