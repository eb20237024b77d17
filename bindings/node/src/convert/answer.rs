//! Answers of models: what a user's class returns, and what a built-in provider gives back.

use cascadeflow::chat_json::{Fields, read_message, read_tool_calls, write_tool_call};
use cascadeflow::ports::Embeddings;
use cascadeflow::{
    ChatResponse, Error, ErrorKind, FinishReason, Part, ResponseDelta, Result, TokenLogprob,
    ToolCallDelta, Usd,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::usage::{UsageDetailsView, read_usage};

/// Names of finish reasons across providers and what they mean.
const FINISH_REASONS: [(&str, FinishReason); 11] = [
    ("stop", FinishReason::Stop),
    ("end_turn", FinishReason::Stop),
    ("stop_sequence", FinishReason::Stop),
    ("length", FinishReason::Length),
    ("max_tokens", FinishReason::Length),
    ("tool_calls", FinishReason::ToolCalls),
    ("tool_use", FinishReason::ToolCalls),
    ("function_call", FinishReason::ToolCalls),
    ("content_filter", FinishReason::ContentFilter),
    ("refusal", FinishReason::Refusal),
    ("other", FinishReason::Other),
];

fn finish_reason(name: &str) -> FinishReason {
    FINISH_REASONS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(FinishReason::Other, |(_, reason)| *reason)
}

/// The published `ProviderResponse` that `method` of the class `class` returned.
pub(crate) fn read_answer(text: &str, class: &str, method: &str) -> Result<ChatResponse> {
    answer_fields(text, class, method)
        .and_then(|mut fields| read_response(&mut fields, true))
        .map_err(|error| returned_wrong(&error, class, method))
}

/// A draft as the shared tests write it; nothing is required of it.
pub(crate) fn read_draft(value: Value) -> Result<ChatResponse> {
    let mut fields = Fields::new("draft", value)?;
    let mut response = read_response(&mut fields, false)?;
    if let Some(chunks) = fields.take::<Vec<String>>("chunks")? {
        response.content = chunks.concat();
    }
    response.finish_reason.get_or_insert(FinishReason::Stop);
    Ok(response)
}

fn answer_fields(text: &str, class: &str, method: &str) -> Result<Fields> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Error::new(ErrorKind::UserCode, format!("`{class}.{method}` returned no JSON: {error}"))
    })?;
    Fields::new("response", value)
}

fn returned_wrong(error: &Error, class: &str, method: &str) -> Error {
    let wrong = Error::new(
        ErrorKind::UserCode,
        format!(
            "`{method}` of provider class `{class}` returned the wrong type: {}",
            error.message()
        ),
    )
    .with_hint("return an object with at least `content`, a string");
    match error.field() {
        Some(field) => wrong.with_field(field),
        None => wrong,
    }
}

fn read_response(fields: &mut Fields, require_content: bool) -> Result<ChatResponse> {
    let content: Option<String> = fields.take("content")?;
    let tool_calls = match fields.take_value("tool_calls") {
        Some(calls) => read_tool_calls("tool_calls", &calls)?,
        None => Vec::new(),
    };
    if require_content && content.is_none() && tool_calls.is_empty() {
        return Err(Error::validation(
            "content",
            "there is neither `content` nor `tool_calls`",
            "return an object with `content`, a string",
        ));
    }
    let thinking = fields.take::<String>("thinking")?;
    let blocks = fields.take_value("content_blocks").map(read_blocks).transpose()?;
    let unsigned = || {
        let text = thinking.into_iter();
        text.map(|text| Part::Thinking { text, signature: None, redacted: None }).collect()
    };
    Ok(ChatResponse {
        content: content.unwrap_or_default(),
        tool_calls,
        // The blocks hold the same text, with its signatures.
        thinking: blocks.filter(|blocks| !blocks.is_empty()).unwrap_or_else(unsigned),
        model: fields.take("model")?,
        finish_reason: fields.take::<String>("finish_reason")?.map(|name| finish_reason(&name)),
        usage: fields.take_value("usage").map(read_usage).transpose()?.flatten(),
        logprobs: fields.take_value("logprobs").map(read_logprobs).transpose()?,
        confidence: fields.take("confidence")?,
        reported_cost: fields.take_first::<Usd>(&["reported_cost", "cost"])?,
        request_id: fields.take_first(&["request_id", "requestId"])?,
        metadata: fields.take_or_default::<Map<String, Value>>("metadata")?,
    })
}

/// The reasoning among the parts of an answer.
fn read_blocks(blocks: Value) -> Result<Vec<Part>> {
    let message = json!({"role": "assistant", "content": blocks});
    let mut parts = read_message("content_blocks", &message)?.parts;
    parts.retain(|part| matches!(part, Part::Thinking { .. }));
    Ok(parts)
}

/// Log-probabilities as plain numbers (published), or with their tokens.
fn read_logprobs(value: Value) -> Result<Vec<TokenLogprob>> {
    let malformed = |what: &Value| {
        Error::validation(
            "logprobs",
            format!("a log-probability cannot be read: `{what}`"),
            "give natural logarithms, or `{token, logprob}`",
        )
    };
    let Value::Array(items) = value else { return Err(malformed(&value)) };
    items
        .into_iter()
        .map(|item| match item.as_f64() {
            Some(logprob) => Ok(TokenLogprob { token: String::new(), logprob, top: Vec::new() }),
            None => serde_json::from_value(item.clone()).map_err(|_| malformed(&item)),
        })
        .collect()
}

/// What a stream of a user's class has given so far.
#[derive(Default)]
pub(crate) struct StreamedAnswer {
    response: ChatResponse,
    logprobs: Vec<TokenLogprob>,
}

impl StreamedAnswer {
    /// The assembled answer.
    pub(crate) fn finish(mut self) -> ChatResponse {
        if !self.logprobs.is_empty() {
            self.response.logprobs = Some(self.logprobs);
        }
        self.response
    }

    /// Adds reasoning: a piece of its text, or a whole block with its signature, which takes the place
    /// of the pieces it is made of.
    fn add_thinking(&mut self, part: Part, deltas: &mut Vec<ResponseDelta>) {
        let Part::Thinking { text, signature, redacted } = &part else { return };
        let kept = &mut self.response.thinking;
        if signature.is_none() && redacted.is_none() {
            deltas.push(ResponseDelta::Thinking(text.clone()));
            if let Some(Part::Thinking { text: open, signature: None, redacted: None }) =
                kept.last_mut()
            {
                open.push_str(text);
            } else {
                kept.push(part);
            }
            return;
        }
        let is_told = matches!(
            kept.last(),
            Some(Part::Thinking { text: open, signature: None, redacted: None }) if open == text
        );
        if is_told {
            kept.pop();
        } else if !text.is_empty() {
            deltas.push(ResponseDelta::Thinking(text.clone()));
        }
        deltas.push(ResponseDelta::ThinkingDone(part.clone()));
        kept.push(part);
    }

    fn add_call(&mut self, delta: &ToolCallDelta) {
        let calls = &mut self.response.tool_calls;
        while calls.len() <= delta.index {
            calls.push(cascadeflow::ToolCall {
                id: String::new(),
                name: String::new(),
                arguments: String::new(),
            });
        }
        let call = &mut calls[delta.index];
        if let Some(id) = &delta.id {
            call.id.clone_from(id);
        }
        if let Some(name) = &delta.name {
            call.name.clone_from(name);
        }
        call.arguments.push_str(&delta.arguments);
    }
}

/// Adds the published `StreamChunk` in `text` to `answer` and gives what is new in it.
pub(crate) fn read_chunk(
    text: &str,
    class: &str,
    answer: &mut StreamedAnswer,
) -> Result<Vec<ResponseDelta>> {
    const METHOD: &str = "stream";
    let mut read = || -> Result<Vec<ResponseDelta>> {
        let mut fields = answer_fields(text, class, METHOD)?;
        let logprob: Option<f64> = fields.take("logprob")?;
        let calls = fields.take_value("tool_calls");
        let piece = read_response(&mut fields, false)?;
        let mut deltas = Vec::new();
        for part in piece.thinking {
            answer.add_thinking(part, &mut deltas);
        }
        if let Some(logprob) = logprob {
            answer.logprobs.push(TokenLogprob {
                token: piece.content.clone(),
                logprob,
                top: Vec::new(),
            });
        }
        answer.logprobs.extend(piece.logprobs.unwrap_or_default());
        if !piece.content.is_empty() {
            answer.response.content.push_str(&piece.content);
            deltas.push(ResponseDelta::Text(piece.content));
        }
        for delta in read_call_deltas(calls, answer.response.tool_calls.len())? {
            answer.add_call(&delta);
            deltas.push(ResponseDelta::ToolCall(delta));
        }
        let response = &mut answer.response;
        response.model = piece.model.or(response.model.take());
        response.finish_reason = piece.finish_reason.or(response.finish_reason);
        response.usage = piece.usage.or(response.usage);
        response.confidence = piece.confidence.or(response.confidence);
        response.reported_cost = piece.reported_cost.or(response.reported_cost);
        response.request_id = piece.request_id.or(response.request_id.take());
        response.metadata.extend(piece.metadata);
        Ok(deltas)
    };
    read().map_err(|error| returned_wrong(&error, class, METHOD))
}

/// Fragments carry an `index` (OpenAI's form); a call without one is a whole call.
fn read_call_deltas(calls: Option<Value>, known: usize) -> Result<Vec<ToolCallDelta>> {
    let Some(Value::Array(calls)) = calls else { return Ok(Vec::new()) };
    let mut deltas = Vec::with_capacity(calls.len());
    for (position, call) in calls.into_iter().enumerate() {
        let index = call.get("index").and_then(Value::as_u64).map(usize::try_from);
        match index {
            Some(Ok(index)) => {
                let text = |path: &str| call.pointer(path).and_then(Value::as_str);
                deltas.push(ToolCallDelta {
                    index,
                    id: text("/id").map(str::to_owned),
                    name: text("/function/name").or(text("/name")).map(str::to_owned),
                    arguments: text("/function/arguments")
                        .or(text("/arguments"))
                        .unwrap_or_default()
                        .to_owned(),
                });
            }
            _ => {
                for whole in read_tool_calls("tool_calls", &Value::Array(vec![call]))? {
                    deltas.push(ToolCallDelta {
                        index: known + position,
                        id: Some(whole.id),
                        name: Some(whole.name),
                        arguments: whole.arguments,
                    });
                }
            }
        }
    }
    Ok(deltas)
}

/// The published `ProviderResponse` of a built-in provider.
#[derive(Serialize)]
pub(crate) struct AnswerView<'a> {
    content: &'a str,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageDetailsView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<FinishReason>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    content_blocks: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<f64>,
}

impl<'a> AnswerView<'a> {
    /// The view of `response`; `asked` is the model where the provider does not say.
    pub(crate) fn new(response: &'a ChatResponse, asked: &'a str) -> Self {
        let thinking: String = response
            .thinking
            .iter()
            .filter_map(|part| match part {
                Part::Thinking { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        Self {
            content: &response.content,
            model: response.model.as_deref().unwrap_or(asked),
            usage: response.usage.map(UsageDetailsView::from),
            finish_reason: response.finish_reason,
            tool_calls: response.tool_calls.iter().map(write_tool_call).collect(),
            logprobs: response
                .logprobs
                .as_ref()
                .map(|tokens| tokens.iter().map(|token| token.logprob).collect()),
            thinking: (!thinking.is_empty()).then_some(thinking),
            content_blocks: content_blocks(response),
            request_id: response.request_id.as_deref(),
            cost: response.reported_cost.map(Usd::to_f64),
        }
    }
}

/// The answer in the parts that a message is made of, reasoning with its signatures first; empty
/// where the text is all there is.
fn content_blocks(response: &ChatResponse) -> Vec<Value> {
    let mut blocks: Vec<Value> = response.thinking.iter().filter_map(thinking_block).collect();
    if !blocks.is_empty() && !response.content.is_empty() {
        blocks.push(json!({"type": "text", "text": response.content}));
    }
    blocks
}

fn thinking_block(part: &Part) -> Option<Value> {
    let Part::Thinking { text, signature, redacted } = part else { return None };
    Some(match (redacted, signature) {
        (Some(data), _) => json!({"type": "redacted_thinking", "data": data}),
        (None, Some(signature)) => {
            json!({"type": "thinking", "thinking": text, "signature": signature})
        }
        (None, None) => json!({"type": "thinking", "thinking": text}),
    })
}

/// The vectors of a built-in provider.
#[derive(Serialize)]
pub(crate) struct EmbeddingsView<'a> {
    embeddings: &'a [Vec<f32>],
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageDetailsView>,
}

impl<'a> EmbeddingsView<'a> {
    /// The view of what `model` has made.
    pub(crate) fn new(made: &'a Embeddings, model: &'a str) -> Self {
        Self { embeddings: &made.vectors, model, usage: made.usage.map(UsageDetailsView::from) }
    }
}

/// The published `StreamChunk` of a built-in provider.
#[derive(Serialize, Default)]
pub(crate) struct ChunkView<'a> {
    content: &'a str,
    done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageDetailsView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<FinishReason>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_delta: Option<&'a ToolCallDelta>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<&'a str>,
    /// Blocks of reasoning that are complete, with their signatures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    content_blocks: Vec<Value>,
}

impl<'a> From<&'a ResponseDelta> for ChunkView<'a> {
    fn from(delta: &'a ResponseDelta) -> Self {
        match delta {
            ResponseDelta::Text(text) => Self { content: text, ..Self::default() },
            ResponseDelta::Thinking(text) => Self { thinking: Some(text), ..Self::default() },
            ResponseDelta::ThinkingDone(part) => Self {
                content_blocks: thinking_block(part).into_iter().collect(),
                ..Self::default()
            },
            ResponseDelta::ToolCall(delta) => {
                Self { tool_call_delta: Some(delta), ..Self::default() }
            }
            ResponseDelta::Done(response) => Self {
                done: true,
                usage: response.usage.map(UsageDetailsView::from),
                finish_reason: response.finish_reason,
                tool_calls: response.tool_calls.iter().map(write_tool_call).collect(),
                ..Self::default()
            },
        }
    }
}
