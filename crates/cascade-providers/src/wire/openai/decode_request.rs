use std::sync::Arc;

use cascade_core::{
    ChatRequest, Error, Message, Part, ResponseFormat, Result, Role, Tool, ToolCall, ToolChoice,
};
use serde_json::{Value, json};

use super::{
    ChatCompletionRequest, ChatMessage, Content, ContentPart, LogprobsRequest, RequestFormat, Stop,
    ToolChoiceMessage, reasoning_details,
};
use crate::wire::image_url::image_source;

/// Reads a client's request; `stream` and `stream_options` are the server's to heed. System
/// messages at the beginning become the system prompt; parameters that the core does not know are
/// kept among the extra ones.
///
/// # Errors
/// A validation error that names the field that cannot be understood.
pub fn decode_request(request: ChatCompletionRequest<'_>) -> Result<ChatRequest> {
    let mut system: Vec<String> = Vec::new();
    let mut messages = Vec::with_capacity(request.messages.len());
    for (index, message) in request.messages.into_iter().enumerate() {
        let message = decode_message(message, index)?;
        let is_plain =
            message.parts.iter().all(|part| matches!(part, Part::Text { cache_control: None, .. }));
        if message.role == Role::System && messages.is_empty() && is_plain {
            system.push(message.text());
        } else {
            messages.push(message);
        }
    }
    let mut decoded = ChatRequest::new(&*request.model, messages);
    decoded.system = (!system.is_empty()).then(|| system.join("\n\n").into());
    decoded.max_tokens = request.max_completion_tokens.or(request.max_tokens);
    decoded.temperature = request.temperature;
    decoded.top_p = request.top_p;
    decoded.stop = match request.stop {
        None => Arc::default(),
        Some(Stop::One(text)) => Arc::from([text.into_owned()]),
        Some(Stop::Many(texts)) => texts.into_iter().map(std::borrow::Cow::into_owned).collect(),
    };
    decoded.seed = request.seed;
    decoded.tools = request
        .tools
        .unwrap_or_default()
        .into_iter()
        .map(|tool| Tool {
            name: tool.function.name.into_owned(),
            description: tool.function.description.unwrap_or_default().into_owned(),
            parameters: tool.function.parameters.map_or_else(
                || json!({"type": "object", "properties": {}}),
                std::borrow::Cow::into_owned,
            ),
            strict: tool.function.strict,
            cache_control: tool.cache_control.map(std::borrow::Cow::into_owned),
        })
        .collect();
    decoded.tool_choice = request.tool_choice.map(decode_tool_choice).transpose()?;
    decoded.response_format = match request.response_format {
        None => None,
        Some(RequestFormat::Text) => Some(Arc::new(ResponseFormat::Text)),
        Some(RequestFormat::JsonObject) => Some(Arc::new(ResponseFormat::JsonObject)),
        Some(RequestFormat::JsonSchema { json_schema }) => {
            Some(Arc::new(ResponseFormat::JsonSchema {
                name: json_schema.name.into_owned(),
                schema: json_schema.schema.into_owned(),
                strict: json_schema.strict,
            }))
        }
    };
    decoded.logprobs = match request.logprobs {
        Some(LogprobsRequest::Flag(wanted)) => wanted,
        Some(LogprobsRequest::Count(count)) => count > 0,
        None => false,
    };
    let mut extra = request.extra;
    if let Some(count) = request.top_logprobs.filter(|count| *count != super::encode::TOP_LOGPROBS)
    {
        extra.insert("top_logprobs".into(), Value::from(count));
    }
    decoded.extra = Arc::new(extra);
    Ok(decoded)
}

fn decode_message(message: ChatMessage<'_>, index: usize) -> Result<Message> {
    let role = match &*message.role {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        other => {
            return Err(Error::validation(
                format!("messages[{index}].role"),
                format!("unknown role: `{other}`"),
                "use `system`, `developer`, `user`, `assistant` or `tool`",
            ));
        }
    };
    let mut parts = Vec::new();
    if role == Role::Tool {
        let Some(call_id) = message.tool_call_id else {
            return Err(Error::validation(
                format!("messages[{index}].tool_call_id"),
                "tool message names no call",
                "give the id of the call that it answers",
            ));
        };
        let content = message.content.map(text_of).unwrap_or_default();
        let call_id = call_id.into_owned();
        parts.push(Part::ToolResult { call_id, content, is_error: false });
        return Ok(Message { role, parts, name: None });
    }
    // Reasoning goes first, as it was thought.
    let shown = message.reasoning_content.unwrap_or_default();
    let details = message.reasoning_details.unwrap_or_default();
    match reasoning_details::into_part(details, &shown) {
        Some(part) => parts.push(part),
        None if shown.is_empty() => {}
        None => {
            parts.push(Part::Thinking {
                text: shown.into_owned(),
                signature: None,
                redacted: None,
            });
        }
    }
    match message.content {
        None => {}
        Some(Content::Text(text)) => parts.push(Part::text(text)),
        Some(Content::Parts(content)) => parts.extend(content.into_iter().map(|part| match part {
            ContentPart::Text { text, cache_control } => {
                Part::Text { text: text.into_owned(), cache_control }
            }
            ContentPart::ImageUrl { image_url } => {
                Part::Image { source: image_source(&image_url.url) }
            }
        })),
    }
    parts.extend(message.tool_calls.unwrap_or_default().into_iter().map(|call| {
        Part::ToolCall(ToolCall {
            id: call.id.into_owned(),
            name: call.function.name.into_owned(),
            arguments: call.function.arguments.into_owned(),
        })
    }));
    Ok(Message { role, parts, name: message.name.map(std::borrow::Cow::into_owned) })
}

fn text_of(content: Content<'_>) -> String {
    match content {
        Content::Text(text) => text.into_owned(),
        Content::Parts(parts) => parts
            .into_iter()
            .filter_map(|part| match part {
                ContentPart::Text { text, .. } => Some(text.into_owned()),
                ContentPart::ImageUrl { .. } => None,
            })
            .collect(),
    }
}

fn decode_tool_choice(choice: ToolChoiceMessage<'_>) -> Result<ToolChoice> {
    match choice {
        ToolChoiceMessage::Named { function, .. } => {
            Ok(ToolChoice::Named(function.name.into_owned()))
        }
        ToolChoiceMessage::Mode(mode) => match &*mode {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::None),
            "required" | "any" => Ok(ToolChoice::Required),
            other => Err(Error::validation(
                "tool_choice",
                format!("unknown tool choice: `{other}`"),
                "use `auto`, `none`, `required` or the name of a function",
            )),
        },
    }
}
