//! Questions and answers as the semantic conventions write them. Only for captured content.

use cascade_core::{CascadeResult, Input, Message, Part, Role};
use serde_json::{Value, json};

/// Longest text that is kept of one part, in bytes.
const MAX_TEXT_BYTES: usize = 16_384;
/// Most messages that are kept of a conversation: the last ones.
const MAX_MESSAGES: usize = 50;

/// The conversation.
pub(super) fn input(input: &Input) -> String {
    let messages: Vec<Value> = match input {
        Input::Text(text) => vec![message("user", vec![text_part(text)])],
        Input::Messages(messages) => {
            let from = messages.len().saturating_sub(MAX_MESSAGES);
            messages[from..].iter().map(message_of).collect()
        }
    };
    Value::Array(messages).to_string()
}

/// The system prompt.
pub(super) fn system_instructions(text: &str) -> String {
    json!([text_part(text)]).to_string()
}

/// The answer of a run.
pub(super) fn output(result: &CascadeResult) -> String {
    let mut parts = Vec::new();
    if !result.content.is_empty() {
        parts.push(text_part(&result.content));
    }
    parts.extend(
        result.tool_calls.iter().map(|call| tool_call(&call.id, &call.name, &call.arguments)),
    );
    let mut message = message("assistant", parts);
    if let (Some(reason), Value::Object(fields)) = (result.finish_reason, &mut message) {
        fields.insert("finish_reason".to_owned(), reason.as_str().into());
    }
    Value::Array(vec![message]).to_string()
}

/// An answer of text alone.
pub(super) fn answer(text: &str) -> String {
    Value::Array(vec![message("assistant", vec![text_part(text)])]).to_string()
}

fn message_of(given: &Message) -> Value {
    let role = match given.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    message(role, given.parts.iter().filter_map(part).collect())
}

fn message(role: &str, parts: Vec<Value>) -> Value {
    let parts = Value::Array(parts);
    json!({ "role": role, "parts": parts })
}

fn part(part: &Part) -> Option<Value> {
    Some(match part {
        Part::Text { text, .. } => text_part(text),
        Part::Image { .. } => json!({ "type": "image" }),
        Part::ToolCall(call) => tool_call(&call.id, &call.name, &call.arguments),
        Part::ToolResult { call_id, content, .. } => {
            json!({ "type": "tool_call_response", "id": call_id, "response": shortened(content) })
        }
        Part::Thinking { text, .. } => json!({ "type": "reasoning", "content": shortened(text) }),
        Part::CacheMark { .. } => return None,
    })
}

fn text_part(text: &str) -> Value {
    json!({ "type": "text", "content": shortened(text) })
}

fn tool_call(id: &str, name: &str, arguments: &str) -> Value {
    json!({ "type": "tool_call", "id": id, "name": name, "arguments": shortened(arguments) })
}

fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]
}
