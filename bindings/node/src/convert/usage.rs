//! Token counts: what a user's class reports, and what is shown of them.

use cascadeflow::chat_json::Fields;
use cascadeflow::{Result, ServiceTier, Usage};
use serde::Serialize;
use serde_json::Value;

/// Token counts under the published names, OpenAI's details, Anthropic's cache counts or the
/// engine's own names. `None` without counts of both sides.
pub(super) fn read_usage(value: Value) -> Result<Option<Usage>> {
    let of_prompt = details(&value, "prompt_tokens_details");
    let of_completion = details(&value, "completion_tokens_details");
    let mut fields = Fields::new("usage", value)?;
    let input = fields.take_first(&["prompt_tokens", "input_tokens"])?;
    let output = fields.take_first(&["completion_tokens", "output_tokens"])?;
    if input.is_none() && output.is_none() {
        return Ok(None);
    }
    let mut count = |names: &[&str], detail: Option<u64>| -> Result<u64> {
        Ok(fields.take_first(names)?.or(detail).unwrap_or(0))
    };
    Ok(Some(Usage {
        cached_input_tokens: count(
            &["cached_input_tokens", "cache_read_input_tokens"],
            of_prompt("cached_tokens"),
        )?,
        cache_write_5m_tokens: count(
            &["cache_write_5m_tokens", "cache_creation_input_tokens"],
            None,
        )?,
        cache_write_1h_tokens: count(&["cache_write_1h_tokens"], None)?,
        reasoning_tokens: count(&["reasoning_tokens"], of_completion("reasoning_tokens"))?,
        audio_input_tokens: count(&["audio_input_tokens"], of_prompt("audio_tokens"))?,
        cached_audio_input_tokens: count(&["cached_audio_input_tokens"], None)?,
        audio_output_tokens: count(&["audio_output_tokens"], of_completion("audio_tokens"))?,
        image_input_tokens: count(&["image_input_tokens"], of_prompt("image_tokens"))?,
        image_output_tokens: count(&["image_output_tokens"], of_completion("image_tokens"))?,
        service_tier: fields.take("service_tier")?,
        ..Usage::new(input.unwrap_or(0), output.unwrap_or(0))
    }))
}

/// The counts under `part` of a usage by name.
fn details(usage: &Value, part: &str) -> impl Fn(&str) -> Option<u64> + use<> {
    let part = usage.get(part).cloned().unwrap_or_default();
    move |name| part.get(name).and_then(Value::as_u64)
}

/// The published `UsageDetails`: the three published counts, and the engine's further ones.
#[derive(Serialize)]
pub(super) struct UsageDetailsView {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    cached_input_tokens: u64,
    cache_write_5m_tokens: u64,
    cache_write_1h_tokens: u64,
    reasoning_tokens: u64,
    audio_input_tokens: u64,
    cached_audio_input_tokens: u64,
    audio_output_tokens: u64,
    image_input_tokens: u64,
    image_output_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<ServiceTier>,
}

impl From<Usage> for UsageDetailsView {
    fn from(usage: Usage) -> Self {
        Self {
            prompt_tokens: usage.input_tokens,
            completion_tokens: usage.output_tokens,
            total_tokens: usage.total_tokens(),
            cached_input_tokens: usage.cached_input_tokens,
            cache_write_5m_tokens: usage.cache_write_5m_tokens,
            cache_write_1h_tokens: usage.cache_write_1h_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            audio_input_tokens: usage.audio_input_tokens,
            cached_audio_input_tokens: usage.cached_audio_input_tokens,
            audio_output_tokens: usage.audio_output_tokens,
            image_input_tokens: usage.image_input_tokens,
            image_output_tokens: usage.image_output_tokens,
            service_tier: usage.service_tier,
        }
    }
}

/// The counts of a result or an attempt; sound and pictures where there are any.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UsageView {
    input_tokens: u64,
    output_tokens: u64,
    cached_input_tokens: u64,
    #[serde(rename = "cacheWrite5mTokens")]
    cache_write_5m_tokens: u64,
    #[serde(rename = "cacheWrite1hTokens")]
    cache_write_1h_tokens: u64,
    reasoning_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio_input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_audio_input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<ServiceTier>,
    estimated: bool,
}

impl From<Usage> for UsageView {
    fn from(usage: Usage) -> Self {
        let some = |count: u64| (count > 0).then_some(count);
        Self {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cached_input_tokens: usage.cached_input_tokens,
            cache_write_5m_tokens: usage.cache_write_5m_tokens,
            cache_write_1h_tokens: usage.cache_write_1h_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            audio_input_tokens: some(usage.audio_input_tokens),
            cached_audio_input_tokens: some(usage.cached_audio_input_tokens),
            audio_output_tokens: some(usage.audio_output_tokens),
            image_input_tokens: some(usage.image_input_tokens),
            image_output_tokens: some(usage.image_output_tokens),
            service_tier: usage.service_tier,
            estimated: usage.estimated,
        }
    }
}
