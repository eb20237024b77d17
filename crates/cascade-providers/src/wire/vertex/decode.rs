use cascade_core::{ChatResponse, FinishReason, Part, ServiceTier, TokenLogprob, ToolCall, Usage};
use serde_json::{Map, Value};

use super::{
    GeminiFunctionCall, GeminiPart, GenerateContentResponse, LogprobsResult, ModalityCount,
    UsageMetadata,
};
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

/// Turns an answer into the core's.
///
/// # Errors
/// A fault when it is an error report, the filter refused the prompt, or there is no answer in it.
pub fn into_chat_response(response: GenerateContentResponse) -> Result<ChatResponse, WireFault> {
    if let Some(error) = response.error {
        return Err(WireFault::Reported(serde_json::json!({ "error": error })));
    }
    let Some(candidate) = response.candidates.into_iter().next() else {
        let reason = response.prompt_feedback.and_then(|feedback| feedback.block_reason);
        return Err(match reason {
            Some(reason) => WireFault::Reported(serde_json::json!({ "error": {
                "type": "content_filter",
                "message": format!("prompt is blocked: {reason}")
            }})),
            None => WireFault::Malformed("answer has no candidates".into()),
        });
    };
    let mut content = String::new();
    let mut thinking = Vec::new();
    let mut tool_calls = Vec::new();
    for part in candidate.content.unwrap_or_default().parts {
        thinking.extend(thinking_of(&part));
        if !part.thought {
            content.push_str(part.text.as_deref().unwrap_or_default());
        }
        if let Some(call) = part.function_call {
            tool_calls.push(into_tool_call(tool_calls.len(), call));
        }
    }
    let finish_reason = match candidate.finish_reason.as_deref() {
        None | Some("FINISH_REASON_UNSPECIFIED") => None,
        // The server says `STOP` for tool calls too.
        Some("STOP") if !tool_calls.is_empty() => Some(FinishReason::ToolCalls),
        Some("STOP") => Some(FinishReason::Stop),
        Some("MAX_TOKENS") => Some(FinishReason::Length),
        Some(
            "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "IMAGE_SAFETY"
            | "MODEL_ARMOR",
        ) => Some(FinishReason::ContentFilter),
        Some(_) => Some(FinishReason::Other),
    };
    let mut metadata = Map::new();
    for (name, value) in [
        ("citations", candidate.citation_metadata),
        ("grounding", candidate.grounding_metadata),
        ("finish_message", candidate.finish_message.map(Value::String)),
    ] {
        if let Some(value) = value {
            metadata.insert(name.to_owned(), value);
        }
    }
    Ok(ChatResponse {
        content,
        tool_calls,
        thinking,
        model: response.model_version,
        finish_reason,
        usage: response.usage_metadata.as_ref().and_then(into_usage),
        logprobs: candidate.logprobs_result.and_then(into_token_logprobs),
        request_id: response.response_id,
        metadata,
        ..ChatResponse::default()
    })
}

/// The reasoning of a piece: what it shows, and the signature, which stands on words and calls, too.
pub(super) fn thinking_of(part: &GeminiPart) -> Option<Part> {
    let signature = part.thought_signature.as_deref().filter(|text| !text.is_empty());
    let text = part.text.as_deref().filter(|_| part.thought).unwrap_or_default();
    let has_any = if part.thought { !text.is_empty() } else { signature.is_some() };
    has_any.then(|| Part::Thinking {
        text: text.to_owned(),
        signature: signature.map(|text| tag(SignatureOwner::Google, text)),
        redacted: None,
    })
}

/// The id of a call, which most servers leave out.
pub(super) fn call_id(index: usize, call: &GeminiFunctionCall) -> String {
    call.id.clone().filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{index}"))
}

pub(super) fn arguments_text(call: &GeminiFunctionCall) -> String {
    call.args.as_ref().map_or_else(|| "{}".to_owned(), Value::to_string)
}

fn into_tool_call(index: usize, call: GeminiFunctionCall) -> ToolCall {
    ToolCall { id: call_id(index, &call), arguments: arguments_text(&call), name: call.name }
}

/// `None` when no count is given.
pub(crate) fn into_usage(usage: &UsageMetadata) -> Option<Usage> {
    if usage.prompt_token_count.is_none() && usage.candidates_token_count.is_none() {
        return None;
    }
    let thoughts = usage.thoughts_token_count.unwrap_or(0);
    let added = usage.tool_use_prompt_token_count.unwrap_or(0);
    let mut counts = Usage::new(
        usage.prompt_token_count.unwrap_or(0).saturating_add(added),
        usage.candidates_token_count.unwrap_or(0).saturating_add(thoughts),
    );
    counts.reasoning_tokens = thoughts;
    counts.cached_input_tokens = usage.cached_content_token_count.unwrap_or(0);
    let of_prompt = |kind| {
        let added = of_kind(&usage.tool_use_prompt_tokens_details, kind);
        of_kind(&usage.prompt_tokens_details, kind).saturating_add(added)
    };
    counts.audio_input_tokens = of_prompt("AUDIO");
    counts.cached_audio_input_tokens = of_kind(&usage.cache_tokens_details, "AUDIO");
    counts.image_input_tokens = of_prompt("IMAGE");
    counts.audio_output_tokens = of_kind(&usage.candidates_tokens_details, "AUDIO");
    counts.image_output_tokens = of_kind(&usage.candidates_tokens_details, "IMAGE");
    counts.service_tier = tier_of(usage);
    Some(counts)
}

/// The tier in the words of either API of Google; `None` for reserved capacity, which no price by
/// tokens holds for.
fn tier_of(usage: &UsageMetadata) -> Option<ServiceTier> {
    let word = usage.service_tier.as_deref().or(usage.traffic_type.as_deref())?;
    let word = word.to_ascii_lowercase();
    ServiceTier::named(word.strip_prefix("on_demand_").unwrap_or(&word))
}

fn of_kind(details: &[ModalityCount], kind: &str) -> u64 {
    details.iter().filter(|count| count.modality == kind).map(|count| count.token_count).sum()
}

fn into_token_logprobs(result: LogprobsResult) -> Option<Vec<TokenLogprob>> {
    let mut tops = result.top_candidates.into_iter();
    let tokens: Vec<TokenLogprob> = result
        .chosen_candidates
        .into_iter()
        .map(|chosen| TokenLogprob {
            token: chosen.token,
            logprob: chosen.log_probability,
            top: tops
                .next()
                .unwrap_or_default()
                .candidates
                .into_iter()
                .map(|top| (top.token, top.log_probability))
                .collect(),
        })
        .collect();
    (!tokens.is_empty()).then_some(tokens)
}
