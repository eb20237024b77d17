use cascade_core::{ChatResponse, FinishReason, Part, TokenLogprob, Usage};
use serde_json::{Map, Value};

use super::{CohereLogprobs, CohereResponse, CohereTokens, CohereUsage};
use crate::wire::WireFault;
use crate::wire::openai::into_tool_call;

/// Reads a plain answer.
///
/// # Errors
/// A fault when it is an error report, or not an answer of this dialect.
pub fn decode_response(body: &[u8]) -> Result<ChatResponse, WireFault> {
    let response: CohereResponse = match serde_json::from_slice(body) {
        Ok(response) => response,
        Err(error) => return Err(reported(body).unwrap_or(WireFault::from_json("answer", &error))),
    };
    if response.message.is_none() {
        return Err(
            reported(body).unwrap_or_else(|| WireFault::Malformed("answer has no message".into()))
        );
    }
    into_chat_response(response)
}

/// The error report that `body` is: an object whose message is a text; `None` when it is none.
fn reported(body: &[u8]) -> Option<WireFault> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let is_report = value.get("message").is_some_and(Value::is_string)
        || value.get("error").is_some_and(|error| !error.is_null());
    is_report.then_some(WireFault::Reported(value))
}

/// Turns an answer into the core's. Citations, the tool plan and both counts of tokens stay in the
/// metadata; the usage is what is billed.
///
/// # Errors
/// A fault when it has no message, or says that generation failed.
pub fn into_chat_response(response: CohereResponse) -> Result<ChatResponse, WireFault> {
    let Some(message) = response.message else {
        return Err(WireFault::Malformed("answer has no message".into()));
    };
    let finish_reason = match response.finish_reason.as_deref() {
        None => None,
        Some("COMPLETE" | "STOP_SEQUENCE") => Some(FinishReason::Stop),
        Some("MAX_TOKENS") => Some(FinishReason::Length),
        Some("TOOL_CALL") => Some(FinishReason::ToolCalls),
        Some("ERROR_TOXIC") => Some(FinishReason::ContentFilter),
        Some("ERROR") => return Err(failed("server_error", "generation failed")),
        Some("TIMEOUT") => return Err(failed("timeout", "generation took too long")),
        Some(_) => Some(FinishReason::Other),
    };
    let mut content = String::new();
    let mut thinking = Vec::new();
    for block in message.content.unwrap_or_default() {
        if let Some(text) = block.text {
            content.push_str(&text);
        }
        if let Some(text) = block.thinking.filter(|text| !text.is_empty()) {
            thinking.push(Part::Thinking { text, signature: None, redacted: None });
        }
    }
    let mut metadata = Map::new();
    if let Some(plan) = message.tool_plan.filter(|plan| !plan.is_empty()) {
        metadata.insert("tool_plan".into(), Value::String(plan));
    }
    if let Some(citations) = message.citations.filter(|list| !list.is_empty()) {
        metadata.insert("citations".into(), Value::Array(citations));
    }
    if let Some(usage) = &response.usage {
        for (name, counts) in [("billed_units", usage.billed_units), ("tokens", usage.tokens)] {
            if let Some(counts) = counts {
                metadata.insert(name.into(), counts_value(counts));
            }
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
        finish_reason,
        usage: response.usage.as_ref().and_then(into_usage),
        logprobs: response.logprobs.and_then(into_token_logprobs),
        request_id: response.id,
        metadata,
        ..ChatResponse::default()
    })
}

fn failed(code: &str, message: &str) -> WireFault {
    WireFault::Reported(serde_json::json!({ "error": { "type": code, "message": message } }))
}

fn counts_value(counts: CohereTokens) -> Value {
    let fields = [
        ("input_tokens", counts.input_tokens),
        ("output_tokens", counts.output_tokens),
        ("search_units", counts.search_units),
        ("images", counts.images),
    ];
    Value::Object(
        fields
            .into_iter()
            .filter_map(|(name, count)| Some((name.to_owned(), Value::from(whole(count?)))))
            .collect(),
    )
}

/// What is billed, or what was counted where nothing says what is billed.
fn into_usage(usage: &CohereUsage) -> Option<Usage> {
    let counts = [usage.billed_units, usage.tokens]
        .into_iter()
        .flatten()
        .find(|counts| counts.input_tokens.is_some() || counts.output_tokens.is_some())?;
    let mut tokens = Usage::new(
        whole(counts.input_tokens.unwrap_or(0.0)),
        whole(counts.output_tokens.unwrap_or(0.0)),
    );
    let cached = usage.cached_tokens.map_or(0, whole);
    tokens.cached_input_tokens = cached.min(tokens.input_tokens);
    Some(tokens)
}

/// A count; nothing below zero, and no fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and a count is neither negative nor beyond 64 bits"
)]
pub(crate) fn whole(count: f64) -> u64 {
    count.max(0.0).round() as u64
}

/// A piece whose tokens are several has their text only as a whole; it stands with the first.
fn into_token_logprobs(pieces: Vec<CohereLogprobs>) -> Option<Vec<TokenLogprob>> {
    let mut tokens = Vec::new();
    for piece in pieces {
        let mut text = piece.text.unwrap_or_default();
        for logprob in piece.logprobs.unwrap_or_default() {
            tokens.push(TokenLogprob {
                token: std::mem::take(&mut text),
                logprob,
                top: Vec::new(),
            });
        }
    }
    (!tokens.is_empty()).then_some(tokens)
}
