use serde_json::{Map, Value, json};

use super::fields::{items, kind_of};
use super::part::{plain_text, read_content, write_content};
use super::tool::{read_tool_calls, write_tool_call};
use crate::error::{Error, Result};
use crate::types::{Input, Message, Part, Role};

const HINT: &str = r#"give a text, or a list of messages such as {"role": "user", "content": "…"}"#;

/// A query: a text, or a list of messages.
///
/// # Errors
/// A validation error that names what is wrong by its path under `field`.
pub fn read_input(field: &str, value: &Value) -> Result<Input> {
    match value {
        Value::String(text) => Ok(Input::Text(text.clone())),
        _ => read_messages(field, value).map(Input::Messages),
    }
}

/// The messages of a list.
///
/// # Errors
/// As [`read_input`].
pub fn read_messages(field: &str, value: &Value) -> Result<Vec<Message>> {
    items(field, value, HINT)?
        .iter()
        .enumerate()
        .map(|(at, item)| read_message(&format!("{field}[{at}]"), item))
        .collect()
}

/// A message of a mapping with `role` (`user` when absent), `content` (a text or parts), `name`,
/// `tool_calls` and `tool_call_id`.
///
/// # Errors
/// As [`read_input`].
pub fn read_message(field: &str, value: &Value) -> Result<Message> {
    let Some(object) = value.as_object() else {
        let message = format!("`{field}` is not a message: `{}`", kind_of(value));
        return Err(Error::validation(field, message, HINT));
    };
    let role = read_role(field, object.get("role"))?;
    let content = object.get("content");
    let mut parts = if role == Role::Tool {
        let call_id = object.get("tool_call_id").and_then(Value::as_str).unwrap_or_default();
        vec![Part::ToolResult {
            call_id: call_id.to_owned(),
            content: plain_text(content),
            is_error: object.get("is_error").and_then(Value::as_bool).unwrap_or(false),
        }]
    } else {
        read_content(&format!("{field}.content"), content)?
    };
    if let Some(calls) = object.get("tool_calls").filter(|calls| !calls.is_null()) {
        let calls = read_tool_calls(&format!("{field}.tool_calls"), calls)?;
        parts.extend(calls.into_iter().map(Part::ToolCall));
    }
    let name = object.get("name").and_then(Value::as_str).map(str::to_owned);
    Ok(Message { role, parts, name })
}

fn read_role(field: &str, value: Option<&Value>) -> Result<Role> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(Role::User) };
    serde_json::from_value(value.clone()).map_err(|_| {
        Error::validation(
            format!("{field}.role"),
            format!("unknown role: `{}`", value.as_str().unwrap_or_default()),
            "use `system`, `user`, `assistant` or `tool`",
        )
    })
}

/// A message in OpenAI's form. One of several tool results becomes several messages, since there
/// each holds one.
pub fn write_message(message: &Message) -> Vec<Value> {
    let mut written = Vec::with_capacity(1);
    let mut calls = Vec::new();
    let mut speaks = false;
    for part in &message.parts {
        match part {
            Part::ToolCall(call) => calls.push(write_tool_call(call)),
            Part::ToolResult { call_id, content, .. } => {
                let mut object = Map::new();
                object.insert("role".to_owned(), json!(Role::Tool));
                object.insert("content".to_owned(), json!(content));
                object.insert("tool_call_id".to_owned(), json!(call_id));
                if let Some(name) = &message.name {
                    object.insert("name".to_owned(), json!(name));
                }
                written.push(Value::Object(object));
            }
            Part::Image { .. } => speaks = true,
            Part::Text { text, .. } => speaks |= !text.is_empty(),
            Part::Thinking { .. } | Part::CacheMark { .. } => {}
        }
    }
    if speaks || !calls.is_empty() || written.is_empty() {
        let mut object = Map::new();
        object.insert("role".to_owned(), json!(message.role));
        object.insert("content".to_owned(), write_content(message));
        if let Some(name) = &message.name {
            object.insert("name".to_owned(), json!(name));
        }
        if !calls.is_empty() {
            object.insert("tool_calls".to_owned(), Value::Array(calls));
        }
        written.push(Value::Object(object));
    }
    written
}
