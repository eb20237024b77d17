use cascade_core::{ChatResponse, FinishReason, Part, ServiceTier, TokenLogprob, ToolCall, Usage};
use serde_json::{Map, Value};

use super::{Item, ItemContent, OutputLogprob, OutputPart, ResponseObject, ResponsesUsage};
use crate::wire::WireFault;
use crate::wire::openai::cost_of;
use crate::wire::signature::{SignatureOwner, tag};

/// Reads a plain answer.
///
/// # Errors
/// A fault when it is an error report, or not an answer of this dialect.
pub fn decode_response(body: &[u8]) -> Result<ChatResponse, WireFault> {
    match serde_json::from_slice(body) {
        Ok(response) => into_chat_response(response),
        Err(error) => Err(WireFault::from_json("answer", &error)),
    }
}

/// Turns an answer into the core's. Items of unknown kinds are passed over; the annotations of the
/// texts stay in the metadata.
///
/// # Errors
/// A fault when it failed or has no output.
pub fn into_chat_response(response: ResponseObject) -> Result<ChatResponse, WireFault> {
    if let Some(error) = response.error.filter(|error| !error.is_null()) {
        return Err(WireFault::Reported(serde_json::json!({ "error": error })));
    }
    let Some(output) = response.output else {
        return Err(WireFault::Malformed("answer has no output".into()));
    };
    let mut answer = ChatResponse {
        model: response.model,
        request_id: response.id,
        reported_cost: response.usage.as_ref().and_then(|usage| cost_of(usage.cost.as_ref()?)),
        usage: response
            .usage
            .and_then(|usage| into_usage(&usage, response.service_tier.as_deref())),
        ..ChatResponse::default()
    };
    let mut refusal = String::new();
    let mut annotations = Vec::new();
    let mut logprobs = Vec::new();
    for item in output {
        match item {
            Item::Message { content, .. } => match content {
                ItemContent::Text(text) => answer.content.push_str(&text),
                ItemContent::Input(_) => {}
                ItemContent::Output(parts) => {
                    for part in parts {
                        match part {
                            OutputPart::OutputText { text, annotations: quoted, logprobs: own } => {
                                answer.content.push_str(&text);
                                annotations.extend(quoted);
                                logprobs.extend(own.unwrap_or_default());
                            }
                            OutputPart::Refusal { refusal: text } => refusal.push_str(&text),
                            OutputPart::Unknown(_) => {}
                        }
                    }
                }
            },
            Item::FunctionCall { call_id, name, arguments, .. } => {
                answer.tool_calls.push(ToolCall {
                    id: call_id.into_owned(),
                    name: name.into_owned(),
                    arguments: arguments.into_owned(),
                });
            }
            item @ Item::Reasoning { .. } => answer.thinking.extend(item.thinking()),
            Item::FunctionCallOutput { .. } | Item::Unknown(_) => {}
        }
    }
    let reason = response.incomplete_details.and_then(|details| details.reason);
    answer.finish_reason = match (response.status.as_deref(), reason.as_deref()) {
        _ if !refusal.is_empty() => Some(FinishReason::Refusal),
        (_, Some("max_output_tokens")) => Some(FinishReason::Length),
        (_, Some("content_filter")) => Some(FinishReason::ContentFilter),
        (Some("completed"), _) if !answer.tool_calls.is_empty() => Some(FinishReason::ToolCalls),
        (Some("completed"), _) => Some(FinishReason::Stop),
        (None, None) => None,
        _ => Some(FinishReason::Other),
    };
    if answer.content.is_empty() {
        answer.content = refusal;
    }
    answer.logprobs =
        (!logprobs.is_empty()).then(|| logprobs.into_iter().map(into_token_logprob).collect());
    let mut metadata = Map::new();
    if let Some(tier) = response.service_tier {
        metadata.insert("service_tier".into(), Value::String(tier));
    }
    if !annotations.is_empty() {
        metadata.insert("annotations".into(), Value::Array(annotations));
    }
    answer.metadata = metadata;
    Ok(answer)
}

impl Item<'_> {
    /// The reasoning that it is; `None` for an item of another kind, and for one that neither shows
    /// nor keeps any.
    pub(super) fn thinking(&self) -> Option<Part> {
        let Self::Reasoning { id, summary, content, encrypted_content } = self else { return None };
        let shown = match content {
            Some(content) if summary.is_empty() => content,
            _ => summary,
        };
        let texts: Vec<&str> = shown.iter().map(|piece| piece.text.as_str()).collect();
        let text = texts.join("\n\n");
        (!text.is_empty() || encrypted_content.is_some()).then(|| Part::Thinking {
            text,
            signature: id.as_ref().map(|id| tag(SignatureOwner::OpenAi, id)),
            redacted: encrypted_content.as_ref().map(|text| text.clone().into_owned()),
        })
    }
}

fn into_usage(usage: &ResponsesUsage, tier: Option<&str>) -> Option<Usage> {
    if usage.input_tokens.is_none() && usage.output_tokens.is_none() {
        return None;
    }
    let mut counts = Usage::new(usage.input_tokens.unwrap_or(0), usage.output_tokens.unwrap_or(0));
    let input = usage.input_tokens_details.unwrap_or_default();
    let output = usage.output_tokens_details.unwrap_or_default();
    counts.cached_input_tokens = input.cached_tokens;
    counts.cache_write_5m_tokens = input.cache_write_tokens.unwrap_or(0);
    counts.audio_input_tokens = input.audio_tokens.unwrap_or(0);
    counts.image_input_tokens = input.image_tokens.unwrap_or(0);
    counts.reasoning_tokens = output.reasoning_tokens;
    counts.audio_output_tokens = output.audio_tokens.unwrap_or(0);
    counts.image_output_tokens = output.image_tokens.unwrap_or(0);
    counts.service_tier = tier.and_then(ServiceTier::named);
    Some(counts)
}

fn into_token_logprob(entry: OutputLogprob) -> TokenLogprob {
    TokenLogprob {
        token: entry.token,
        logprob: entry.logprob,
        top: entry.top_logprobs.into_iter().map(|top| (top.token, top.logprob)).collect(),
    }
}
