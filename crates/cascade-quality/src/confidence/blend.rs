use cascade_core::ChatResponse;
use cascade_core::query::{QueryAnalysis, RequestedFormat};
use serde::Serialize;

use super::LogprobSummary;
use crate::acceptance::{AcceptanceFeatures, AcceptanceModel};
use crate::draft::DraftAnalysis;

/// Share of the text score in the ranking score where the provider gives its own confidence.
const TEXT_SHARE: f64 = 0.3;
/// For answers of a kind that the acceptance model was not fitted on, its logit counts half
/// around this one: free text of usual length is more often good than not.
const FREE_LOGIT: f64 = 0.65;
/// Confidence in well-formed tool calls without any text.
const TOOL_CALLS: f64 = 0.85;

/// Where a confidence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfidenceSource {
    /// Token probabilities blended with the text.
    Logprobs,
    /// The provider's own figure.
    Provider,
    /// The text alone.
    Text,
    /// Tool calls without text.
    ToolCalls,
}

/// Confidence in a draft, before any check.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Confidence {
    /// What is compared with the threshold, in [0, 1].
    pub value: f64,
    /// What orders drafts, in [0, 1].
    pub score: f64,
    /// Where [`Self::value`] comes from.
    pub source: ConfidenceSource,
}

impl Confidence {
    /// Confidence in `draft`, whose text `analysis` is. `logprob_weight` is the share of the token
    /// probabilities, in [0, 1].
    pub fn new(
        query: &QueryAnalysis,
        analysis: &DraftAnalysis,
        draft: &ChatResponse,
        logprob_weight: f64,
    ) -> Self {
        let text = text_confidence(query, analysis);
        let summary = draft.logprobs.as_deref().and_then(LogprobSummary::new);
        if let Some(summary) = summary {
            let value = logprob_weight.mul_add(summary.confidence() - text, text);
            return Self { value, score: value, source: ConfidenceSource::Logprobs };
        }
        if let Some(given) = draft.confidence.filter(|given| !given.is_nan()) {
            let value = given.clamp(0.0, 1.0);
            let score = TEXT_SHARE.mul_add(text - value, value);
            return Self { value, score, source: ConfidenceSource::Provider };
        }
        if analysis.length == 0 && !draft.tool_calls.is_empty() {
            return Self {
                value: TOOL_CALLS,
                score: TOOL_CALLS,
                source: ConfidenceSource::ToolCalls,
            };
        }
        Self { value: text, score: text, source: ConfidenceSource::Text }
    }
}

/// Confidence from the text alone.
fn text_confidence(query: &QueryAnalysis, analysis: &DraftAnalysis) -> f64 {
    if analysis.length == 0 {
        return 0.0;
    }
    let score = AcceptanceModel::embedded().score(&AcceptanceFeatures::new(query, analysis));
    let fitted = query.expects_value()
        || query.requested_format == Some(RequestedFormat::Json)
        || analysis.answer.is_some();
    if fitted {
        return score;
    }
    let logit = (score / (1.0 - score)).ln();
    1.0 / (1.0 + (-(0.5 * logit + FREE_LOGIT)).exp())
}
