use cascade_core::{
    ChatResponse, FinishReason, Part, ServiceTier, TokenLogprob, ToolCall, Usage, Usd,
};
use serde_json::{Map, Value};

use super::{
    ChatCompletion, CompletionUsage, Logprobs, ResponseContent, ResponseToolCall, reasoning_details,
};
use crate::wire::WireFault;

/// Reads a plain answer.
///
/// # Errors
/// A fault when it is an error report, or not an answer of this dialect.
pub fn decode_response(body: &[u8]) -> Result<ChatResponse, WireFault> {
    let completion: ChatCompletion = match serde_json::from_slice(body) {
        Ok(completion) => completion,
        Err(error) => return Err(reported(body).unwrap_or(WireFault::from_json("answer", &error))),
    };
    if completion.choices.is_empty() {
        return Err(
            reported(body).unwrap_or_else(|| WireFault::Malformed("answer has no choices".into()))
        );
    }
    into_chat_response(completion)
}

/// The error report that `body` is; `None` when it is none.
pub(super) fn reported(body: &[u8]) -> Option<WireFault> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let has_error = value.get("error").is_some_and(|error| !error.is_null())
        || value.get("object").is_some_and(|object| object == "error");
    has_error.then_some(WireFault::Reported(value))
}

/// Turns an answer into the core's.
///
/// # Errors
/// A fault when it has no choice.
pub fn into_chat_response(completion: ChatCompletion) -> Result<ChatResponse, WireFault> {
    let Some(choice) = completion.choices.into_iter().next() else {
        return Err(WireFault::Malformed("answer has no choices".into()));
    };
    let message = choice.message;
    let mut content = message.content.map(ResponseContent::into_text).unwrap_or_default();
    let mut finish_reason = choice.finish_reason.as_deref().map(finish_reason_of);
    if let Some(refusal) = message.refusal.filter(|text| !text.is_empty()) {
        finish_reason = Some(FinishReason::Refusal);
        if content.is_empty() {
            content = refusal;
        }
    }
    let reasoning = message.reasoning_content.or(message.reasoning).unwrap_or_default();
    let details = message.reasoning_details.unwrap_or_default();
    let thinking = match reasoning_details::into_part(details, &reasoning) {
        Some(part) => vec![part],
        None if reasoning.is_empty() => Vec::new(),
        None => vec![Part::Thinking { text: reasoning, signature: None, redacted: None }],
    };
    let tier = completion.service_tier.clone();
    let mut metadata = Map::new();
    for (name, value) in [
        ("system_fingerprint", completion.system_fingerprint),
        ("service_tier", completion.service_tier),
        ("provider", completion.provider),
    ] {
        if let Some(value) = value {
            metadata.insert(name.to_owned(), Value::String(value));
        }
    }
    Ok(ChatResponse {
        content,
        tool_calls: message
            .tool_calls
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(index, call)| into_tool_call(index, call))
            .collect(),
        thinking,
        model: completion.model,
        finish_reason,
        reported_cost: completion.usage.as_ref().and_then(|usage| cost_of(usage.cost.as_ref()?)),
        usage: completion.usage.as_ref().and_then(|usage| into_usage(usage, tier.as_deref())),
        logprobs: choice.logprobs.and_then(into_token_logprobs),
        confidence: None,
        request_id: completion.id,
        metadata,
    })
}

pub(crate) fn into_tool_call(index: usize, call: ResponseToolCall) -> ToolCall {
    ToolCall {
        id: call.id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{index}")),
        name: call.function.name,
        arguments: call.function.arguments,
    }
}

fn finish_reason_of(reason: &str) -> FinishReason {
    match reason {
        "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" => FinishReason::Stop,
        "length" | "max_tokens" | "model_length" => FinishReason::Length,
        "tool_calls" | "function_call" | "tool_use" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        "refusal" => FinishReason::Refusal,
        _ => FinishReason::Other,
    }
}

/// `None` when neither count is given.
fn into_usage(usage: &CompletionUsage, tier: Option<&str>) -> Option<Usage> {
    if usage.prompt_tokens.is_none() && usage.completion_tokens.is_none() {
        return None;
    }
    let prompt = usage.prompt_tokens_details.unwrap_or_default();
    let completion = usage.completion_tokens_details.unwrap_or_default();
    let mut counts =
        Usage::new(usage.prompt_tokens.unwrap_or(0), usage.completion_tokens.unwrap_or(0));
    counts.cached_input_tokens =
        prompt.cached_tokens.or(usage.prompt_cache_hit_tokens).or(usage.cached_tokens).unwrap_or(0);
    counts.cache_write_5m_tokens = prompt.cache_write_tokens.unwrap_or(0);
    counts.reasoning_tokens = completion.reasoning_tokens.unwrap_or(0);
    counts.audio_input_tokens = prompt.audio_tokens.unwrap_or(0);
    counts.audio_output_tokens = completion.audio_tokens.unwrap_or(0);
    counts.image_input_tokens = prompt.image_tokens.unwrap_or(0);
    counts.image_output_tokens = completion.image_tokens.unwrap_or(0);
    counts.service_tier = tier.and_then(ServiceTier::named);
    Some(counts)
}

/// The cost as written, where it is a number or a decimal text.
pub(crate) fn cost_of(cost: &Value) -> Option<Usd> {
    let text = match cost {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    text.parse().ok().filter(|cost: &Usd| !cost.is_negative())
}

fn into_token_logprobs(logprobs: Logprobs) -> Option<Vec<TokenLogprob>> {
    let tokens: Vec<TokenLogprob> = match logprobs {
        Logprobs::Entries { content } => content
            .into_iter()
            .map(|entry| TokenLogprob {
                token: entry.token,
                logprob: entry.logprob,
                top: entry
                    .top_logprobs
                    .unwrap_or_default()
                    .into_iter()
                    .map(|top| (top.token, top.logprob))
                    .collect(),
            })
            .collect(),
        Logprobs::Columns { tokens, token_logprobs } => tokens
            .into_iter()
            .zip(token_logprobs)
            .filter_map(|(token, logprob)| {
                Some(TokenLogprob { token, logprob: logprob?, top: Vec::new() })
            })
            .collect(),
        Logprobs::Unknown(_) => return None,
    };
    (!tokens.is_empty()).then_some(tokens)
}
