//! The published `ModelResponse` as the engine's answer.

use cascadeflow::chat_json::read_tool_calls;
use cascadeflow::{
    ChatResponse, Error, ErrorKind, FinishReason, Result, TokenLogprob, ToolCall, Usage, Usd,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde_json::Value;

use crate::convert::{from_python, to_json};

/// The answer that `response`, made by `place`, holds.
///
/// # Errors
/// An error of user code that names the field that does not fit.
pub(super) fn chat_response(
    place: &str,
    response: &Bound<'_, PyAny>,
    cost_counts: bool,
) -> Result<ChatResponse> {
    let py = response.py();
    let content = match present(response, pyo3::intern!(py, "content")) {
        None => String::new(),
        Some(content) => match content.cast::<PyString>() {
            Ok(text) => text.to_string_lossy().into_owned(),
            Err(_) => return Err(misfit(place, "content", "a `str`")),
        },
    };
    let mut answer = ChatResponse { content, ..ChatResponse::default() };
    if let Some(model) = present(response, pyo3::intern!(py, "model")) {
        answer.model = model.extract().ok();
    }
    if let Some(confidence) = present(response, pyo3::intern!(py, "confidence")) {
        answer.confidence =
            Some(extract(place, "confidence", "a number from 0 to 1", &confidence)?);
    }
    if cost_counts && let Some(cost) = present(response, pyo3::intern!(py, "cost")) {
        let cost: f64 = extract(place, "cost", "a number", &cost)?;
        answer.reported_cost =
            Some(cost).filter(|cost| *cost > 0.0).map(Usd::from_f64).transpose()?;
    }
    if let Some(cost) = present(response, pyo3::intern!(py, "reported_cost")) {
        let text = cost.str().map_or_else(|_| String::new(), |text| text.to_string());
        let amount = text.parse().map_err(|_| misfit(place, "reported_cost", "an amount"))?;
        answer.reported_cost = Some(amount);
    }
    if let Some(calls) = present(response, pyo3::intern!(py, "tool_calls")) {
        answer.tool_calls = tool_calls(place, &calls)?;
    }
    if let Some(logprobs) = present(response, pyo3::intern!(py, "logprobs")) {
        answer.logprobs =
            Some(token_logprobs(place, response, &logprobs)?).filter(|l| !l.is_empty());
    }
    let metadata = present(response, pyo3::intern!(py, "metadata"));
    let metadata = metadata.as_ref().and_then(|value| value.cast::<PyDict>().ok());
    answer.usage = usage(present(response, pyo3::intern!(py, "usage")).as_ref(), metadata);
    if let Some(metadata) = metadata.filter(|metadata| !metadata.is_empty()) {
        answer.finish_reason = metadata_text(metadata, "finish_reason").map(|r| finish_reason(&r));
        answer.request_id = metadata_text(metadata, "request_id");
        keep(metadata, &mut answer);
    }
    if let Some(reason) = present(response, pyo3::intern!(py, "finish_reason")) {
        answer.finish_reason = reason.extract::<String>().ok().map(|r| finish_reason(&r));
    }
    Ok(answer)
}

fn present<'py>(
    response: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> Option<Bound<'py, PyAny>> {
    response.getattr_opt(name).ok().flatten().filter(|value| !value.is_none())
}

fn misfit(place: &str, field: &str, expected: &str) -> Error {
    Error::new(ErrorKind::UserCode, format!("`{place}` gave a `{field}` that is not {expected}"))
        .with_field(field)
        .with_hint("see the fields of `cascadeflow.ModelResponse`")
}

fn extract<'py, T: for<'a> FromPyObject<'a, 'py>>(
    place: &str,
    field: &str,
    expected: &str,
    value: &Bound<'py, PyAny>,
) -> Result<T> {
    value.extract().map_err(|_| misfit(place, field, expected))
}

fn tool_calls(place: &str, calls: &Bound<'_, PyAny>) -> Result<Vec<ToolCall>> {
    let json =
        to_json("tool_calls", calls).map_err(|_| misfit(place, "tool_calls", "a list of dicts"))?;
    read_tool_calls("tool_calls", &json).map_err(|error| {
        let misfit = misfit(place, "tool_calls", "a list of dicts");
        match error.field() {
            Some(field) => misfit.with_field(field),
            None => misfit,
        }
    })
}

fn token_logprobs(
    place: &str,
    response: &Bound<'_, PyAny>,
    logprobs: &Bound<'_, PyAny>,
) -> Result<Vec<TokenLogprob>> {
    let py = response.py();
    let values: Vec<f64> = extract(place, "logprobs", "a list of numbers", logprobs)?;
    let tokens: Vec<String> = match present(response, pyo3::intern!(py, "tokens")) {
        Some(tokens) => extract(place, "tokens", "a list of `str`", &tokens)?,
        None => Vec::new(),
    };
    let tops: Vec<std::collections::BTreeMap<String, f64>> =
        match present(response, pyo3::intern!(py, "top_logprobs")) {
            Some(tops) => extract(place, "top_logprobs", "a list of dicts", &tops)?,
            None => Vec::new(),
        };
    let mut tokens = tokens.into_iter();
    let mut tops = tops.into_iter();
    Ok(values
        .into_iter()
        .map(|logprob| TokenLogprob {
            token: tokens.next().unwrap_or_default(),
            logprob,
            top: tops.next().unwrap_or_default().into_iter().collect(),
        })
        .collect())
}

/// Reported tokens: a usage object or mapping, or the metadata's two counts. A count that is left
/// out, or all with `None`, is left to the engine's estimate.
fn usage(given: Option<&Bound<'_, PyAny>>, metadata: Option<&Bound<'_, PyDict>>) -> Option<Usage> {
    let nested = metadata.and_then(|m| m.get_item("usage").ok().flatten());
    if let Some(source) = given.or(nested.as_ref()).filter(|source| !source.is_none()) {
        let read = |names: &[&str]| names.iter().find_map(|name| token_count(source, name));
        let input = read(&["input_tokens", "prompt_tokens"]);
        let output = read(&["output_tokens", "completion_tokens"]);
        if input.is_some() || output.is_some() {
            return Some(Usage {
                cached_input_tokens: read(&["cached_input_tokens", "cache_read_input_tokens"])
                    .unwrap_or(0),
                cache_write_5m_tokens: read(&["cache_write_5m_tokens"]).unwrap_or(0),
                cache_write_1h_tokens: read(&["cache_write_1h_tokens"]).unwrap_or(0),
                reasoning_tokens: read(&["reasoning_tokens"]).unwrap_or(0),
                audio_input_tokens: read(&["audio_input_tokens"]).unwrap_or(0),
                cached_audio_input_tokens: read(&["cached_audio_input_tokens"]).unwrap_or(0),
                audio_output_tokens: read(&["audio_output_tokens"]).unwrap_or(0),
                image_input_tokens: read(&["image_input_tokens"]).unwrap_or(0),
                image_output_tokens: read(&["image_output_tokens"]).unwrap_or(0),
                service_tier: item(source, "service_tier")
                    .and_then(|tier| from_python("service_tier", &tier).ok()),
                ..counts(input, output)
            });
        }
    }
    let metadata = metadata?;
    let read = |name: &str| {
        let value = metadata.get_item(name).ok().flatten()?;
        value.extract::<u64>().ok().filter(|count| *count > 0)
    };
    let (input, output) = (read("prompt_tokens"), read("completion_tokens"));
    (input.is_some() || output.is_some()).then(|| counts(input, output))
}

/// Both counts; one that is missing is zero, and marked for the engine to estimate.
fn counts(input: Option<u64>, output: Option<u64>) -> Usage {
    let estimated = input.is_none() || output.is_none();
    Usage { estimated, ..Usage::new(input.unwrap_or(0), output.unwrap_or(0)) }
}

fn token_count(source: &Bound<'_, PyAny>, name: &str) -> Option<u64> {
    item(source, name)?.extract().ok()
}

/// What a mapping or an object has under `name`.
fn item<'py>(source: &Bound<'py, PyAny>, name: &str) -> Option<Bound<'py, PyAny>> {
    match source.cast::<PyDict>() {
        Ok(mapping) => mapping.get_item(name).ok().flatten(),
        Err(_) => source.getattr(name).ok(),
    }
}

fn metadata_text(metadata: &Bound<'_, PyDict>, name: &str) -> Option<String> {
    metadata.get_item(name).ok().flatten()?.extract().ok()
}

fn finish_reason(name: &str) -> FinishReason {
    match name {
        "stop" | "end_turn" | "stop_sequence" => FinishReason::Stop,
        "length" | "max_tokens" => FinishReason::Length,
        "tool_calls" | "tool_use" | "function_call" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        "refusal" => FinishReason::Refusal,
        _ => FinishReason::Other,
    }
}

/// Keeps the metadata that is plain data; the rest stays with the class that made it.
fn keep(metadata: &Bound<'_, PyDict>, answer: &mut ChatResponse) {
    for (key, value) in metadata {
        let (Ok(key), Ok(value)) = (key.extract::<String>(), to_json("metadata", &value)) else {
            continue;
        };
        if value != Value::Null {
            answer.metadata.insert(key, value);
        }
    }
}
