use std::sync::Arc;

use cascadeflow::{CascadeResult, CascadeStream, Error, StreamEvent, StreamPhase};
use futures_util::StreamExt;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

use crate::awaitable::{Awaitable, Output, block_on};
use crate::convert::to_python;
use crate::error::to_exception;
use crate::imports;
use crate::result::result_object;

/// A streamed run.
#[pyclass(frozen, name = "EventStream", module = "cascadeflow._native")]
pub(crate) struct EventStream {
    state: Arc<Mutex<State>>,
}

struct State {
    /// `None` once ended or closed.
    stream: Option<CascadeStream>,
    /// The last verdict, which a switch tells of again.
    verdict: Map<String, Value>,
}

impl State {
    async fn next(&mut self) -> Option<Result<StreamEvent, Error>> {
        let next = match &mut self.stream {
            Some(stream) => stream.next().await,
            None => None,
        };
        if !matches!(next, Some(Ok(_))) {
            self.stream = None;
        }
        next
    }
}

impl EventStream {
    pub(crate) fn new(stream: CascadeStream) -> Self {
        let state = State { stream: Some(stream), verdict: Map::new() };
        Self { state: Arc::new(Mutex::new(state)) }
    }
}

#[pymethods]
impl EventStream {
    /// The next event, awaited; `None` at the end.
    fn next(&self, py: Python<'_>) -> PyResult<Awaitable> {
        let state = Arc::clone(&self.state);
        Awaitable::new(py, async move {
            let mut state = state.lock_owned().await;
            let next = state.next().await;
            Box::new(move |py: Python<'_>| outcome(py, next, &mut state.verdict)) as Output
        })
    }

    /// The next event, waited for on this thread.
    fn next_sync(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let state = Arc::clone(&self.state);
        let (next, mut state) = block_on(py, async move {
            let mut state = state.lock_owned().await;
            (state.next().await, state)
        })?;
        outcome(py, next, &mut state.verdict)
    }

    /// Cancels the run.
    fn close(&self) {
        if let Ok(mut state) = self.state.try_lock() {
            state.stream = None;
        }
    }
}

fn outcome(
    py: Python<'_>,
    next: Option<Result<StreamEvent, Error>>,
    verdict: &mut Map<String, Value>,
) -> PyResult<Py<PyAny>> {
    match next {
        None => Ok(py.None()),
        Some(Ok(event)) => event_object(py, event, verdict),
        Some(Err(error)) => Err(to_exception(py, &error)),
    }
}

/// The published event object.
fn event_object(
    py: Python<'_>,
    event: StreamEvent,
    verdict: &mut Map<String, Value>,
) -> PyResult<Py<PyAny>> {
    match event {
        StreamEvent::Chunk { text, phase, model, provider } => {
            let data = PyDict::new(py);
            data.set_item(pyo3::intern!(py, "model"), &*model)?;
            data.set_item(pyo3::intern!(py, "phase"), phase_name(phase))?;
            data.set_item(pyo3::intern!(py, "provider"), &*provider)?;
            made(py, "chunk", &text, data.as_any())
        }
        StreamEvent::Routing { route, complexity, reason, model, provider } => {
            let data = json!({
                "strategy": route.as_str(),
                "complexity": complexity.as_str(),
                "reason": reason,
                "model": &*model,
                "provider": &*provider,
            });
            from_json(py, "routing", "", &data)
        }
        StreamEvent::Thinking { text, phase, model } => {
            let data = json!({"model": &*model, "phase": phase_name(phase)});
            from_json(py, "thinking", &text, &data)
        }
        StreamEvent::ToolCall { delta, phase, model } => {
            let data = json!({
                "model": &*model,
                "phase": phase_name(phase),
                "index": delta.index,
                "id": delta.id,
                "name": delta.name,
                "arguments": delta.arguments,
            });
            from_json(py, "tool_call", "", &data)
        }
        StreamEvent::DraftDecision { verdict: judged, draft_model, verifier_model } => {
            let checks: Map<String, Value> =
                judged.checks.iter().map(|c| (c.check.to_string(), json!(c.passed))).collect();
            let data = json!({
                "accepted": judged.accepted,
                "score": judged.score,
                "confidence": judged.confidence,
                "draft_model": &*draft_model,
                "verifier_model": verifier_model.as_deref(),
                "reason": judged.reason,
                "checks_passed": judged.checks.iter().all(|check| check.passed),
                "quality_threshold": judged.threshold,
                "threshold": judged.threshold,
                "checks": checks,
            });
            *verdict = data.as_object().cloned().unwrap_or_default();
            from_json(py, "draft_decision", "", &data)
        }
        StreamEvent::Switch { from_model, to_model, reason } => {
            let data = json!({
                "from_model": &*from_model,
                "to_model": &*to_model,
                "reason": reason,
                "draft_confidence": verdict.get("confidence"),
                "quality_threshold": verdict.get("quality_threshold"),
            });
            from_json(py, "switch", &format!("switching to {to_model}"), &data)
        }
        StreamEvent::Complete { result } => {
            let data = PyDict::new(py);
            data.set_item("result", to_python(py, &complete_data(&result))?)?;
            let event = made(py, "complete", "", data.as_any())?;
            event.bind(py).setattr("result", result_object(py, Arc::new(*result))?)?;
            Ok(event)
        }
    }
}

const fn phase_name(phase: StreamPhase) -> &'static str {
    match phase {
        StreamPhase::Draft => "draft",
        StreamPhase::Verifier => "verifier",
        StreamPhase::Direct => "direct",
    }
}

fn from_json(py: Python<'_>, kind: &str, content: &str, data: &Value) -> PyResult<Py<PyAny>> {
    made(py, kind, content, to_python(py, data)?.bind(py))
}

fn made(py: Python<'_>, kind: &str, content: &str, data: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let kind = imports::stream_event_types(py)?.get_item(kind)?;
    Ok(imports::stream_event(py)?.call1((kind, content, data))?.unbind())
}

/// `data["result"]` of the last event, under the published names.
fn complete_data(result: &CascadeResult) -> Value {
    let timings = &result.timings;
    let draft_tokens: u64 = tokens(result, true);
    let verifier_tokens: u64 = tokens(result, false);
    let mut data = json!({
        "content": result.content,
        "model_used": result.model_used,
        "answer_model": &*result.answer_model,
        "draft_accepted": result.cascaded.then_some(result.draft_accepted),
        "cascaded": result.cascaded,
        "escalated": result.escalated,
        "routing_strategy": result.route.as_str(),
        "complexity": result.complexity.as_str(),
        "reason": result.reason,
        "finish_reason": result.finish_reason,
        "tool_calls": result.tool_calls,
        "draft_model": result.draft_model.as_deref(),
        "drafter_model": result.draft_model.as_deref(),
        "verifier_model": result.verifier_model.as_deref(),
        "quality_score": result.quality_score,
        "validation_score": result.quality_score,
        "quality_threshold": result.quality_threshold,
        "quality_check_passed": result.quality_check_passed,
        "rejection_reason": result.rejection_reason,
        "draft_confidence": result.draft_confidence,
        "verifier_confidence": result.verifier_confidence,
    });
    let figures = json!({
        "latency_ms": timings.total_ms,
        "total_latency_ms": timings.total_ms,
        "draft_latency_ms": timings.draft_ms.unwrap_or(0.0),
        "drafter_latency_ms": timings.draft_ms.unwrap_or(0.0),
        "verifier_latency_ms": timings.verifier_ms.unwrap_or(0.0),
        "quality_check_ms": timings.judge_ms.unwrap_or(0.0),
        "quality_overhead_ms": timings.judge_ms.unwrap_or(0.0),
        "cascade_overhead_ms": timings.overhead_ms,
        "total_cost": result.total_cost.to_f64(),
        "draft_cost": result.draft_cost.to_f64(),
        "drafter_cost": result.draft_cost.to_f64(),
        "verifier_cost": result.verifier_cost.to_f64(),
        "cost_saved": result.cost_saved.to_f64(),
        "baseline_cost": result.baseline_cost.to_f64(),
        "bigonly_cost": result.baseline_cost.to_f64(),
        "draft_tokens": draft_tokens,
        "tokens_drafted": draft_tokens,
        "verifier_tokens": verifier_tokens,
        "tokens_verified": verifier_tokens,
        "total_tokens": result.usage.total_tokens(),
        "response_length": result.length(),
        "response_word_count": result.word_count(),
        "draft_response": result.draft_response,
        "verifier_response": result.verifier_response,
    });
    if let (Value::Object(data), Value::Object(figures)) = (&mut data, figures) {
        data.extend(figures);
    }
    data
}

fn tokens(result: &CascadeResult, drafts: bool) -> u64 {
    let is_draft = |role| role == cascadeflow::AttemptRole::Draft;
    let wanted = result.attempts.iter().filter(|attempt| is_draft(attempt.role) == drafts);
    wanted.map(|attempt| attempt.usage.total_tokens()).sum()
}
