use std::borrow::Cow;

use cascade_core::{ChatResponse, Error, ErrorKind, FinishReason, Part, ServiceTier, Usage};
use serde_json::{Map, Value, json};

use super::{CacheCreation, ContentBlock, MessageResponse, MessageUsage, OutputTokensDetails};
use crate::wire::AnswerFrame;
use crate::wire::signature::with_encrypted;

/// `response` as a server of this dialect gives it.
pub fn encode_response(response: &ChatResponse, frame: &AnswerFrame) -> MessageResponse {
    let mut content: Vec<ContentBlock<'static>> =
        response.thinking.iter().filter_map(encode_thinking).collect();
    if !response.content.is_empty() {
        let text = Cow::Owned(response.content.clone());
        content.push(ContentBlock::Text { text, cache_control: None });
    }
    content.extend(response.tool_calls.iter().map(|call| ContentBlock::ToolUse {
        id: Cow::Owned(call.id.clone()),
        name: Cow::Owned(call.name.clone()),
        // Arguments that are not JSON, as when they were cut, stay as the text that came.
        input: call.parsed_arguments().unwrap_or_else(|| Value::String(call.arguments.clone())),
        cache_control: None,
    }));
    MessageResponse {
        content: Some(content),
        stop_reason: Some(encode_stop_reason(response).to_owned()),
        stop_sequence: stop_sequence(response),
        usage: Some(MessageUsage {
            service_tier: service_tier(response),
            ..response.usage.as_ref().map(encode_usage).unwrap_or_default()
        }),
        ..empty_message(frame)
    }
}

pub(super) fn empty_message(frame: &AnswerFrame) -> MessageResponse {
    MessageResponse {
        id: Some(frame.id.clone()),
        kind: Some("message".into()),
        role: Some("assistant".into()),
        model: Some(frame.model.clone()),
        content: Some(Vec::new()),
        stop_reason: None,
        stop_sequence: None,
        usage: None,
    }
}

pub(super) fn encode_thinking(part: &Part) -> Option<ContentBlock<'static>> {
    let Part::Thinking { text, signature, redacted } = part else { return None };
    Some(match redacted {
        Some(data) if signature.is_none() => {
            ContentBlock::RedactedThinking { data: Cow::Owned(data.clone()) }
        }
        _ => ContentBlock::Thinking {
            thinking: Cow::Owned(text.clone()),
            signature: Cow::Owned(
                signature
                    .as_deref()
                    .map(|signature| with_encrypted(signature, redacted.as_deref()))
                    .unwrap_or_default(),
            ),
        },
    })
}

pub(super) fn stop_sequence(response: &ChatResponse) -> Option<String> {
    response.metadata.get("stop_sequence").and_then(Value::as_str).map(str::to_owned)
}

/// The format has no word for a content filter but its refusal.
pub(super) fn encode_stop_reason(response: &ChatResponse) -> &'static str {
    match response.finish_reason {
        Some(FinishReason::Length) => "max_tokens",
        Some(FinishReason::ToolCalls) => "tool_use",
        Some(FinishReason::Refusal | FinishReason::ContentFilter) => "refusal",
        None if !response.tool_calls.is_empty() => "tool_use",
        _ if stop_sequence(response).is_some() => "stop_sequence",
        _ => "end_turn",
    }
}

/// The counts; this dialect counts cached parts of the prompt apart.
pub(super) fn encode_usage(usage: &Usage) -> MessageUsage {
    let written = usage.cache_write_5m_tokens.saturating_add(usage.cache_write_1h_tokens);
    let apart = usage.cached_input_tokens.saturating_add(written);
    MessageUsage {
        input_tokens: Some(usage.input_tokens.saturating_sub(apart)),
        output_tokens: Some(usage.output_tokens),
        output_tokens_details: (usage.reasoning_tokens > 0)
            .then_some(OutputTokensDetails { thinking_tokens: usage.reasoning_tokens }),
        cache_creation_input_tokens: Some(written),
        cache_read_input_tokens: Some(usage.cached_input_tokens),
        cache_creation: (written > 0).then_some(CacheCreation {
            ephemeral_5m_input_tokens: usage.cache_write_5m_tokens,
            ephemeral_1h_input_tokens: usage.cache_write_1h_tokens,
        }),
        service_tier: None,
    }
}

pub(super) fn service_tier(response: &ChatResponse) -> Option<String> {
    let written = response.metadata.get("service_tier").and_then(Value::as_str).map(str::to_owned);
    // The format has three words for it.
    written.or_else(|| {
        let word = match response.usage.as_ref()?.service_tier? {
            ServiceTier::Standard => "standard",
            ServiceTier::Batch => "batch",
            ServiceTier::Priority | ServiceTier::Ultrafast => "priority",
            ServiceTier::Flex => return None,
        };
        Some(word.to_owned())
    })
}

/// `error` as the body of an error answer of this dialect, and as the event of one.
pub fn encode_error(error: &Error) -> Value {
    let kind = match error.kind() {
        ErrorKind::Auth => "authentication_error",
        ErrorKind::Permission => "permission_error",
        ErrorKind::NotFound => "not_found_error",
        ErrorKind::Config
        | ErrorKind::Validation
        | ErrorKind::InvalidRequest
        | ErrorKind::ContextLength
        | ErrorKind::ContentFilter => "invalid_request_error",
        ErrorKind::RateLimit => "rate_limit_error",
        ErrorKind::Quota | ErrorKind::Budget => "billing_error",
        ErrorKind::Timeout => "timeout_error",
        ErrorKind::Overloaded | ErrorKind::AllAttemptsFailed => "overloaded_error",
        _ => "api_error",
    };
    let mut body = Map::new();
    body.insert("type".into(), Value::from("error"));
    body.insert("error".into(), json!({ "type": kind, "message": error.to_string() }));
    if let Some(id) = error.request_id() {
        body.insert("request_id".into(), Value::from(id));
    }
    Value::Object(body)
}
