use cascade_core::{ChatResponse, FinishReason, Part, ServiceTier, TokenLogprob, ToolCall, Usage};
use serde_json::{Map, Value};

use super::{Item, ItemContent, OutputLogprob, OutputPart, ResponseObject, ResponsesUsage};
use crate::wire::WireFault;
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
        usage: response.usage.and_then(|usage| into_usage(usage, response.service_tier.as_deref())),
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
            Item::Reasoning { id, summary, content, encrypted_content } => {
                let shown = if summary.is_empty() { content.unwrap_or_default() } else { summary };
                let texts: Vec<&str> = shown.iter().map(|piece| piece.text.as_str()).collect();
                let text = texts.join("\n\n");
                if text.is_empty() && encrypted_content.is_none() {
                    continue;
                }
                answer.thinking.push(Part::Thinking {
                    text,
                    signature: id.map(|id| tag(SignatureOwner::OpenAi, &id)),
                    redacted: encrypted_content.map(std::borrow::Cow::into_owned),
                });
            }
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

fn into_usage(usage: ResponsesUsage, tier: Option<&str>) -> Option<Usage> {
    if usage.input_tokens.is_none() && usage.output_tokens.is_none() {
        return None;
    }
    let mut counts = Usage::new(usage.input_tokens.unwrap_or(0), usage.output_tokens.unwrap_or(0));
    counts.cached_input_tokens = usage.input_tokens_details.unwrap_or_default().cached_tokens;
    counts.reasoning_tokens = usage.output_tokens_details.unwrap_or_default().reasoning_tokens;
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
