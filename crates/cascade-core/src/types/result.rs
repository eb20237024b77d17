//! What a run gives.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Attempt, Complexity, DecisionTrace, FinishReason, Part, Route, ToolCall, Usage, Usd};

/// Where the time of a run went, in milliseconds. `None` means that the stage did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "the unit belongs into every name")]
pub struct Timings {
    /// The whole run.
    pub total_ms: f64,
    /// Analysis of the query.
    pub analysis_ms: f64,
    /// Making the draft or draft set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft_ms: Option<f64>,
    /// Judging.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judge_ms: Option<f64>,
    /// The steps after the draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verifier_ms: Option<f64>,
    /// Everything but waiting for models.
    pub overhead_ms: f64,
}

/// The answer of a run with its cost and how it came about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CascadeResult {
    /// The answer's text.
    pub content: String,
    /// Tool calls of the answer.
    pub tool_calls: Vec<ToolCall>,
    /// Reasoning blocks of the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thinking: Vec<Part>,
    /// Why the answer ended; `None` when the provider does not say.
    pub finish_reason: Option<FinishReason>,
    /// The drafter when its draft was accepted, `drafter+verifier` when it was rejected, else the
    /// model that answered.
    pub model_used: Cow<'static, str>,
    /// The model whose answer this is.
    pub answer_model: Arc<str>,
    /// The provider whose answer this is.
    pub answer_provider: Arc<str>,
    /// The way taken.
    pub route: Route,
    /// Complexity the run was planned for.
    pub complexity: Complexity,
    /// Confidence in the complexity, in [0, 1].
    pub complexity_confidence: f64,
    /// Domain the run was planned for; `None` when nothing looked.
    pub domain: Option<Cow<'static, str>>,
    /// Confidence in the domain, in [0, 1].
    pub domain_confidence: Option<f64>,
    /// Whether a draft was made and judged.
    pub cascaded: bool,
    /// Whether a draft was accepted.
    pub draft_accepted: bool,
    /// Whether a rejected or failed draft led to another model.
    pub escalated: bool,
    /// Whether the answer came from the cache.
    pub cache_hit: bool,
    /// Why this answer, in one line.
    pub reason: Cow<'static, str>,
    /// Score of the last judged draft.
    pub quality_score: Option<f64>,
    /// Threshold of the last judged draft.
    pub quality_threshold: Option<f64>,
    /// Whether the last judged draft passed.
    pub quality_check_passed: Option<bool>,
    /// Why the last judged draft was rejected.
    pub rejection_reason: Option<Cow<'static, str>>,
    /// Text of the draft.
    pub draft_response: Option<String>,
    /// Text of the verifier's answer.
    pub verifier_response: Option<String>,
    /// Drafting model.
    pub draft_model: Option<Arc<str>>,
    /// Verifying model.
    pub verifier_model: Option<Arc<str>>,
    /// Confidence of the draft, in [0, 1].
    pub draft_confidence: Option<f64>,
    /// Confidence of the verifier's answer, in [0, 1].
    pub verifier_confidence: Option<f64>,
    /// Tokens of all attempts together.
    pub usage: Usage,
    /// Cost of all attempts in USD.
    pub total_cost: Usd,
    /// Cost of the drafts in USD.
    pub draft_cost: Usd,
    /// Cost of everything after the drafts in USD.
    pub verifier_cost: Usd,
    /// What the answer's tokens would cost at the verifier, in USD.
    pub baseline_cost: Usd,
    /// `baseline_cost − total_cost` in USD; negative when the cascade cost more.
    pub cost_saved: Usd,
    /// `cost_saved / baseline_cost · 100`; 0 when the baseline is zero.
    pub savings_percentage: f64,
    /// Whether the price of some attempt is unknown, so that the cost is a lower bound, or that of
    /// the model compared with, so that nothing counts as saved.
    pub unpriced: bool,
    /// Every call, in the order they ended.
    pub attempts: Vec<Attempt>,
    /// Where the time went.
    pub timings: Timings,
    /// Every decision.
    pub trace: DecisionTrace,
    /// The caller's key-value pairs.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// What the answering provider said beside the answer.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub provider_metadata: Map<String, Value>,
}

impl CascadeResult {
    /// Number of whitespace-separated words of the answer.
    pub fn word_count(&self) -> usize {
        self.content.split_whitespace().count()
    }

    /// Number of characters of the answer.
    pub fn length(&self) -> usize {
        self.content.chars().count()
    }
}
