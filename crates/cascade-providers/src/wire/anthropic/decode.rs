use cascade_core::{ChatResponse, FinishReason, Part, ServiceTier, ToolCall, Usage};
use serde_json::{Map, Value};

use super::{ContentBlock, MessageResponse, MessageUsage};
use crate::wire::WireFault;

/// Reads a plain answer.
///
/// # Errors
/// A fault when it is an error report, or not an answer of this dialect.
pub fn decode_response(body: &[u8]) -> Result<ChatResponse, WireFault> {
    let message: MessageResponse = match serde_json::from_slice(body) {
        Ok(message) => message,
        Err(error) => return Err(reported(body).unwrap_or(WireFault::from_json("answer", &error))),
    };
    if message.content.is_none() {
        return Err(
            reported(body).unwrap_or_else(|| WireFault::Malformed("answer has no content".into()))
        );
    }
    Ok(into_chat_response(message))
}

/// The error report that `body` is; `None` when it is none.
fn reported(body: &[u8]) -> Option<WireFault> {
    let value: Value = serde_json::from_slice(body).ok()?;
    value.get("error")?;
    Some(WireFault::Reported(value))
}

/// Turns an answer into the core's. Blocks of unknown kinds are passed over.
pub fn into_chat_response(message: MessageResponse) -> ChatResponse {
    let mut response = ChatResponse {
        model: message.model,
        finish_reason: message.stop_reason.as_deref().map(finish_reason_of),
        request_id: message.id,
        ..ChatResponse::default()
    };
    for block in message.content.unwrap_or_default() {
        match block {
            ContentBlock::Text { text, .. } => response.content.push_str(&text),
            ContentBlock::ToolUse { id, name, input, .. } => response.tool_calls.push(ToolCall {
                id: id.into_owned(),
                name: name.into_owned(),
                arguments: arguments_text(&input),
            }),
            ContentBlock::Thinking { thinking, signature } => {
                response.thinking.push(Part::Thinking {
                    text: thinking.into_owned(),
                    signature: Some(signature.into_owned()).filter(|text| !text.is_empty()),
                    redacted: None,
                });
            }
            ContentBlock::RedactedThinking { data } => response.thinking.push(Part::Thinking {
                text: String::new(),
                signature: None,
                redacted: Some(data.into_owned()),
            }),
            ContentBlock::Image { .. }
            | ContentBlock::ToolResult { .. }
            | ContentBlock::Unknown(_) => {}
        }
    }
    let mut metadata = Map::new();
    if let Some(text) = message.stop_sequence {
        metadata.insert("stop_sequence".into(), Value::String(text));
    }
    if let Some(tier) = message.usage.as_ref().and_then(|usage| usage.service_tier.clone()) {
        metadata.insert("service_tier".into(), Value::String(tier));
    }
    response.metadata = metadata;
    response.usage = message.usage.and_then(|usage| into_usage(&usage));
    response
}

/// A text stands for arguments that were cut and are not JSON.
fn arguments_text(input: &Value) -> String {
    match input {
        Value::String(text) => text.clone(),
        Value::Null => "{}".to_owned(),
        other => other.to_string(),
    }
}

fn finish_reason_of(reason: &str) -> FinishReason {
    match reason {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "refusal" => FinishReason::Refusal,
        _ => FinishReason::Other,
    }
}

/// Adds the cached parts to the prompt, which this dialect counts apart; `None` when neither count
/// is given.
fn into_usage(usage: &MessageUsage) -> Option<Usage> {
    if usage.input_tokens.is_none() && usage.output_tokens.is_none() {
        return None;
    }
    let read = usage.cache_read_input_tokens.unwrap_or(0);
    let by_lifetime = usage.cache_creation.unwrap_or_default();
    let hour = by_lifetime.ephemeral_1h_input_tokens;
    let split = by_lifetime.ephemeral_5m_input_tokens.saturating_add(hour);
    let written = usage.cache_creation_input_tokens.unwrap_or(0).max(split);
    let input = usage.input_tokens.unwrap_or(0).saturating_add(read).saturating_add(written);
    let mut counts = Usage::new(input, usage.output_tokens.unwrap_or(0));
    counts.reasoning_tokens = usage.output_tokens_details.unwrap_or_default().thinking_tokens;
    counts.cached_input_tokens = read;
    counts.cache_write_5m_tokens = written.saturating_sub(hour);
    counts.cache_write_1h_tokens = hour;
    counts.service_tier = usage.service_tier.as_deref().and_then(ServiceTier::named);
    Some(counts)
}
