use std::borrow::Cow;

use cascade_core::{
    ChatRequest, Error, ImageSource, Message, Part, ResponseFormat, Result, Role, Tool, ToolChoice,
};
use serde_json::{Map, Value};

use super::{
    OllamaFunctionCall, OllamaFunctionDefinition, OllamaMessage, OllamaOptions, OllamaRequest,
    OllamaToolCall, OllamaToolDefinition,
};

/// Number of alternatives asked for with each token's log-probability.
const TOP_LOGPROBS: u8 = 5;

/// Extra parameters that stand beside `options`; all others belong into it.
const TOP_LEVEL: [&str; 9] = [
    "options",
    "keep_alive",
    "think",
    "format",
    "tools",
    "logprobs",
    "top_logprobs",
    "truncate",
    "shift",
];

/// `request` in this dialect.
///
/// The server cannot be made to call a tool: a forbidden choice offers no tools, a named one offers
/// that tool alone.
///
/// # Errors
/// A validation error when a message cannot be expressed, such as a picture at a web address.
pub fn encode_request(request: &ChatRequest, stream: bool) -> Result<OllamaRequest<'_>> {
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    if let Some(system) = request.system.as_deref().filter(|text| !text.is_empty()) {
        messages.push(plain_message("system", Cow::Borrowed(system)));
    }
    for (index, message) in request.messages.iter().enumerate() {
        encode_message(message, index, &request.messages[..index], &mut messages)?;
    }
    let tools: Vec<_> = match &request.tool_choice {
        Some(ToolChoice::None) => Vec::new(),
        Some(ToolChoice::Named(name)) => {
            request.tools.iter().filter(|tool| tool.name == *name).map(encode_tool).collect()
        }
        _ => request.tools.iter().map(encode_tool).collect(),
    };
    let format = match request.response_format.as_deref() {
        None | Some(ResponseFormat::Text) => None,
        Some(ResponseFormat::JsonObject) => Some(Cow::Owned(Value::String("json".into()))),
        Some(ResponseFormat::JsonSchema { schema, .. }) => Some(Cow::Borrowed(schema)),
    };
    Ok(OllamaRequest {
        model: Cow::Borrowed(&request.model),
        messages,
        tools: (!tools.is_empty()).then_some(tools),
        format,
        options: OllamaOptions {
            temperature: request.temperature,
            top_p: request.top_p,
            num_predict: request.max_tokens,
            seed: request.seed,
            stop: (!request.stop.is_empty())
                .then(|| request.stop.iter().map(|text| Cow::Borrowed(&**text)).collect()),
            extra: Map::new(),
        },
        logprobs: request.logprobs.then_some(true),
        top_logprobs: request.logprobs.then_some(TOP_LOGPROBS),
        stream,
        extra: Map::new(),
    })
}

/// Moves the extra parameters that belong to the model into `options`.
pub fn encode_extra(extra: &Map<String, Value>) -> Map<String, Value> {
    let mut top = Map::new();
    let mut options = Map::new();
    for (name, value) in extra {
        // The driver's own fields are kept in place, so that setting them is refused there.
        let own = matches!(name.as_str(), "model" | "messages" | "stream");
        if own || TOP_LEVEL.contains(&name.as_str()) {
            top.insert(name.clone(), value.clone());
        } else {
            options.insert(name.clone(), value.clone());
        }
    }
    if !options.is_empty() {
        if let Some(Value::Object(given)) = top.get("options") {
            options.extend(given.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        top.insert("options".into(), Value::Object(options));
    }
    top
}

fn plain_message<'a>(role: &'static str, content: Cow<'a, str>) -> OllamaMessage<'a> {
    OllamaMessage { role: Cow::Borrowed(role), content, ..OllamaMessage::default() }
}

/// Appends `message`; its tool results become messages of their own. `before` is the conversation
/// up to it, which knows the names of the tools called.
fn encode_message<'a>(
    message: &'a Message,
    index: usize,
    before: &'a [Message],
    messages: &mut Vec<OllamaMessage<'a>>,
) -> Result<()> {
    let mut texts: Vec<&str> = Vec::new();
    let mut images = Vec::new();
    let mut tool_calls = Vec::new();
    let mut thinking = None;
    let results_before = messages.len();
    for part in &message.parts {
        match part {
            Part::Text { text, .. } => texts.push(text),
            Part::Image { source: ImageSource::Base64 { data, .. } } => {
                images.push(Cow::Borrowed(&**data));
            }
            Part::Image { source: ImageSource::Url { .. } } => {
                return Err(Error::validation(
                    format!("messages[{index}]"),
                    "image is at a web address, which this provider does not fetch",
                    "give the image inline in base64",
                ));
            }
            Part::ToolCall(call) => tool_calls.push(OllamaToolCall {
                id: Some(call.id.clone()),
                function: OllamaFunctionCall {
                    name: call.name.clone(),
                    arguments: call
                        .parsed_arguments()
                        .unwrap_or_else(|| Value::String(call.arguments.clone())),
                },
            }),
            Part::ToolResult { call_id, content, .. } => messages.push(OllamaMessage {
                tool_name: name_of_call(before, call_id).map(Cow::Borrowed),
                ..plain_message("tool", Cow::Borrowed(content))
            }),
            Part::Thinking { text, .. } if !text.is_empty() => {
                thinking = Some(Cow::Borrowed(&**text));
            }
            Part::Thinking { .. } | Part::CacheMark { .. } => {}
        }
    }
    if texts.is_empty() && images.is_empty() && tool_calls.is_empty() {
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
    let content = match texts.as_slice() {
        [text] => Cow::Borrowed(*text),
        texts => Cow::Owned(texts.join("\n")),
    };
    messages.push(OllamaMessage {
        thinking,
        images: (!images.is_empty()).then_some(images),
        tool_calls: (!tool_calls.is_empty()).then_some(tool_calls),
        ..plain_message(role, content)
    });
    Ok(())
}

fn name_of_call<'a>(before: &'a [Message], call_id: &str) -> Option<&'a str> {
    before.iter().rev().flat_map(|message| &message.parts).find_map(|part| match part {
        Part::ToolCall(call) if call.id == call_id => Some(call.name.as_str()),
        _ => None,
    })
}

fn encode_tool(tool: &Tool) -> OllamaToolDefinition<'_> {
    OllamaToolDefinition {
        kind: Cow::Borrowed("function"),
        function: OllamaFunctionDefinition {
            name: Cow::Borrowed(&tool.name),
            description: Cow::Borrowed(&tool.description),
            parameters: Cow::Borrowed(&tool.parameters),
        },
    }
}
