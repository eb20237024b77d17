use cascade_core::{ChatResponse, FinishReason, Part, TokenLogprob, ToolCall, Usage};
use serde_json::Value;

use super::{OllamaLogprob, OllamaResponse, OllamaToolCall};
use crate::wire::WireFault;

/// Reads a plain answer.
///
/// # Errors
/// A fault when it is an error report, or not an answer of this dialect.
pub fn decode_response(body: &[u8]) -> Result<ChatResponse, WireFault> {
    let response: OllamaResponse =
        serde_json::from_slice(body).map_err(|error| WireFault::from_json("answer", &error))?;
    into_chat_response(response)
}

/// Turns an answer into the core's. A prompt count that is missing, as it is when the whole prompt
/// was cached by older servers, leaves the usage unknown.
///
/// # Errors
/// A fault when it is an error report or has no message.
pub fn into_chat_response(response: OllamaResponse) -> Result<ChatResponse, WireFault> {
    if let Some(error) = response.error {
        return Err(WireFault::Reported(serde_json::json!({ "error": error })));
    }
    let Some(message) = response.message else {
        return Err(WireFault::Malformed("answer has no message".into()));
    };
    let tool_calls: Vec<ToolCall> = message
        .tool_calls
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(index, call)| into_tool_call(index, call))
        .collect();
    let finish_reason = match response.done_reason.as_deref() {
        // The server says `stop` for tool calls too.
        Some("stop") if !tool_calls.is_empty() => Some(FinishReason::ToolCalls),
        Some("stop") => Some(FinishReason::Stop),
        Some("length") => Some(FinishReason::Length),
        Some(_) => Some(FinishReason::Other),
        None => None,
    };
    let logprobs: Vec<TokenLogprob> =
        response.logprobs.unwrap_or_default().into_iter().map(into_token_logprob).collect();
    Ok(ChatResponse {
        content: message.content,
        tool_calls,
        thinking: message
            .thinking
            .filter(|text| !text.is_empty())
            .map(|text| Part::Thinking { text, signature: None, redacted: None })
            .into_iter()
            .collect(),
        model: response.model,
        finish_reason,
        usage: response
            .prompt_eval_count
            .zip(response.eval_count)
            .map(|(input, output)| Usage::new(input, output)),
        logprobs: (!logprobs.is_empty()).then_some(logprobs),
        ..ChatResponse::default()
    })
}

/// The id of a call, which older servers leave out.
pub(super) fn call_id(index: usize, call: &OllamaToolCall) -> String {
    call.id.clone().filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{index}"))
}

pub(super) fn arguments_text(arguments: &Value) -> String {
    match arguments {
        Value::Null => "{}".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn into_tool_call(index: usize, call: OllamaToolCall) -> ToolCall {
    ToolCall {
        id: call_id(index, &call),
        arguments: arguments_text(&call.function.arguments),
        name: call.function.name,
    }
}

fn into_token_logprob(entry: OllamaLogprob) -> TokenLogprob {
    TokenLogprob {
        token: entry.token,
        logprob: entry.logprob,
        top: entry
            .top_logprobs
            .unwrap_or_default()
            .into_iter()
            .map(|top| (top.token, top.logprob))
            .collect(),
    }
}
