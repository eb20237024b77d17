use std::borrow::Cow;
use std::sync::Arc;

use cascade_core::{
    ChatRequest, Error, ImageSource, Message, Part, ResponseFormat, Result, Role, Tool, ToolCall,
    ToolChoice,
};
use serde_json::Value;

use super::{
    ContentBlock, ImageContent, InputContent, InputRole, MessagesRequest, OutputFormat, System,
    ToolChoiceMessage, ToolResultContent,
};
use crate::wire::PARALLEL_TOOL_CALLS;
use crate::wire::signature::split_encrypted;

/// Name of a schema that the dialect gives none.
const SCHEMA_NAME: &str = "answer";

/// Reads a client's request; `stream` is the server's to heed. A system prompt with cache markers
/// becomes a system message, which keeps them; parameters that the core does not know are kept
/// among the extra ones. `disable_parallel_tool_use` becomes OpenAI's extra parameter
/// `parallel_tool_calls`, which this dialect's encoder understands, too.
///
/// # Errors
/// A validation error that names the block that cannot be understood.
pub fn decode_request(request: MessagesRequest<'_>) -> Result<ChatRequest> {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    let mut system = None;
    match request.system {
        None => {}
        Some(System::Text(text)) => system = Some(Arc::from(&*text)),
        Some(System::Blocks(blocks)) => {
            let parts = decode_blocks(blocks, "system")?;
            messages.push(Message { role: Role::System, parts, name: None });
        }
    }
    for (index, message) in request.messages.into_iter().enumerate() {
        let parts = match message.content {
            InputContent::Text(text) => vec![Part::text(text)],
            InputContent::Blocks(blocks) => {
                decode_blocks(blocks, &format!("messages[{index}].content"))?
            }
        };
        let role = match message.role {
            InputRole::Assistant => Role::Assistant,
            InputRole::User => Role::User,
        };
        messages.push(Message { role, parts, name: None });
    }
    let mut decoded = ChatRequest::new(&*request.model, messages);
    decoded.system = system;
    decoded.max_tokens = Some(request.max_tokens);
    decoded.temperature = request.temperature;
    decoded.top_p = request.top_p;
    decoded.stop =
        request.stop_sequences.unwrap_or_default().into_iter().map(Cow::into_owned).collect();
    decoded.tools = request
        .tools
        .unwrap_or_default()
        .into_iter()
        .map(|tool| Tool {
            name: tool.name.into_owned(),
            description: tool.description.unwrap_or_default().into_owned(),
            parameters: tool.input_schema.into_owned(),
            strict: tool.strict,
            cache_control: tool.cache_control.map(Cow::into_owned),
        })
        .collect();
    let mut extra = request.extra;
    if let Some(choice) = request.tool_choice {
        if let Some(disabled) = choice.disables_parallel_tool_use() {
            extra.insert(PARALLEL_TOOL_CALLS.into(), Value::Bool(!disabled));
        }
        decoded.tool_choice = Some(match choice {
            ToolChoiceMessage::Auto { .. } => ToolChoice::Auto,
            ToolChoiceMessage::Any { .. } => ToolChoice::Required,
            ToolChoiceMessage::None => ToolChoice::None,
            ToolChoiceMessage::Tool { name, .. } => ToolChoice::Named(name.into_owned()),
        });
    }
    if let Some(config) = request.output_config {
        if let Some(OutputFormat::JsonSchema { schema }) = config.format {
            decoded.response_format = Some(Arc::new(ResponseFormat::JsonSchema {
                name: SCHEMA_NAME.to_owned(),
                schema: schema.into_owned(),
                strict: true,
            }));
        }
        if !config.extra.is_empty() {
            extra.insert("output_config".into(), Value::Object(config.extra));
        }
    }
    decoded.extra = Arc::new(extra);
    Ok(decoded)
}

fn decode_blocks(blocks: Vec<ContentBlock<'_>>, place: &str) -> Result<Vec<Part>> {
    let mut parts = Vec::with_capacity(blocks.len());
    for (index, block) in blocks.into_iter().enumerate() {
        match block {
            ContentBlock::Text { text, cache_control } => parts.push(Part::Text {
                text: text.into_owned(),
                cache_control: cache_control.map(Cow::into_owned),
            }),
            ContentBlock::Image { source, cache_control } => {
                parts.push(Part::Image { source: decode_image(source) });
                parts.extend(cache_control.map(cache_mark));
            }
            ContentBlock::ToolUse { id, name, input, cache_control } => {
                parts.push(Part::ToolCall(ToolCall {
                    id: id.into_owned(),
                    name: name.into_owned(),
                    arguments: input.to_string(),
                }));
                parts.extend(cache_control.map(cache_mark));
            }
            ContentBlock::ToolResult { tool_use_id, content, is_error, cache_control } => {
                let (content, images) = decode_result(content, &format!("{place}[{index}]"))?;
                parts.push(Part::ToolResult {
                    call_id: tool_use_id.into_owned(),
                    content,
                    is_error,
                });
                parts.extend(cache_control.map(cache_mark));
                // The core's results are texts; pictures stand beside them.
                parts.extend(images);
            }
            ContentBlock::Thinking { thinking, signature } => {
                let (signature, encrypted) = split_encrypted(&signature);
                parts.push(Part::Thinking {
                    text: thinking.into_owned(),
                    signature: Some(signature.to_owned()).filter(|text| !text.is_empty()),
                    redacted: encrypted.map(str::to_owned),
                });
            }
            ContentBlock::RedactedThinking { data } => parts.push(Part::Thinking {
                text: String::new(),
                signature: None,
                redacted: Some(data.into_owned()),
            }),
            ContentBlock::Unknown(value) => return Err(unknown(&value, place, index)),
        }
    }
    Ok(parts)
}

fn cache_mark(cache_control: Cow<'_, Value>) -> Part {
    Part::CacheMark { cache_control: cache_control.into_owned() }
}

fn decode_result(
    content: Option<ToolResultContent<'_>>,
    place: &str,
) -> Result<(String, Vec<Part>)> {
    let blocks = match content {
        None => return Ok((String::new(), Vec::new())),
        Some(ToolResultContent::Text(text)) => return Ok((text.into_owned(), Vec::new())),
        Some(ToolResultContent::Blocks(blocks)) => blocks,
    };
    let mut texts = Vec::new();
    let mut images = Vec::new();
    for (index, block) in blocks.into_iter().enumerate() {
        match block {
            ContentBlock::Text { text, .. } => texts.push(text.into_owned()),
            ContentBlock::Image { source, .. } => {
                images.push(Part::Image { source: decode_image(source) });
            }
            ContentBlock::Unknown(value) => {
                return Err(unknown(&value, &format!("{place}.content"), index));
            }
            _ => {}
        }
    }
    Ok((texts.join("\n"), images))
}

fn decode_image(source: ImageContent<'_>) -> ImageSource {
    match source {
        ImageContent::Base64 { media_type, data } => {
            ImageSource::Base64 { media_type: media_type.into_owned(), data: data.into_owned() }
        }
        ImageContent::Url { url } => ImageSource::Url { url: url.into_owned() },
    }
}

fn unknown(block: &Value, place: &str, index: usize) -> Error {
    let kind = block.get("type").and_then(Value::as_str).unwrap_or("?");
    Error::validation(
        format!("{place}[{index}]"),
        format!("content block is not understood: `{kind}`"),
        "use text, image, tool_use, tool_result or thinking blocks",
    )
}
