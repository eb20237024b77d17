use cascade_core::{
    ChatResponse, Error, ErrorKind, FinishReason, Part, ServiceTier, TokenLogprob, ToolCall, Usage,
};
use serde_json::{Number, Value, json};

use super::{
    ChatCompletion, Choice, CompletionTokensDetails, CompletionUsage, LogprobEntry, Logprobs,
    PromptTokensDetails, ResponseContent, ResponseFunction, ResponseMessage, ResponseToolCall,
    TopLogprob, reasoning_details,
};
use crate::wire::AnswerFrame;

/// `response` as a server of this dialect gives it.
pub fn encode_response(response: &ChatResponse, frame: &AnswerFrame) -> ChatCompletion {
    let is_refusal = response.finish_reason == Some(FinishReason::Refusal);
    let text = Some(response.content.clone()).filter(|text| !text.is_empty());
    let (content, refusal) = if is_refusal { (None, text) } else { (text, None) };
    let reasoning = thinking_text(response);
    let details: Vec<Value> =
        response.thinking.iter().flat_map(reasoning_details::of_part).collect();
    let metadata =
        |name: &str| response.metadata.get(name).and_then(Value::as_str).map(str::to_owned);
    ChatCompletion {
        id: Some(frame.id.clone()),
        object: Some("chat.completion".into()),
        created: Some(frame.created),
        model: Some(frame.model.clone()),
        choices: vec![Choice {
            index: 0,
            message: ResponseMessage {
                role: Some("assistant".into()),
                content: content.map(ResponseContent::Text),
                refusal,
                tool_calls: (!response.tool_calls.is_empty())
                    .then(|| response.tool_calls.iter().map(encode_tool_call).collect()),
                reasoning_content: (!reasoning.is_empty()).then_some(reasoning),
                reasoning: None,
                reasoning_details: (!details.is_empty()).then_some(details),
            },
            finish_reason: Some(encode_finish_reason(response).to_owned()),
            logprobs: response.logprobs.as_deref().map(encode_logprobs),
        }],
        usage: encode_usage(response),
        system_fingerprint: metadata("system_fingerprint"),
        service_tier: metadata("service_tier").or_else(|| tier_of(response)),
        provider: metadata("provider"),
    }
}

pub(super) fn tier_of(response: &ChatResponse) -> Option<String> {
    let tier = response.usage.as_ref()?.service_tier?;
    Some(
        match tier {
            ServiceTier::Standard => "default",
            ServiceTier::Batch => "batch",
            ServiceTier::Flex => "flex",
            ServiceTier::Priority => "priority",
            ServiceTier::Ultrafast => "ultrafast",
        }
        .to_owned(),
    )
}

fn thinking_text(response: &ChatResponse) -> String {
    response
        .thinking
        .iter()
        .filter_map(|part| match part {
            Part::Thinking { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn encode_tool_call(call: &ToolCall) -> ResponseToolCall {
    ResponseToolCall {
        id: Some(call.id.clone()),
        kind: Some("function".into()),
        function: ResponseFunction { name: call.name.clone(), arguments: call.arguments.clone() },
    }
}

/// The format has one word for a refusal and a stop.
pub(super) fn encode_finish_reason(response: &ChatResponse) -> &'static str {
    match response.finish_reason {
        Some(FinishReason::Length) => "length",
        Some(FinishReason::ToolCalls) => "tool_calls",
        Some(FinishReason::ContentFilter) => "content_filter",
        None if !response.tool_calls.is_empty() => "tool_calls",
        Some(FinishReason::Stop | FinishReason::Refusal | FinishReason::Other) | None => "stop",
    }
}

/// The counts, and the cost where the provider reports it.
pub(super) fn encode_usage(response: &ChatResponse) -> Option<CompletionUsage> {
    let usage: &Usage = response.usage.as_ref()?;
    let cost = response
        .reported_cost
        .and_then(|cost| cost.to_string().parse::<Number>().ok())
        .map(Value::Number);
    let written = usage.cache_write_5m_tokens.saturating_add(usage.cache_write_1h_tokens);
    Some(CompletionUsage {
        prompt_tokens: Some(usage.input_tokens),
        completion_tokens: Some(usage.output_tokens),
        total_tokens: Some(usage.total_tokens()),
        prompt_tokens_details: Some(PromptTokensDetails {
            cached_tokens: Some(usage.cached_input_tokens),
            audio_tokens: Some(usage.audio_input_tokens),
            image_tokens: some_if_any(usage.image_input_tokens),
            cache_write_tokens: some_if_any(written),
        }),
        completion_tokens_details: Some(CompletionTokensDetails {
            reasoning_tokens: Some(usage.reasoning_tokens),
            audio_tokens: Some(usage.audio_output_tokens),
            image_tokens: some_if_any(usage.image_output_tokens),
        }),
        prompt_cache_hit_tokens: None,
        cached_tokens: None,
        cost,
    })
}

fn some_if_any(count: u64) -> Option<u64> {
    (count > 0).then_some(count)
}

pub(super) fn encode_logprobs(tokens: &[TokenLogprob]) -> Logprobs {
    let content = tokens
        .iter()
        .map(|token| LogprobEntry {
            token: token.token.clone(),
            logprob: token.logprob,
            bytes: Some(token.token.as_bytes().to_vec()),
            top_logprobs: Some(
                token
                    .top
                    .iter()
                    .map(|(token, logprob)| TopLogprob { token: token.clone(), logprob: *logprob })
                    .collect(),
            ),
        })
        .collect();
    Logprobs::Entries { content }
}

/// `error` as the body of an error answer of this dialect.
pub fn encode_error(error: &Error) -> Value {
    let (kind, code) = match error.kind() {
        ErrorKind::Auth => ("authentication_error", Some("invalid_api_key")),
        ErrorKind::Permission => ("permission_error", None),
        ErrorKind::NotFound => ("not_found_error", Some("model_not_found")),
        ErrorKind::ContextLength => ("invalid_request_error", Some("context_length_exceeded")),
        ErrorKind::ContentFilter => ("invalid_request_error", Some("content_filter")),
        ErrorKind::Config | ErrorKind::Validation | ErrorKind::InvalidRequest => {
            ("invalid_request_error", None)
        }
        ErrorKind::RateLimit => ("rate_limit_error", Some("rate_limit_exceeded")),
        ErrorKind::Quota | ErrorKind::Budget => ("insufficient_quota", Some("insufficient_quota")),
        ErrorKind::Timeout => ("timeout_error", Some("timeout")),
        _ => ("server_error", None),
    };
    json!({ "error": {
        "message": error.to_string(),
        "type": kind,
        "param": error.field(),
        "code": code,
    } })
}
