use std::borrow::Cow;

use cascade_core::{
    ChatRequest, Error, ImageSource, Message, Part, ResponseFormat, Result, Role, Tool, ToolChoice,
};
use serde_json::Map;

use super::{
    CohereContent, CohereContentPart, CohereImageUrl, CohereMessage, CohereRequest,
    CohereResponseFormat,
};
use crate::wire::openai::{self, FunctionCall, ToolCallMessage, ToolDefinition, ToolKind};

/// `request` in this dialect. Thinking parts are left out.
///
/// A named tool is the only one offered and must be called: the format has no other words for it.
/// With tools on offer a JSON form is left out, for the provider refuses both together.
///
/// # Errors
/// A validation error when a message cannot be expressed.
pub fn encode_request(request: &ChatRequest, stream: bool) -> Result<CohereRequest<'_>> {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    if let Some(system) = request.system.as_deref().filter(|text| !text.is_empty()) {
        messages.push(plain_message("system", Cow::Borrowed(system)));
    }
    for (index, message) in request.messages.iter().enumerate() {
        encode_message(message, index, &mut messages)?;
    }
    let tools: Vec<_> = match &request.tool_choice {
        Some(ToolChoice::Named(name)) => {
            request.tools.iter().filter(|tool| tool.name == *name).map(encode_tool).collect()
        }
        _ => request.tools.iter().map(encode_tool).collect(),
    };
    let has_tools = !tools.is_empty();
    let tool_choice = match &request.tool_choice {
        Some(ToolChoice::None) => Some("NONE"),
        Some(ToolChoice::Required | ToolChoice::Named(_)) => Some("REQUIRED"),
        Some(ToolChoice::Auto) | None => None,
    };
    Ok(CohereRequest {
        model: Cow::Borrowed(&request.model),
        messages,
        tools: has_tools.then_some(tools),
        tool_choice: tool_choice.filter(|_| has_tools).map(Cow::Borrowed),
        response_format: encode_format(request.response_format.as_deref()).filter(|_| !has_tools),
        max_tokens: request.max_tokens,
        stop_sequences: (!request.stop.is_empty())
            .then(|| request.stop.iter().map(|text| Cow::Borrowed(&**text)).collect()),
        temperature: request.temperature,
        p: request.top_p,
        seed: request.seed,
        logprobs: request.logprobs.then_some(true),
        stream,
        extra: Map::new(),
    })
}

fn encode_format(format: Option<&ResponseFormat>) -> Option<CohereResponseFormat<'_>> {
    match format {
        None | Some(ResponseFormat::Text) => None,
        Some(ResponseFormat::JsonObject) => {
            Some(CohereResponseFormat::JsonObject { json_schema: None })
        }
        Some(ResponseFormat::JsonSchema { schema, .. }) => {
            Some(CohereResponseFormat::JsonObject { json_schema: Some(Cow::Borrowed(schema)) })
        }
    }
}

/// A tool; the dialect has a word for strict schemas of all tools alone, and takes no cache markers.
fn encode_tool(tool: &Tool) -> ToolDefinition<'_> {
    let mut definition = openai::encode_tool(tool);
    definition.function.strict = None;
    definition.cache_control = None;
    definition
}

fn plain_message<'a>(role: &'static str, text: Cow<'a, str>) -> CohereMessage<'a> {
    CohereMessage {
        role: Cow::Borrowed(role),
        content: Some(CohereContent::Text(text)),
        ..CohereMessage::default()
    }
}

/// Appends `message`; its tool results become messages of their own.
fn encode_message<'a>(
    message: &'a Message,
    index: usize,
    messages: &mut Vec<CohereMessage<'a>>,
) -> Result<()> {
    let mut content = Vec::new();
    let mut tool_calls = Vec::new();
    let results_before = messages.len();
    for part in &message.parts {
        match part {
            Part::Text { text, .. } => {
                content.push(CohereContentPart::Text { text: Cow::Borrowed(text) });
            }
            Part::Image { source } => content.push(CohereContentPart::ImageUrl {
                image_url: CohereImageUrl { url: image_url(source) },
            }),
            Part::ToolCall(call) => tool_calls.push(ToolCallMessage {
                id: Cow::Borrowed(&call.id),
                kind: ToolKind::Function,
                function: FunctionCall {
                    name: Cow::Borrowed(&call.name),
                    arguments: Cow::Borrowed(&call.arguments),
                },
            }),
            Part::ToolResult { call_id, content, .. } => messages.push(CohereMessage {
                tool_call_id: Some(Cow::Borrowed(call_id)),
                ..plain_message("tool", Cow::Borrowed(content))
            }),
            Part::Thinking { .. } | Part::CacheMark { .. } => {}
        }
    }
    if content.is_empty() && tool_calls.is_empty() {
        return Ok(());
    }
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool if messages.len() > results_before => "user",
        Role::Tool => {
            return Err(Error::validation(
                format!("messages[{index}]"),
                "tool message has no tool result",
                "give the id of the call that it answers",
            ));
        }
    };
    let content = match content.as_mut_slice() {
        [] => None,
        [CohereContentPart::Text { text }] => Some(CohereContent::Text(std::mem::take(text))),
        _ => Some(CohereContent::Parts(content)),
    };
    messages.push(CohereMessage {
        role: Cow::Borrowed(role),
        content,
        tool_calls: (!tool_calls.is_empty()).then_some(tool_calls),
        tool_call_id: None,
    });
    Ok(())
}

fn image_url(source: &ImageSource) -> Cow<'_, str> {
    match source {
        ImageSource::Url { url } => Cow::Borrowed(url),
        ImageSource::Base64 { media_type, data } => {
            Cow::Owned(format!("data:{media_type};base64,{data}"))
        }
    }
}
