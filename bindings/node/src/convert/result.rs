//! Results as published, and what the engine knows beyond.

use std::borrow::Cow;

use cascadeflow::chat_json::write_tool_call;
use cascadeflow::{
    Attempt, AttemptOutcome, AttemptRole, CascadeResult, CheckOutcome, Complexity, DecisionTrace,
    ErrorKind, FinishReason, Part, Priced, TraceStage, TraceStep, Usd, Verdict,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::usage::UsageView;

/// The published `CascadeResult` as JSON, a line break, and the details that most callers never
/// look at as JSON again: the face parses the second part only when it is asked for.
pub(crate) fn result_json(result: &CascadeResult) -> cascadeflow::Result<String> {
    // One allocation for a result of the usual size.
    let mut text = Vec::with_capacity(4096);
    let encoded = serde_json::to_writer(&mut text, &ResultView::from(result)).and_then(|()| {
        text.push(b'\n');
        serde_json::to_writer(&mut text, &DetailsView::from(result))
    });
    encoded
        .map_err(|error| error.to_string())
        .and_then(|()| String::from_utf8(text).map_err(|error| error.to_string()))
        .map_err(|error| {
            cascadeflow::Error::new(
                ErrorKind::Internal,
                format!("result cannot be encoded: {error}"),
            )
        })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultView<'a> {
    content: &'a str,
    model_used: &'a str,
    total_cost: f64,
    latency_ms: f64,
    tokens_used: u64,
    complexity: Complexity,
    /// In this package: escalated.
    cascaded: bool,
    draft_accepted: bool,
    routing_strategy: &'static str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Value>,
    has_tool_calls: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality_score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality_threshold: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality_check_passed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft_response: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verifier_response: Option<&'a str>,
    response_length: usize,
    response_word_count: usize,
    complexity_detection_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft_generation_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality_verification_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verifier_generation_ms: Option<f64>,
    cascade_overhead_ms: f64,
    draft_cost: f64,
    verifier_cost: f64,
    cost_saved: f64,
    savings_percentage: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft_latency_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft_confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verifier_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verifier_latency_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verifier_confidence: Option<f64>,
    model: &'a str,
    provider: &'a str,
    metadata: &'a Map<String, Value>,
    // Beyond the published surface.
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<FinishReason>,
    answer_model: &'a str,
    answer_provider: &'a str,
    escalated: bool,
    cache_hit: bool,
    complexity_confidence: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain_confidence: Option<f64>,
    usage: UsageView,
    baseline_cost: f64,
    unpriced: bool,
}

impl<'a> From<&'a CascadeResult> for ResultView<'a> {
    fn from(result: &'a CascadeResult) -> Self {
        let latency_of = |role: AttemptRole| {
            result.attempts.iter().find(|attempt| attempt.role == role).map(|a| a.latency_ms)
        };
        Self {
            content: &result.content,
            model_used: &result.model_used,
            total_cost: result.total_cost.to_f64(),
            latency_ms: result.timings.total_ms,
            tokens_used: result.usage.total_tokens(),
            complexity: result.complexity,
            cascaded: result.escalated,
            draft_accepted: result.draft_accepted,
            routing_strategy: result.route.as_str(),
            reason: &result.reason,
            tool_calls: result.tool_calls.iter().map(write_tool_call).collect(),
            has_tool_calls: !result.tool_calls.is_empty(),
            quality_score: result.quality_score,
            quality_threshold: result.quality_threshold,
            quality_check_passed: result.quality_check_passed,
            rejection_reason: result.rejection_reason.as_deref(),
            draft_response: result.draft_response.as_deref(),
            verifier_response: result.verifier_response.as_deref(),
            response_length: result.length(),
            response_word_count: result.word_count(),
            complexity_detection_ms: result.timings.analysis_ms,
            draft_generation_ms: result.timings.draft_ms,
            quality_verification_ms: result.timings.judge_ms,
            verifier_generation_ms: result.timings.verifier_ms,
            cascade_overhead_ms: result.timings.overhead_ms,
            draft_cost: result.draft_cost.to_f64(),
            verifier_cost: result.verifier_cost.to_f64(),
            cost_saved: result.cost_saved.to_f64(),
            savings_percentage: result.savings_percentage,
            draft_model: result.draft_model.as_deref(),
            draft_latency_ms: latency_of(AttemptRole::Draft),
            draft_confidence: result.draft_confidence,
            verifier_model: result.verifier_model.as_deref(),
            verifier_latency_ms: latency_of(AttemptRole::Verifier),
            verifier_confidence: result.verifier_confidence,
            model: &result.answer_model,
            provider: &result.answer_provider,
            metadata: &result.metadata,
            finish_reason: result.finish_reason,
            answer_model: &result.answer_model,
            answer_provider: &result.answer_provider,
            escalated: result.escalated,
            cache_hit: result.cache_hit,
            complexity_confidence: result.complexity_confidence,
            domain: result.domain.as_deref(),
            domain_confidence: result.domain_confidence,
            usage: result.usage.into(),
            baseline_cost: result.baseline_cost.to_f64(),
            unpriced: result.unpriced,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DetailsView<'a> {
    attempts: Vec<AttemptView<'a>>,
    trace: Vec<TraceStepView<'a>>,
    thinking: &'a [Part],
    provider_metadata: &'a Map<String, Value>,
}

impl<'a> From<&'a CascadeResult> for DetailsView<'a> {
    fn from(result: &'a CascadeResult) -> Self {
        let DecisionTrace { steps } = &result.trace;
        Self {
            attempts: result.attempts.iter().map(AttemptView::from).collect(),
            trace: steps.iter().map(TraceStepView::from).collect(),
            thinking: &result.thinking,
            provider_metadata: &result.provider_metadata,
        }
    }
}

/// One call of one model.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttemptView<'a> {
    role: AttemptRole,
    step: &'a str,
    model: &'a str,
    provider: &'a str,
    outcome: AttemptOutcome,
    usage: UsageView,
    cost: f64,
    priced: Priced,
    started_ms: f64,
    latency_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_chunk_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<FinishReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<VerdictView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_kind: Option<ErrorKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl<'a> From<&'a Attempt> for AttemptView<'a> {
    fn from(attempt: &'a Attempt) -> Self {
        Self {
            role: attempt.role,
            step: &attempt.step,
            model: &attempt.model,
            provider: &attempt.provider,
            outcome: attempt.outcome,
            usage: attempt.usage.into(),
            cost: attempt.cost.to_f64(),
            priced: attempt.priced,
            started_ms: attempt.started_ms,
            latency_ms: attempt.latency_ms,
            first_chunk_ms: attempt.first_chunk_ms,
            finish_reason: attempt.finish_reason,
            response_model: attempt.response_model.as_deref(),
            verdict: attempt.verdict.as_ref().map(VerdictView::from),
            error_kind: attempt.error_kind,
            error: attempt.error.as_deref(),
        }
    }
}

/// The judgement of a draft.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerdictView<'a> {
    accepted: bool,
    score: f64,
    confidence: f64,
    threshold: f64,
    reason: &'a str,
    checks: &'a [CheckOutcome],
}

impl<'a> From<&'a Verdict> for VerdictView<'a> {
    fn from(verdict: &'a Verdict) -> Self {
        Self {
            accepted: verdict.accepted,
            score: verdict.score,
            confidence: verdict.confidence,
            threshold: verdict.threshold,
            reason: &verdict.reason,
            checks: &verdict.checks,
        }
    }
}

/// One decision.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TraceStepView<'a> {
    stage: TraceStage,
    decision: &'a Cow<'static, str>,
    reason: &'a Cow<'static, str>,
    rule: &'a Cow<'static, str>,
    cost: f64,
    at_ms: f64,
    duration_ms: f64,
}

impl<'a> From<&'a TraceStep> for TraceStepView<'a> {
    fn from(step: &'a TraceStep) -> Self {
        Self {
            stage: step.stage,
            decision: &step.decision,
            reason: &step.reason,
            rule: &step.rule,
            cost: Usd::to_f64(step.cost),
            at_ms: step.at_ms,
            duration_ms: step.duration_ms,
        }
    }
}
