use std::time::Duration;

use cascadeflow::ports::{Embeddings, PriceSource};
use cascadeflow::telemetry::PriceCatalogue;
use cascadeflow::{ChatResponse, ModelConfig, Usage, Usd};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::convert::{to_python, tool_call_to_python};
use crate::imports;
use crate::result::usage_object;

/// The published `ModelResponse` of a native provider's answer.
pub(super) fn response_object(
    py: Python<'_>,
    provider: &str,
    model: &str,
    answer: &ChatResponse,
    latency: Duration,
) -> PyResult<Py<PyAny>> {
    let usage = answer.usage.unwrap_or_default();
    let metadata = PyDict::new(py);
    for (key, value) in &answer.metadata {
        metadata.set_item(key, to_python(py, value)?)?;
    }
    if answer.usage.is_some() {
        metadata.set_item("prompt_tokens", usage.input_tokens)?;
        metadata.set_item("completion_tokens", usage.output_tokens)?;
        metadata.set_item("total_tokens", usage.total_tokens())?;
    }
    metadata.set_item("finish_reason", to_python(py, &answer.finish_reason)?)?;
    if let Some(request_id) = &answer.request_id {
        metadata.set_item("request_id", request_id)?;
    }
    let keywords = PyDict::new(py);
    keywords.set_item("content", &answer.content)?;
    keywords.set_item("model", answer.model.as_deref().unwrap_or(model))?;
    keywords.set_item("provider", provider)?;
    keywords.set_item("cost", cost(provider, model, answer).to_f64())?;
    keywords.set_item("tokens_used", usage.total_tokens())?;
    keywords.set_item("confidence", confidence(answer))?;
    keywords.set_item("latency_ms", latency.as_secs_f64() * 1000.0)?;
    keywords.set_item("metadata", metadata)?;
    if let Some(logprobs) = &answer.logprobs {
        let tops = PyList::empty(py);
        for token in logprobs {
            let top = PyDict::new(py);
            for (text, logprob) in &token.top {
                top.set_item(text, logprob)?;
            }
            tops.append(top)?;
        }
        let tokens: Vec<_> = logprobs.iter().map(|token| token.token.as_str()).collect();
        let values: Vec<_> = logprobs.iter().map(|token| token.logprob).collect();
        keywords.set_item("tokens", tokens)?;
        keywords.set_item("logprobs", values)?;
        keywords.set_item("top_logprobs", tops)?;
    }
    if !answer.tool_calls.is_empty() {
        let calls = answer.tool_calls.iter().map(|call| tool_call_to_python(py, call));
        keywords.set_item("tool_calls", calls.collect::<PyResult<Vec<_>>>()?)?;
    }
    if answer.usage.is_some() {
        keywords.set_item("usage", usage_object(py, &usage)?)?;
    }
    Ok(imports::model_response(py)?.call((), Some(&keywords))?.unbind())
}

/// The published `EmbeddingResponse`.
pub(super) fn embeddings_object(
    py: Python<'_>,
    provider: &str,
    model: &str,
    made: &Embeddings,
) -> PyResult<Py<PyAny>> {
    let keywords = PyDict::new(py);
    keywords.set_item("vectors", &made.vectors)?;
    keywords.set_item("model", model)?;
    keywords.set_item("provider", provider)?;
    if let Some(usage) = &made.usage {
        keywords.set_item("usage", usage_object(py, usage)?)?;
        keywords.set_item("cost", catalogue_cost(provider, model, usage).map(Usd::to_f64))?;
    }
    Ok(imports::embedding_response(py)?.call((), Some(&keywords))?.unbind())
}

/// What the answer cost: as reported, else by the catalogue; zero where no price is known.
fn cost(provider: &str, model: &str, answer: &ChatResponse) -> Usd {
    if let Some(reported) = answer.reported_cost {
        return reported;
    }
    answer.usage.and_then(|usage| catalogue_cost(provider, model, &usage)).unwrap_or(Usd::ZERO)
}

/// What `usage` costs by the catalogue; `None` where no price is known.
fn catalogue_cost(provider: &str, model: &str, usage: &Usage) -> Option<Usd> {
    let price = PriceCatalogue::embedded().price(&ModelConfig::new(model, provider))?;
    Some(price.cost(usage))
}

/// The provider's own confidence, else the geometric mean of the tokens' probabilities; `None` when
/// there is neither.
fn confidence(answer: &ChatResponse) -> Option<f64> {
    answer.confidence.or_else(|| {
        let logprobs = answer.logprobs.as_ref().filter(|logprobs| !logprobs.is_empty())?;
        let sum: f64 = logprobs.iter().map(|token| token.logprob).sum();
        Some((sum / logprobs.len() as f64).exp().clamp(0.0, 1.0))
    })
}
