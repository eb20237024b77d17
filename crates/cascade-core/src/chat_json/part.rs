use serde_json::{Value, json};

use super::fields::kind_of;
use crate::error::{Error, Result};
use crate::types::{ImageSource, Message, Part, ToolCall};

/// The parts of a message's content: a text, or a list of parts in OpenAI's or Anthropic's form.
pub(super) fn read_content(field: &str, value: Option<&Value>) -> Result<Vec<Part>> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![Part::text(text)]),
        Some(Value::Array(items)) => {
            let mut parts = Vec::with_capacity(items.len());
            for (at, item) in items.iter().enumerate() {
                let part = read_part(&format!("{field}[{at}]"), item)?;
                // Only text has a place for its marker.
                let mark = cache_mark(item).filter(|_| !matches!(part, Part::Text { .. }));
                parts.push(part);
                parts.extend(mark.map(|cache_control| Part::CacheMark { cache_control }));
            }
            Ok(parts)
        }
        Some(other) => Err(Error::validation(
            field,
            format!("`{field}` is neither a text nor a list of parts: `{}`", kind_of(other)),
            "give a text, or a list of parts with `type`",
        )),
    }
}

fn cache_mark(value: &Value) -> Option<Value> {
    value.get("cache_control").filter(|mark| !mark.is_null()).cloned()
}

fn read_part(field: &str, value: &Value) -> Result<Part> {
    if let Some(text) = value.as_str() {
        return Ok(Part::text(text));
    }
    let kind = value.get("type").and_then(Value::as_str).unwrap_or("text");
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    match kind {
        "text" | "input_text" | "output_text" => {
            Ok(Part::Text { text: text("text"), cache_control: cache_mark(value) })
        }
        "image_url" | "input_image" => read_image_url(field, value.get("image_url")),
        "image" => read_image_source(field, value.get("source")),
        "tool_use" => {
            let input = value.get("input").cloned().unwrap_or_else(|| json!({}));
            let arguments = input.to_string();
            Ok(Part::ToolCall(ToolCall { id: text("id"), name: text("name"), arguments }))
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

fn read_image_url(field: &str, value: Option<&Value>) -> Result<Part> {
    let url = value.and_then(|url| url.get("url").or(Some(url))).and_then(Value::as_str);
    let Some(url) = url else {
        return Err(Error::validation(
            format!("{field}.image_url"),
            "an image has no URL",
            r#"give {"type": "image_url", "image_url": {"url": "…"}}"#,
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

fn read_image_source(field: &str, source: Option<&Value>) -> Result<Part> {
    let text = |name: &str| source.and_then(|s| s.get(name)).and_then(Value::as_str);
    let source = match (text("url"), text("media_type"), text("data")) {
        (Some(url), _, _) => ImageSource::Url { url: url.to_owned() },
        (None, Some(media_type), Some(data)) => {
            ImageSource::Base64 { media_type: media_type.to_owned(), data: data.to_owned() }
        }
        _ => {
            return Err(Error::validation(
                format!("{field}.source"),
                "an image has no source",
                "give `url`, or `media_type` and `data`",
            ));
        }
    };
    Ok(Part::Image { source })
}

/// The text of a value: itself, or of the text parts in it.
pub(super) fn plain_text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => {
            let texts: Vec<_> = items
                .iter()
                .filter_map(|item| item.as_str().or_else(|| item.get("text")?.as_str()))
                .collect();
            texts.join("\n")
        }
        Some(other) => other.to_string(),
    }
}

/// The content of a message in OpenAI's form: its text, or parts where it holds images.
pub(super) fn write_content(message: &Message) -> Value {
    if !message.parts.iter().any(|part| matches!(part, Part::Image { .. })) {
        return json!(message.text());
    }
    let write = |part: &Part| match part {
        Part::Text { text, .. } => Some(json!({"type": "text", "text": text})),
        Part::Image { source } => {
            let url = match source {
                ImageSource::Url { url } => url.clone(),
                ImageSource::Base64 { media_type, data } => {
                    format!("data:{media_type};base64,{data}")
                }
            };
            Some(json!({"type": "image_url", "image_url": {"url": url}}))
        }
        _ => None,
    };
    message.parts.iter().filter_map(write).collect()
}
