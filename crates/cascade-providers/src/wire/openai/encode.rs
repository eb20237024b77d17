use std::borrow::Cow;

use cascade_core::{
    ChatRequest, Error, ImageSource, Message, Part, ResponseFormat, Result, Role, Tool, ToolChoice,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    ChatCompletionRequest, ChatMessage, Content, ContentPart, FunctionCall, FunctionDefinition,
    ImageUrl, JsonSchemaFormat, LogprobsRequest, NamedFunction, RequestFormat, Stop, StreamOptions,
    ToolCallMessage, ToolChoiceMessage, ToolDefinition, ToolKind, reasoning_details,
};

/// Number of alternatives asked for with each token's log-probability.
pub(super) const TOP_LOGPROBS: u8 = 5;

/// How log-probabilities are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogprobsStyle {
    /// Not at all: the provider gives none or refuses the parameter.
    None,
    /// A flag, and a number of alternatives.
    #[default]
    Flag,
    /// A number of alternatives in the flag's place.
    Count,
}

/// What the provider can be made to answer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StructuredOutput {
    /// JSON by a schema.
    #[default]
    JsonSchema,
    /// Any JSON object; a schema is put into the system prompt instead.
    JsonObject,
}

/// In which form the model's reasoning goes back to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningBack {
    /// Not at all: the server does not take it back.
    #[default]
    None,
    /// As text, while a round of tools goes on.
    Content,
    /// As the details it came with.
    Details,
}

/// What a server and a model accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodeRules {
    /// Whether the token limit goes into `max_completion_tokens`.
    pub max_completion_tokens: bool,
    /// Whether `temperature` and `top_p` are accepted.
    pub sampling: bool,
    /// How log-probabilities are asked for.
    pub logprobs: LogprobsStyle,
    /// Whether `seed` is accepted.
    pub seed: bool,
    /// What structured output there is.
    pub structured_output: StructuredOutput,
    /// Whether a stream can be asked to report usage.
    pub stream_usage: bool,
    /// Whether Anthropic's cache markers are passed on.
    pub cache_control: bool,
    /// In which form reasoning goes back.
    pub reasoning_back: ReasoningBack,
}

impl Default for EncodeRules {
    fn default() -> Self {
        Self {
            max_completion_tokens: false,
            sampling: true,
            logprobs: LogprobsStyle::Flag,
            seed: true,
            structured_output: StructuredOutput::JsonSchema,
            stream_usage: true,
            cache_control: false,
            reasoning_back: ReasoningBack::None,
        }
    }
}

/// `request` in this dialect. Reasoning is left out but where the server wants it back.
///
/// # Errors
/// A validation error when a message cannot be expressed.
pub fn encode_request(
    request: &ChatRequest,
    rules: EncodeRules,
    stream: bool,
) -> Result<ChatCompletionRequest<'_>> {
    let (response_format, instruction) = encode_format(request, rules.structured_output);
    let mut messages = Vec::with_capacity(request.messages.len() + 1);
    if let Some(system) = system_text(request.system.as_deref(), instruction) {
        messages.push(plain_message("system", system));
    }
    let turn = request.messages.iter().rposition(is_question).map_or(0, |last| last + 1);
    for (index, message) in request.messages.iter().enumerate() {
        let rules = match rules.reasoning_back {
            // The reasoning of turns that are over is of no more use.
            ReasoningBack::Content if index < turn => {
                EncodeRules { reasoning_back: ReasoningBack::None, ..rules }
            }
            _ => rules,
        };
        encode_message(message, index, rules, &mut messages)?;
    }
    let (max_tokens, max_completion_tokens) = if rules.max_completion_tokens {
        (None, request.max_tokens)
    } else {
        (request.max_tokens, None)
    };
    let (logprobs, top_logprobs) = match rules.logprobs {
        LogprobsStyle::Flag if request.logprobs => {
            (Some(LogprobsRequest::Flag(true)), Some(TOP_LOGPROBS))
        }
        LogprobsStyle::Count if request.logprobs => (Some(LogprobsRequest::Count(1)), None),
        _ => (None, None),
    };
    let has_tools = !request.tools.is_empty();
    Ok(ChatCompletionRequest {
        model: Cow::Borrowed(&request.model),
        messages,
        max_tokens,
        max_completion_tokens,
        temperature: request.temperature.filter(|_| rules.sampling),
        top_p: request.top_p.filter(|_| rules.sampling),
        stop: (!request.stop.is_empty())
            .then(|| Stop::Many(request.stop.iter().map(|text| Cow::Borrowed(&**text)).collect())),
        seed: request.seed.filter(|_| rules.seed),
        tools: has_tools.then(|| {
            let encode = |tool| {
                let tool = encode_tool(tool);
                ToolDefinition {
                    cache_control: tool.cache_control.filter(|_| rules.cache_control),
                    ..tool
                }
            };
            request.tools.iter().map(encode).collect()
        }),
        tool_choice: request.tool_choice.as_ref().filter(|_| has_tools).map(encode_tool_choice),
        response_format,
        logprobs,
        top_logprobs,
        stream,
        stream_options: (stream && rules.stream_usage)
            .then_some(StreamOptions { include_usage: true }),
        extra: Map::new(),
    })
}

/// The form, and what the system prompt must say where the server cannot be told.
fn encode_format(
    request: &ChatRequest,
    support: StructuredOutput,
) -> (Option<RequestFormat<'_>>, Option<String>) {
    match request.response_format.as_deref() {
        None | Some(ResponseFormat::Text) => (None, None),
        Some(ResponseFormat::JsonObject) => (Some(RequestFormat::JsonObject), None),
        Some(ResponseFormat::JsonSchema { schema, .. })
            if support == StructuredOutput::JsonObject =>
        {
            let instruction = format!("Answer with JSON that satisfies this JSON Schema: {schema}");
            (Some(RequestFormat::JsonObject), Some(instruction))
        }
        Some(ResponseFormat::JsonSchema { name, schema, strict }) => {
            let json_schema = JsonSchemaFormat {
                name: Cow::Borrowed(name),
                schema: Cow::Borrowed(schema),
                strict: *strict,
            };
            (Some(RequestFormat::JsonSchema { json_schema }), None)
        }
    }
}

fn system_text(system: Option<&str>, instruction: Option<String>) -> Option<Cow<'_, str>> {
    match (system.filter(|text| !text.is_empty()), instruction) {
        (Some(system), Some(instruction)) => Some(format!("{system}\n\n{instruction}").into()),
        (Some(system), None) => Some(Cow::Borrowed(system)),
        (None, instruction) => instruction.map(Cow::Owned),
    }
}

fn plain_message<'a>(role: &'static str, text: Cow<'a, str>) -> ChatMessage<'a> {
    ChatMessage {
        role: Cow::Borrowed(role),
        content: Some(Content::Text(text)),
        name: None,
        tool_calls: None,
        tool_call_id: None,
        reasoning_content: None,
        reasoning_details: None,
    }
}

/// Whether the user says something: a turn begins. Results of tools go on with one.
fn is_question(message: &Message) -> bool {
    let is_result = |part: &Part| matches!(part, Part::ToolResult { .. });
    message.role == Role::User && !message.parts.iter().any(is_result)
}

/// The text of reasoning that nobody signed, as the servers that want it back give it.
fn unsigned_reasoning(message: &Message) -> String {
    message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Thinking { text, signature: None, redacted: None } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// Appends `message`; its tool results become messages of their own.
fn encode_message<'a>(
    message: &'a Message,
    index: usize,
    rules: EncodeRules,
    messages: &mut Vec<ChatMessage<'a>>,
) -> Result<()> {
    let mut content = Vec::new();
    let mut tool_calls = Vec::new();
    let results_before = messages.len();
    for part in &message.parts {
        match part {
            Part::Text { text, cache_control } => content.push(ContentPart::Text {
                text: Cow::Borrowed(text),
                cache_control: cache_control.clone().filter(|_| rules.cache_control),
            }),
            Part::Image { source } => content.push(ContentPart::ImageUrl {
                image_url: ImageUrl { url: image_url(source), detail: None },
            }),
            Part::ToolCall(call) => tool_calls.push(ToolCallMessage {
                id: Cow::Borrowed(&call.id),
                kind: ToolKind::Function,
                function: FunctionCall {
                    name: Cow::Borrowed(&call.name),
                    arguments: Cow::Borrowed(&call.arguments),
                },
            }),
            Part::ToolResult { call_id, content, .. } => messages.push(ChatMessage {
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
        // Results of tools already stand in messages of their own; other words around them are the
        // user's.
        Role::Tool if messages.len() > results_before => "user",
        Role::Tool => return Err(tool_without_result(index)),
    };
    let reasoning = match rules.reasoning_back {
        ReasoningBack::Content => unsigned_reasoning(message),
        ReasoningBack::None | ReasoningBack::Details => String::new(),
    };
    let details: Vec<Value> = match rules.reasoning_back {
        ReasoningBack::Details => {
            message.parts.iter().flat_map(reasoning_details::of_part).collect()
        }
        ReasoningBack::None | ReasoningBack::Content => Vec::new(),
    };
    messages.push(ChatMessage {
        role: Cow::Borrowed(role),
        content: encode_content(content),
        name: message.name.as_deref().map(Cow::Borrowed),
        tool_calls: (!tool_calls.is_empty()).then_some(tool_calls),
        tool_call_id: None,
        reasoning_content: (!reasoning.is_empty()).then_some(Cow::Owned(reasoning)),
        reasoning_details: (!details.is_empty()).then_some(details),
    });
    Ok(())
}

fn tool_without_result(index: usize) -> Error {
    Error::validation(
        format!("messages[{index}]"),
        "tool message has no tool result",
        "give the id of the call that it answers",
    )
}

fn encode_content(mut parts: Vec<ContentPart<'_>>) -> Option<Content<'_>> {
    if let [ContentPart::Text { cache_control: None, text }] = parts.as_mut_slice() {
        return Some(Content::Text(std::mem::take(text)));
    }
    (!parts.is_empty()).then_some(Content::Parts(parts))
}

fn image_url(source: &ImageSource) -> Cow<'_, str> {
    match source {
        ImageSource::Url { url } => Cow::Borrowed(url),
        ImageSource::Base64 { media_type, data } => {
            Cow::Owned(format!("data:{media_type};base64,{data}"))
        }
    }
}

pub(crate) fn encode_tool(tool: &Tool) -> ToolDefinition<'_> {
    ToolDefinition {
        kind: ToolKind::Function,
        function: FunctionDefinition {
            name: Cow::Borrowed(&tool.name),
            description: (!tool.description.is_empty()).then(|| Cow::Borrowed(&*tool.description)),
            parameters: Some(Cow::Borrowed(&tool.parameters)),
            strict: tool.strict,
        },
        cache_control: tool.cache_control.as_ref().map(Cow::Borrowed),
    }
}

fn encode_tool_choice(choice: &ToolChoice) -> ToolChoiceMessage<'_> {
    let mode = match choice {
        ToolChoice::Auto => "auto",
        ToolChoice::None => "none",
        ToolChoice::Required => "required",
        ToolChoice::Named(name) => {
            return ToolChoiceMessage::Named {
                kind: ToolKind::Function,
                function: NamedFunction { name: Cow::Borrowed(name) },
            };
        }
    };
    ToolChoiceMessage::Mode(Cow::Borrowed(mode))
}
