use std::borrow::Cow;

use cascade_core::{
    ChatRequest, Error, ImageSource, Message, Part, ResponseFormat, Result, Role, Tool, ToolChoice,
};
use serde_json::{Map, Value};

use super::{
    FunctionTool, InputPart, Item, ItemContent, OutputPart, Reasoning, ReasoningText,
    ResponsesRequest, ResponsesToolChoice, TextFormat, TextOptions,
};
use crate::wire::signature::{SignatureOwner, own_signature};

/// Number of alternatives asked for with each token's log-probability.
const TOP_LOGPROBS: u8 = 5;

/// What a model accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodeRules {
    /// Whether `temperature` and `top_p` are accepted.
    pub sampling: bool,
    /// Whether log-probabilities can be asked for.
    pub logprobs: bool,
}

impl Default for EncodeRules {
    fn default() -> Self {
        Self { sampling: true, logprobs: true }
    }
}

/// `request` in this dialect. The format knows no seed and no stop texts. Nothing is kept by the
/// provider, as with chat completions, so reasoning is asked for in its encrypted form and goes
/// back in it.
///
/// The chat-completions names of two parameters are understood among the extra ones:
/// `reasoning_effort` and `verbosity`.
///
/// # Errors
/// A validation error when a message cannot be expressed.
pub fn encode_request(
    request: &ChatRequest,
    rules: EncodeRules,
    stream: bool,
) -> Result<ResponsesRequest<'_>> {
    let mut input = Vec::with_capacity(request.messages.len());
    for (index, message) in request.messages.iter().enumerate() {
        encode_message(message, index, &mut input)?;
    }
    let has_tools = !request.tools.is_empty();
    let logprobs = request.logprobs && rules.logprobs;
    let mut include = Vec::new();
    if !rules.sampling {
        include.push(Cow::Borrowed("reasoning.encrypted_content"));
    }
    if logprobs {
        include.push(Cow::Borrowed("message.output_text.logprobs"));
    }
    let word = |name: &str| request.extra.get(name).and_then(Value::as_str).map(Cow::Borrowed);
    let format = encode_format(request.response_format.as_deref());
    let verbosity = word("verbosity");
    Ok(ResponsesRequest {
        model: Cow::Borrowed(&request.model),
        instructions: request.system.as_deref().filter(|text| !text.is_empty()).map(Cow::Borrowed),
        input,
        max_output_tokens: request.max_tokens,
        temperature: request.temperature.filter(|_| rules.sampling),
        top_p: request.top_p.filter(|_| rules.sampling),
        tools: has_tools.then(|| request.tools.iter().map(encode_tool).collect()),
        tool_choice: request.tool_choice.as_ref().filter(|_| has_tools).map(encode_tool_choice),
        text: (format.is_some() || verbosity.is_some())
            .then_some(TextOptions { format, verbosity }),
        reasoning: word("reasoning_effort")
            .map(|effort| Reasoning { effort: Some(effort), summary: None }),
        include: (!include.is_empty()).then_some(include),
        top_logprobs: logprobs.then_some(TOP_LOGPROBS),
        store: Some(false),
        stream,
        extra: Map::new(),
    })
}

/// The extra parameters that are not already written under their name in this format.
pub(crate) fn encode_extra(extra: &Map<String, Value>) -> Map<String, Value> {
    extra
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "api" | "reasoning_effort" | "verbosity"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn encode_format(format: Option<&ResponseFormat>) -> Option<TextFormat<'_>> {
    match format {
        None | Some(ResponseFormat::Text) => None,
        Some(ResponseFormat::JsonObject) => Some(TextFormat::JsonObject),
        Some(ResponseFormat::JsonSchema { name, schema, strict }) => Some(TextFormat::JsonSchema {
            name: Cow::Borrowed(name),
            schema: Cow::Borrowed(schema),
            strict: *strict,
        }),
    }
}

/// Appends the items that `message` is.
fn encode_message<'a>(message: &'a Message, index: usize, input: &mut Vec<Item<'a>>) -> Result<()> {
    let is_assistant = message.role == Role::Assistant;
    let mut said = Vec::new();
    let mut answered = Vec::new();
    let mut calls = Vec::new();
    let items_before = input.len();
    for part in &message.parts {
        match part {
            Part::Text { text, .. } if is_assistant => answered.push(OutputPart::OutputText {
                text: text.clone(),
                annotations: Vec::new(),
                logprobs: None,
            }),
            Part::Text { text, .. } => {
                said.push(InputPart::InputText { text: Cow::Borrowed(text) });
            }
            Part::Image { source } => {
                said.push(InputPart::InputImage { image_url: image_url(source), detail: None });
            }
            Part::ToolCall(call) => calls.push(Item::FunctionCall {
                id: None,
                call_id: Cow::Borrowed(&call.id),
                name: Cow::Borrowed(&call.name),
                arguments: Cow::Borrowed(&call.arguments),
                status: None,
            }),
            Part::ToolResult { call_id, content, .. } => input.push(Item::FunctionCallOutput {
                call_id: Cow::Borrowed(call_id),
                output: Cow::Borrowed(content),
            }),
            Part::CacheMark { .. } => {}
            Part::Thinking { text, signature, redacted } => {
                input.extend(encode_reasoning(text, signature.as_deref(), redacted.as_deref()));
            }
        }
    }
    let has_results =
        input[items_before..].iter().any(|item| matches!(item, Item::FunctionCallOutput { .. }));
    if message.role == Role::Tool && !has_results {
        return Err(Error::validation(
            format!("messages[{index}]"),
            "tool message has no tool result",
            "give the id of the call that it answers",
        ));
    }
    let role = match message.role {
        Role::System => "developer",
        Role::User | Role::Tool => "user",
        Role::Assistant => "assistant",
    };
    let mut push = |content| {
        input.push(Item::Message { id: None, role: Cow::Borrowed(role), content, status: None });
    };
    if !answered.is_empty() {
        push(ItemContent::Output(answered));
    }
    match said.as_mut_slice() {
        [] => {}
        [InputPart::InputText { text }] => push(ItemContent::Text(std::mem::take(text))),
        _ => push(ItemContent::Input(said)),
    }
    input.append(&mut calls);
    Ok(())
}

/// Reasoning that this provider encrypted; `None` when it is another's.
fn encode_reasoning<'a>(
    text: &str,
    signature: Option<&'a str>,
    redacted: Option<&'a str>,
) -> Option<Item<'a>> {
    let id = own_signature(SignatureOwner::OpenAi, signature?)?;
    let summary = if text.is_empty() {
        Vec::new()
    } else {
        vec![ReasoningText { kind: "summary_text".into(), text: text.to_owned() }]
    };
    Some(Item::Reasoning {
        id: Some(Cow::Borrowed(id)),
        summary,
        content: None,
        encrypted_content: Some(Cow::Borrowed(redacted?)),
    })
}

fn image_url(source: &ImageSource) -> Cow<'_, str> {
    match source {
        ImageSource::Url { url } => Cow::Borrowed(url),
        ImageSource::Base64 { media_type, data } => {
            Cow::Owned(format!("data:{media_type};base64,{data}"))
        }
    }
}

fn encode_tool(tool: &Tool) -> FunctionTool<'_> {
    FunctionTool {
        kind: Cow::Borrowed("function"),
        name: Cow::Borrowed(&tool.name),
        description: (!tool.description.is_empty()).then(|| Cow::Borrowed(&*tool.description)),
        parameters: Cow::Borrowed(&tool.parameters),
        strict: tool.strict.unwrap_or(false),
    }
}

fn encode_tool_choice(choice: &ToolChoice) -> ResponsesToolChoice<'_> {
    let mode = match choice {
        ToolChoice::Auto => "auto",
        ToolChoice::None => "none",
        ToolChoice::Required => "required",
        ToolChoice::Named(name) => {
            return ResponsesToolChoice::Named {
                kind: Cow::Borrowed("function"),
                name: Cow::Borrowed(name),
            };
        }
    };
    ResponsesToolChoice::Mode(Cow::Borrowed(mode))
}
