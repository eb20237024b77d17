//! Messages in the forms that OpenAI's and Anthropic's users write them.

use std::fmt::Write as _;

use cascadeflow::{ChatRequest, Error, ImageSource, Message, Part, Result, Role, ToolCall};
use serde_json::{Map, Value, json};

use super::tool::tool_call_from_json;

/// The message of a mapping with `role` and `content`; `field` names it in errors.
pub(crate) fn message(field: &str, value: &Value) -> Result<Message> {
    let Some(object) = value.as_object() else {
        return Err(Error::validation(
            field,
            format!("`{field}` is not a message"),
            "give a dict such as {\"role\": \"user\", \"content\": \"…\"}",
        ));
    };
    let role = role(field, object.get("role"))?;
    let mut parts = Vec::new();
    if role == Role::Tool {
        parts.push(tool_result(object));
    } else {
        content(field, object.get("content"), &mut parts)?;
    }
    for call in object.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        parts.push(Part::ToolCall(tool_call_from_json(&format!("{field}.tool_calls"), call)?));
    }
    let name = object.get("name").and_then(Value::as_str).map(str::to_owned);
    Ok(Message { role, parts, name })
}

fn role(field: &str, value: Option<&Value>) -> Result<Role> {
    // The published package takes a message without a role for the user's.
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(Role::User) };
    serde_json::from_value(value.clone()).map_err(|_| {
        Error::validation(
            format!("{field}.role"),
            format!("unknown role: `{}`", value.as_str().unwrap_or_default()),
            "use `system`, `user`, `assistant` or `tool`",
        )
    })
}

fn content(field: &str, value: Option<&Value>, parts: &mut Vec<Part>) -> Result<()> {
    match value {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(text)) => {
            parts.push(Part::text(text));
            Ok(())
        }
        Some(Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                parts.push(part(&format!("{field}.content[{at}]"), item)?);
            }
            Ok(())
        }
        Some(_) => Err(Error::validation(
            format!("{field}.content"),
            format!("`{field}.content` is neither a text nor a list of parts"),
            "give a str, or a list of dicts with `type`",
        )),
    }
}

fn part(field: &str, value: &Value) -> Result<Part> {
    if let Some(text) = value.as_str() {
        return Ok(Part::text(text));
    }
    let kind = value.get("type").and_then(Value::as_str).unwrap_or("text");
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    match kind {
        "text" | "input_text" | "output_text" => Ok(Part::Text {
            text: text("text"),
            cache_control: value.get("cache_control").cloned(),
        }),
        "image_url" | "input_image" => {
            let url = value.get("image_url");
            let url = url.and_then(|url| url.get("url").or(Some(url))).and_then(Value::as_str);
            image_url(field, url)
        }
        "image" => image_source(field, value.get("source")),
        "tool_use" => {
            let input = value.get("input").cloned().unwrap_or_else(|| json!({}));
            Ok(Part::ToolCall(ToolCall {
                id: text("id"),
                name: text("name"),
                arguments: input.to_string(),
            }))
        }
        "tool_result" => Ok(Part::ToolResult {
            call_id: text("tool_use_id"),
            content: plain_text(value.get("content")),
            is_error: value.get("is_error").and_then(Value::as_bool).unwrap_or(false),
        }),
        "thinking" => Ok(Part::Thinking {
            text: text("thinking"),
            signature: value.get("signature").and_then(Value::as_str).map(str::to_owned),
            redacted: None,
        }),
        "redacted_thinking" => Ok(Part::Thinking {
            text: String::new(),
            signature: None,
            redacted: Some(text("data")),
        }),
        other => Err(Error::validation(
            format!("{field}.type"),
            format!("unknown kind of content: `{other}`"),
            "use `text`, `image_url`, `image`, `tool_use`, `tool_result` or `thinking`",
        )),
    }
}

fn image_url(field: &str, url: Option<&str>) -> Result<Part> {
    let Some(url) = url else {
        return Err(Error::validation(
            format!("{field}.image_url"),
            "an image has no URL",
            "give {\"type\": \"image_url\", \"image_url\": {\"url\": \"…\"}}",
        ));
    };
    let inline = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    let source = match inline {
        Some((media_type, data)) => {
            ImageSource::Base64 { media_type: media_type.to_owned(), data: data.to_owned() }
        }
        None => ImageSource::Url { url: url.to_owned() },
    };
    Ok(Part::Image { source })
}

fn image_source(field: &str, source: Option<&Value>) -> Result<Part> {
    let text = |name: &str| source.and_then(|s| s.get(name)).and_then(Value::as_str);
    match (text("url"), text("media_type"), text("data")) {
        (Some(url), _, _) => Ok(Part::Image { source: ImageSource::Url { url: url.to_owned() } }),
        (None, Some(media_type), Some(data)) => Ok(Part::Image {
            source: ImageSource::Base64 { media_type: media_type.to_owned(), data: data.to_owned() },
        }),
        _ => Err(Error::validation(
            format!("{field}.source"),
            "an image has no source",
            "give `url`, or `media_type` and `data`",
        )),
    }
}

fn tool_result(object: &Map<String, Value>) -> Part {
    let call_id = object.get("tool_call_id").and_then(Value::as_str).unwrap_or_default();
    Part::ToolResult {
        call_id: call_id.to_owned(),
        content: plain_text(object.get("content")),
        is_error: object.get("is_error").and_then(Value::as_bool).unwrap_or(false),
    }
}

fn plain_text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            let texts: Vec<_> =
                items.iter().filter_map(|item| item.get("text")?.as_str()).collect();
            texts.join("\n")
        }
        Some(other) => other.to_string(),
    }
}

/// A conversation as one text, the form in which the published package hands it to providers: a
/// lone user message as it is, more than one with the speakers' names.
pub(crate) fn prompt(request: &ChatRequest) -> String {
    if let [only] = &*request.messages {
        if only.role == Role::User {
            return only.text();
        }
    }
    let mut joined = String::new();
    for message in request.messages.iter() {
        let speaker = match message.role {
            Role::System => "System",
            Role::User => "User",
            Role::Assistant => "Assistant",
            Role::Tool => "Tool",
        };
        let text = spoken(message);
        if text.is_empty() {
            continue;
        }
        let separator = if joined.is_empty() { "" } else { "\n" };
        let _ = write!(joined, "{separator}{speaker}: {text}");
    }
    joined
}

fn spoken(message: &Message) -> String {
    let text = message.text();
    if !text.is_empty() {
        return text;
    }
    let results: Vec<_> = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolResult { content, .. } => Some(content.as_str()),
            _ => None,
        })
        .collect();
    results.join("\n")
}

/// A message as a mapping with `role` and `content`, in OpenAI's form.
pub(crate) fn message_to_python(message: &Message) -> Value {
    let mut object = Map::new();
    let result = message.parts.iter().find_map(|part| match part {
        Part::ToolResult { call_id, content, .. } => Some((call_id, content)),
        _ => None,
    });
    object.insert("role".into(), json!(message.role));
    if let Some((call_id, content)) = result {
        object.insert("content".into(), json!(content));
        object.insert("tool_call_id".into(), json!(call_id));
    } else if message.parts.iter().any(|part| matches!(part, Part::Image { .. })) {
        let parts: Vec<_> = message.parts.iter().filter_map(part_to_json).collect();
        object.insert("content".into(), Value::Array(parts));
    } else {
        object.insert("content".into(), json!(message.text()));
    }
    if let Some(name) = &message.name {
        object.insert("name".into(), json!(name));
    }
    let calls: Vec<_> = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall(call) => Some(super::tool::tool_call_to_json(call)),
            _ => None,
        })
        .collect();
    if !calls.is_empty() {
        object.insert("tool_calls".into(), Value::Array(calls));
    }
    Value::Object(object)
}

fn part_to_json(part: &Part) -> Option<Value> {
    match part {
        Part::Text { text, .. } => Some(json!({"type": "text", "text": text})),
        Part::Image { source: ImageSource::Url { url } } => {
            Some(json!({"type": "image_url", "image_url": {"url": url}}))
        }
        Part::Image { source: ImageSource::Base64 { media_type, data } } => {
            let url = format!("data:{media_type};base64,{data}");
            Some(json!({"type": "image_url", "image_url": {"url": url}}))
        }
        _ => None,
    }
}
