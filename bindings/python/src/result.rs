use std::sync::{Arc, OnceLock};

use cascadeflow::{Attempt, AttemptRole, CascadeResult, Usage, Usd};
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::{Map, Value, json};

use crate::convert::{to_python, tool_call_to_python};
use crate::imports;

/// The native half of the published result class. A field is converted when it is first read, and
/// kept in the instance, where it can be changed like any attribute.
#[pyclass(frozen, subclass, dict, name = "ResultBase", module = "cascadeflow._native")]
pub(crate) struct ResultBase {
    result: OnceLock<Arc<CascadeResult>>,
}

#[pymethods]
impl ResultBase {
    #[new]
    #[pyo3(signature = (*_arguments, **_keywords))]
    fn new(_arguments: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> Self {
        Self { result: OnceLock::new() }
    }

    fn __getattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let read = match slf.get().result.get() {
            Some(result) => field(py, result, name)?,
            None => None,
        };
        let Some(value) = read else {
            let class = slf.get_type().name()?;
            return Err(PyAttributeError::new_err(format!(
                "`{class}` object has no attribute `{name}`"
            )));
        };
        slf.setattr(name, &value)?;
        Ok(value)
    }

    /// The engine's own record of the result as plain data, amounts of money as exact decimals.
    /// `None` when the result was made in Python.
    fn record(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        self.result.get().map(|result| to_python(py, &**result)).transpose()
    }
}

/// The published result object of `result`.
pub(crate) fn result_object(py: Python<'_>, result: Arc<CascadeResult>) -> PyResult<Py<PyAny>> {
    let class = imports::cascade_result(py)?;
    let object = class.call_method1(pyo3::intern!(py, "__new__"), (class,))?;
    // The object is new, so nothing was set before.
    let _ = object.cast::<ResultBase>()?.get().result.set(result);
    Ok(object.unbind())
}

/// The field `name`; `None` when there is no such field.
fn field(py: Python<'_>, result: &CascadeResult, name: &str) -> PyResult<Option<Py<PyAny>>> {
    macro_rules! value {
        ($value:expr) => {
            $value.into_pyobject(py).map_err(PyErr::from)?.into_any().unbind()
        };
    }
    macro_rules! plain {
        ($value:expr) => {
            value!($value).clone_ref(py)
        };
    }
    let timings = &result.timings;
    Ok(Some(match name {
        "content" => value!(result.content.as_str()),
        "model_used" => value!(result.model_used.as_ref()),
        "answer_model" => value!(&*result.answer_model),
        "answer_provider" => value!(&*result.answer_provider),
        "complexity" => value!(result.complexity.as_str()),
        "complexity_confidence" => value!(result.complexity_confidence),
        "cascaded" => flag(py, result.cascaded),
        "draft_accepted" => flag(py, result.draft_accepted),
        "escalated" => flag(py, result.escalated),
        "cache_hit" => flag(py, result.cache_hit),
        "unpriced" => flag(py, result.unpriced),
        "routing_strategy" => value!(result.route.as_str()),
        "reason" => value!(result.reason.as_ref()),
        "finish_reason" => to_python(py, &result.finish_reason)?,
        "domain" => value!(result.domain.as_deref()),
        "domain_confidence" => value!(result.domain_confidence),
        "tool_calls" => tool_calls(py, result)?,
        "has_tool_calls" => flag(py, !result.tool_calls.is_empty()),
        "thinking" => to_python(py, &result.thinking)?,
        "quality_score" => value!(result.quality_score),
        "quality_threshold" => value!(result.quality_threshold),
        "quality_check_passed" => match result.quality_check_passed {
            Some(passed) => flag(py, passed),
            None => py.None(),
        },
        "rejection_reason" => value!(result.rejection_reason.as_deref()),
        "draft_response" => value!(result.draft_response.as_deref()),
        "verifier_response" => value!(result.verifier_response.as_deref()),
        "response_length" => value!(result.length()),
        "response_word_count" => value!(result.word_count()),
        "latency_ms" => value!(timings.total_ms),
        "complexity_detection_ms" => value!(timings.analysis_ms),
        "draft_generation_ms" => value!(timings.draft_ms),
        "quality_verification_ms" => value!(timings.judge_ms),
        "verifier_generation_ms" => value!(timings.verifier_ms),
        "cascade_overhead_ms" => value!(timings.overhead_ms),
        "draft_latency_ms" => plain!(latency(result, |role| role == AttemptRole::Draft)),
        "verifier_latency_ms" => plain!(latency(result, |role| role != AttemptRole::Draft)),
        "total_cost" => value!(result.total_cost.to_f64()),
        "draft_cost" => value!(result.draft_cost.to_f64()),
        "verifier_cost" => value!(result.verifier_cost.to_f64()),
        "cost_saved" => value!(result.cost_saved.to_f64()),
        "baseline_cost" => value!(result.baseline_cost.to_f64()),
        "cost_saved_percentage" | "savings_percentage" => value!(result.savings_percentage),
        "total_cost_exact" => decimal(py, result.total_cost)?,
        "draft_cost_exact" => decimal(py, result.draft_cost)?,
        "verifier_cost_exact" => decimal(py, result.verifier_cost)?,
        "cost_saved_exact" => decimal(py, result.cost_saved)?,
        "baseline_cost_exact" => decimal(py, result.baseline_cost)?,
        "draft_model" => value!(result.draft_model.as_deref()),
        "draft_confidence" => value!(result.draft_confidence),
        "verifier_model" => value!(result.verifier_model.as_deref()),
        "verifier_confidence" => value!(result.verifier_confidence),
        "usage" => usage_object(py, &result.usage)?,
        "attempts" => to_python(py, &result.attempts)?,
        "trace" => to_python(py, &result.trace.steps)?,
        "metadata" => to_python(py, &metadata(result))?,
        _ => return Ok(None),
    }))
}

fn flag(py: Python<'_>, value: bool) -> Py<PyAny> {
    pyo3::types::PyBool::new(py, value).to_owned().into_any().unbind()
}

fn tool_calls(py: Python<'_>, result: &CascadeResult) -> PyResult<Py<PyAny>> {
    if result.tool_calls.is_empty() {
        return Ok(py.None());
    }
    let calls = result.tool_calls.iter().map(|call| tool_call_to_python(py, call));
    let calls = calls.collect::<PyResult<Vec<_>>>()?;
    Ok(calls.into_pyobject(py)?.into_any().unbind())
}

fn latency(result: &CascadeResult, wanted: impl Fn(AttemptRole) -> bool) -> f64 {
    let of_role = |attempt: &&Attempt| wanted(attempt.role);
    // Not `sum`, which gives -0.0 for nothing.
    result.attempts.iter().filter(of_role).fold(0.0, |sum, attempt| sum + attempt.latency_ms)
}

fn decimal(py: Python<'_>, amount: Usd) -> PyResult<Py<PyAny>> {
    Ok(py.import("decimal")?.getattr("Decimal")?.call1((amount.to_string(),))?.unbind())
}

/// The published usage object.
pub(crate) fn usage_object(py: Python<'_>, usage: &Usage) -> PyResult<Py<PyAny>> {
    let class = imports::usage(py)?;
    let counts = (usage.input_tokens, usage.output_tokens, usage.cached_input_tokens);
    let details = PyDict::new(py);
    for (name, count) in [
        ("cache_write_5m_tokens", usage.cache_write_5m_tokens),
        ("cache_write_1h_tokens", usage.cache_write_1h_tokens),
        ("reasoning_tokens", usage.reasoning_tokens),
        ("audio_input_tokens", usage.audio_input_tokens),
        ("cached_audio_input_tokens", usage.cached_audio_input_tokens),
        ("audio_output_tokens", usage.audio_output_tokens),
        ("image_input_tokens", usage.image_input_tokens),
        ("image_output_tokens", usage.image_output_tokens),
    ] {
        if count > 0 {
            details.set_item(name, count)?;
        }
    }
    if let Some(tier) = usage.service_tier {
        details.set_item("service_tier", to_python(py, &tier)?)?;
    }
    if usage.estimated {
        details.set_item("estimated", true)?;
    }
    Ok(class.call(counts, Some(&details))?.unbind())
}

/// The published `metadata`: what the provider said, the engine's findings under the published
/// names, and the caller's own pairs.
fn metadata(result: &CascadeResult) -> Map<String, Value> {
    let timings = &result.timings;
    let findings = json!({
        "complexity": result.complexity.as_str(),
        "complexity_confidence": result.complexity_confidence,
        "complexity_detection_ms": timings.analysis_ms,
        "detected_domain": result.domain,
        "domain_confidence": result.domain_confidence,
        "routing_strategy": result.route.as_str(),
        "routing_reason": result.reason,
        "direct_routing": result.route == cascadeflow::Route::Direct,
        "quality_score": result.quality_score,
        "quality_threshold": result.quality_threshold,
        "quality_check_passed": result.quality_check_passed,
        "rejection_reason": result.rejection_reason,
        "draft_response": result.draft_response,
        "verifier_response": result.verifier_response,
        "draft_model": result.draft_model,
        "verifier_model": result.verifier_model,
        "draft_accepted": result.draft_accepted,
        "cascade_used": result.cascaded,
        "escalated": result.escalated,
        "response_length": result.length(),
        "response_word_count": result.word_count(),
        "prompt_tokens": result.usage.input_tokens,
        "completion_tokens": result.usage.output_tokens,
        "total_tokens": result.usage.total_tokens(),
        "tokens_estimated": result.usage.estimated,
        "cost_saved": result.cost_saved.to_f64(),
        "unpriced": result.unpriced,
        "total_latency_ms": timings.total_ms,
        "finish_reason": result.finish_reason,
    });
    let mut metadata = result.provider_metadata.clone();
    if let Value::Object(findings) = findings {
        metadata.extend(findings);
    }
    metadata.extend(result.metadata.clone());
    metadata
}
