use std::borrow::Cow;

use cascade_core::{
    ChatRequest, Error, ImageSource, Message, Part, ResponseFormat, Result, Role, Tool, ToolCall,
    ToolChoice,
};
use serde_json::{Map, Value};

use super::{
    ContentBlock, ImageContent, InputContent, InputMessage, InputRole, MessagesRequest,
    OutputConfig, OutputFormat, System, ToolChoiceMessage, ToolDefinition, ToolResultContent,
};
use crate::wire::PARALLEL_TOOL_CALLS;
use crate::wire::signature::{SignatureOwner, own_signature};

/// What a model accepts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EncodeRules {
    /// Most output tokens when the request does not say.
    pub default_max_tokens: u32,
    /// Whether `temperature` and `top_p` are accepted.
    pub sampling: bool,
    /// Whether only one of `temperature` and `top_p` is; the temperature goes first.
    pub one_sampler: bool,
    /// Highest temperature accepted; higher ones become it.
    pub max_temperature: f64,
}

impl Default for EncodeRules {
    fn default() -> Self {
        Self { default_max_tokens: 4096, sampling: true, one_sampler: false, max_temperature: 1.0 }
    }
}

/// `request` in this dialect.
///
/// Reasoning is left out unless its signature may be Anthropic's: another's would be refused. There is no seed and
/// there are no log-probabilities. A strict schema is enforced by the provider; any other JSON form
/// is asked for in the system prompt.
///
/// # Errors
/// A validation error when a message cannot be expressed.
pub fn encode_request<'a>(
    request: &'a ChatRequest,
    rules: EncodeRules,
    stream: bool,
) -> Result<MessagesRequest<'a>> {
    let (output_config, instruction) = encode_format(request.response_format.as_deref());
    let mut system = Vec::new();
    if let Some(text) = request.system.as_deref().filter(|text| !text.is_empty()) {
        system.push(text_block(Cow::Borrowed(text)));
    }
    let mut messages: Vec<(InputRole, Vec<ContentBlock<'a>>)> = Vec::new();
    for (index, message) in request.messages.iter().enumerate() {
        let blocks = encode_parts(message, index)?;
        let role = match message.role {
            Role::System => {
                system.extend(blocks);
                continue;
            }
            Role::User | Role::Tool => InputRole::User,
            Role::Assistant => InputRole::Assistant,
        };
        match messages.last_mut() {
            // The results of all calls of one turn must stand in one message.
            Some((last, content)) if *last == role => content.extend(blocks),
            _ if blocks.is_empty() => {}
            _ => messages.push((role, blocks)),
        }
    }
    system.extend(instruction.map(|text| text_block(Cow::Owned(text))));
    let thinking_on = request
        .extra
        .get("thinking")
        .is_some_and(|thinking| thinking.get("type").is_some_and(|kind| kind != "disabled"));
    let sampling = rules.sampling && !thinking_on;
    let temperature = request
        .temperature
        .filter(|_| sampling)
        .map(|temperature| temperature.min(rules.max_temperature));
    let top_p = request.top_p.filter(|_| sampling && !(rules.one_sampler && temperature.is_some()));
    let has_tools = !request.tools.is_empty();
    Ok(MessagesRequest {
        model: Cow::Borrowed(&request.model),
        max_tokens: request.max_tokens.unwrap_or(rules.default_max_tokens),
        system: encode_system(system),
        messages: messages
            .into_iter()
            .map(|(role, blocks)| InputMessage { role, content: encode_content(blocks) })
            .collect(),
        temperature,
        top_p,
        stop_sequences: (!request.stop.is_empty())
            .then(|| request.stop.iter().map(|text| Cow::Borrowed(&**text)).collect()),
        tools: has_tools.then(|| request.tools.iter().map(encode_tool).collect()),
        tool_choice: encode_tool_choice(request).filter(|_| has_tools),
        output_config,
        stream,
        extra: Map::new(),
    })
}

/// Whether the model may be told to think: not in the middle of a round of tools that it began
/// without thinking, or whose reasoning is lost.
pub(crate) fn may_think(messages: &[InputMessage<'_>]) -> bool {
    let blocks = |message: &InputMessage<'_>, is: fn(&ContentBlock<'_>) -> bool| matches!(&message.content, InputContent::Blocks(blocks) if blocks.first().is_some_and(is));
    let [.., before, last] = messages else { return true };
    let answers = blocks(last, |block| matches!(block, ContentBlock::ToolResult { .. }));
    let thought = blocks(before, |block| {
        matches!(block, ContentBlock::Thinking { .. } | ContentBlock::RedactedThinking { .. })
    });
    !answers || thought
}

/// What is enforced, and what the system prompt must say instead.
fn encode_format(format: Option<&ResponseFormat>) -> (Option<OutputConfig<'_>>, Option<String>) {
    match format {
        None | Some(ResponseFormat::Text) => (None, None),
        Some(ResponseFormat::JsonObject) => {
            (None, Some("Answer with one JSON object and nothing else.".into()))
        }
        Some(ResponseFormat::JsonSchema { schema, strict: true, .. }) => {
            let format = OutputFormat::JsonSchema { schema: Cow::Borrowed(schema) };
            (Some(OutputConfig { format: Some(format), extra: Map::new() }), None)
        }
        Some(ResponseFormat::JsonSchema { schema, .. }) => {
            let instruction = format!(
                "Answer with JSON that satisfies this JSON Schema and nothing else: {schema}"
            );
            (None, Some(instruction))
        }
    }
}

fn text_block(text: Cow<'_, str>) -> ContentBlock<'_> {
    ContentBlock::Text { text, cache_control: None }
}

fn encode_system(mut blocks: Vec<ContentBlock<'_>>) -> Option<System<'_>> {
    if let [ContentBlock::Text { text, cache_control: None }] = blocks.as_mut_slice() {
        return Some(System::Text(std::mem::take(text)));
    }
    (!blocks.is_empty()).then_some(System::Blocks(blocks))
}

fn encode_content(mut blocks: Vec<ContentBlock<'_>>) -> InputContent<'_> {
    if let [ContentBlock::Text { text, cache_control: None }] = blocks.as_mut_slice() {
        return InputContent::Text(std::mem::take(text));
    }
    InputContent::Blocks(blocks)
}

fn encode_parts(message: &Message, index: usize) -> Result<Vec<ContentBlock<'_>>> {
    let mut blocks = Vec::with_capacity(message.parts.len());
    for part in &message.parts {
        blocks.push(match part {
            // The provider refuses empty text.
            Part::Text { text, .. } if text.is_empty() => continue,
            Part::Text { text, cache_control } => ContentBlock::Text {
                text: Cow::Borrowed(text),
                cache_control: cache_control.as_ref().map(Cow::Borrowed),
            },
            Part::Image { source } => {
                ContentBlock::Image { source: encode_image(source), cache_control: None }
            }
            Part::CacheMark { cache_control } => {
                mark_cache(&mut blocks, cache_control);
                continue;
            }
            Part::ToolCall(call) => ContentBlock::ToolUse {
                id: Cow::Borrowed(&call.id),
                name: Cow::Borrowed(&call.name),
                input: arguments_object(call, index)?,
                cache_control: None,
            },
            Part::ToolResult { call_id, content, is_error } => ContentBlock::ToolResult {
                tool_use_id: Cow::Borrowed(call_id),
                content: Some(ToolResultContent::Text(Cow::Borrowed(content))),
                is_error: *is_error,
                cache_control: None,
            },
            Part::Thinking { redacted: Some(data), signature: None, .. } => {
                ContentBlock::RedactedThinking { data: Cow::Borrowed(data) }
            }
            Part::Thinking { text, signature, .. } => {
                let own = signature
                    .as_deref()
                    .and_then(|text| own_signature(SignatureOwner::Anthropic, text));
                let Some(signature) = own else { continue };
                ContentBlock::Thinking {
                    thinking: Cow::Borrowed(text),
                    signature: Cow::Borrowed(signature),
                }
            }
        });
    }
    if message.role == Role::Tool
        && !blocks.iter().any(|block| matches!(block, ContentBlock::ToolResult { .. }))
    {
        return Err(Error::validation(
            format!("messages[{index}]"),
            "tool message has no tool result",
            "give the id of the call that it answers",
        ));
    }
    Ok(blocks)
}

fn arguments_object(call: &ToolCall, index: usize) -> Result<Value> {
    call.parsed_arguments().filter(Value::is_object).ok_or_else(|| {
        Error::validation(
            format!("messages[{index}]"),
            format!("arguments of tool call `{}` are not a JSON object", call.name),
            "give the arguments as the text of a JSON object",
        )
    })
}

fn encode_image(source: &ImageSource) -> ImageContent<'_> {
    match source {
        ImageSource::Url { url } => ImageContent::Url { url: Cow::Borrowed(url) },
        ImageSource::Base64 { media_type, data } => ImageContent::Base64 {
            media_type: Cow::Borrowed(media_type),
            data: Cow::Borrowed(data),
        },
    }
}

fn encode_tool(tool: &Tool) -> ToolDefinition<'_> {
    ToolDefinition {
        name: Cow::Borrowed(&tool.name),
        description: (!tool.description.is_empty()).then(|| Cow::Borrowed(&*tool.description)),
        input_schema: Cow::Borrowed(&tool.parameters),
        strict: tool.strict,
        cache_control: tool.cache_control.as_ref().map(Cow::Borrowed),
        extra: Map::new(),
    }
}

/// The choice, with what the extra parameter `parallel_tool_calls` says.
fn encode_tool_choice(request: &ChatRequest) -> Option<ToolChoiceMessage<'_>> {
    let parallel = request.extra.get(PARALLEL_TOOL_CALLS).and_then(Value::as_bool);
    let disable_parallel_tool_use = parallel.map(|parallel| !parallel);
    Some(match &request.tool_choice {
        None if disable_parallel_tool_use.is_none() => return None,
        None | Some(ToolChoice::Auto) => ToolChoiceMessage::Auto { disable_parallel_tool_use },
        Some(ToolChoice::None) => ToolChoiceMessage::None,
        Some(ToolChoice::Required) => ToolChoiceMessage::Any { disable_parallel_tool_use },
        Some(ToolChoice::Named(name)) => {
            ToolChoiceMessage::Tool { name: Cow::Borrowed(name), disable_parallel_tool_use }
        }
    })
}

/// Puts a cache marker on the block in front of it; a block that takes none, as reasoning, leaves
/// the marker to the block before.
fn mark_cache<'a>(blocks: &mut [ContentBlock<'a>], mark: &'a Value) {
    let slot = blocks.iter_mut().rev().find_map(|block| match block {
        ContentBlock::Text { cache_control, .. }
        | ContentBlock::Image { cache_control, .. }
        | ContentBlock::ToolUse { cache_control, .. }
        | ContentBlock::ToolResult { cache_control, .. } => Some(cache_control),
        _ => None,
    });
    if let Some(slot) = slot {
        *slot = Some(Cow::Borrowed(mark));
    }
}
