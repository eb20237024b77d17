//! Stream events as published: `type`, `content`, and `data` in snake case.

use cascadeflow::{Complexity, Error, ErrorKind, Result, StreamEvent, StreamPhase, ToolCallDelta};
use serde::Serialize;

use super::result::result_json;

#[derive(Serialize)]
struct EventView<'a> {
    r#type: &'static str,
    content: &'a str,
    data: DataView<'a>,
}

#[derive(Serialize, Default)]
struct DataView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<StreamPhase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strategy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    complexity: Option<Complexity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks_passed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality_threshold: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verifier_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_delta: Option<&'a ToolCallDelta>,
}

/// The event as JSON; the last one as the word `complete`, a line break, and the result as
/// [`result_json`] writes it, so that the face parses its details only when asked.
pub(crate) fn event_json(event: &StreamEvent) -> Result<String> {
    let view = match event {
        StreamEvent::Complete { result } => {
            return result_json(result).map(|json| format!("complete\n{json}"));
        }
        StreamEvent::Routing { route, complexity, reason, model, provider } => EventView {
            r#type: "routing",
            content: "",
            data: DataView {
                strategy: Some(route.as_str()),
                complexity: Some(*complexity),
                reason: Some(reason),
                model: Some(model),
                provider: Some(provider),
                ..DataView::default()
            },
        },
        StreamEvent::Chunk { text, phase, model, provider } => EventView {
            r#type: "chunk",
            content: text,
            data: DataView {
                phase: Some(*phase),
                model: Some(model),
                provider: Some(provider),
                ..DataView::default()
            },
        },
        // The published enumeration has no event for these two: chunks without text.
        StreamEvent::Thinking { text, phase, model } => EventView {
            r#type: "chunk",
            content: "",
            data: DataView {
                r#type: Some("thinking"),
                phase: Some(*phase),
                model: Some(model),
                thinking: Some(text),
                ..DataView::default()
            },
        },
        StreamEvent::ToolCall { delta, phase, model } => EventView {
            r#type: "chunk",
            content: "",
            data: DataView {
                r#type: Some("tool_call"),
                phase: Some(*phase),
                model: Some(model),
                tool_call_delta: Some(delta),
                ..DataView::default()
            },
        },
        StreamEvent::DraftDecision { verdict, draft_model, verifier_model } => EventView {
            r#type: "draft_decision",
            content: "",
            data: DataView {
                accepted: Some(verdict.accepted),
                checks_passed: Some(verdict.failed_checks().next().is_none()),
                score: Some(verdict.score),
                confidence: Some(verdict.confidence),
                quality_threshold: Some(verdict.threshold),
                reason: Some(&verdict.reason),
                draft_model: Some(draft_model),
                verifier_model: verifier_model.as_deref(),
                ..DataView::default()
            },
        },
        StreamEvent::Switch { from_model, to_model, reason } => EventView {
            r#type: "switch",
            content: "",
            data: DataView {
                from_model: Some(from_model),
                to_model: Some(to_model),
                reason: Some(reason),
                ..DataView::default()
            },
        },
    };
    serde_json::to_string(&view).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("event cannot be encoded: {error}"))
    })
}
