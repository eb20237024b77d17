use cascadeflow::{CascadeResult, Error, Route, Usd};
use serde::Serialize;

use super::script::ScriptedQuery;

/// How a question ended; every question ends in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// The draft was good enough.
    Accepted,
    /// The draft was rejected or failed, and another model answered.
    Escalated,
    /// The strong model was asked without a draft.
    Direct,
    /// No model answered.
    Failed,
}

/// What became of one question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct QueryReport {
    pub(super) domain: String,
    pub(super) query: String,
    /// What kind of draft was scripted; the engine does not know.
    pub(super) scripted_draft: String,
    /// Models that answered, as in `CascadeResult::model_used`; empty when it failed.
    pub(super) model: String,
    /// The way taken; `None` when it failed.
    pub(super) route: Option<Route>,
    pub(super) outcome: Outcome,
    pub(super) accepted: bool,
    pub(super) escalated: bool,
    /// Cost in USD as a number; `cost_usd` is exact.
    pub(super) cost: f64,
    pub(super) cost_usd: Usd,
    /// What was saved in USD as a number; `saved_usd` is exact.
    pub(super) saved: f64,
    pub(super) saved_usd: Usd,
    pub(super) complexity: String,
    pub(super) streamed: bool,
    /// Calls of models, retries inside a provider not counted.
    pub(super) attempts: usize,
    /// Why this answer, or the error.
    pub(super) reason: String,
    pub(super) answer: String,
    pub(super) total_ms: f64,
    /// Time of the engine itself in microseconds; `None` when it failed.
    pub(super) overhead_us: Option<f64>,
}

impl QueryReport {
    pub(super) fn new(
        domain: &str,
        asked: &ScriptedQuery,
        ended: &Result<CascadeResult, Error>,
    ) -> Self {
        let report = Self {
            domain: domain.to_owned(),
            query: asked.query.clone(),
            scripted_draft: asked.scripted_draft.clone(),
            model: String::new(),
            route: None,
            outcome: Outcome::Failed,
            accepted: false,
            escalated: false,
            cost: 0.0,
            cost_usd: Usd::ZERO,
            saved: 0.0,
            saved_usd: Usd::ZERO,
            complexity: String::new(),
            streamed: asked.stream.is_some(),
            attempts: 0,
            reason: String::new(),
            answer: String::new(),
            total_ms: 0.0,
            overhead_us: None,
        };
        match ended {
            Ok(result) => report.with_result(result),
            Err(error) => {
                let cost: Usd = error.attempts().iter().map(|attempt| attempt.cost).sum();
                Self {
                    cost: cost.to_f64(),
                    cost_usd: cost,
                    attempts: error.attempts().len(),
                    reason: error.to_string(),
                    ..report
                }
            }
        }
    }

    fn with_result(self, result: &CascadeResult) -> Self {
        let outcome = match result.route {
            Route::Direct => Outcome::Direct,
            _ if result.draft_accepted => Outcome::Accepted,
            _ => Outcome::Escalated,
        };
        Self {
            model: result.model_used.to_string(),
            route: Some(result.route),
            outcome,
            accepted: outcome == Outcome::Accepted,
            escalated: outcome == Outcome::Escalated,
            cost: result.total_cost.to_f64(),
            cost_usd: result.total_cost,
            saved: result.cost_saved.to_f64(),
            saved_usd: result.cost_saved,
            complexity: result.complexity.to_string(),
            attempts: result.attempts.len(),
            reason: result.reason.to_string(),
            answer: result.content.clone(),
            total_ms: result.timings.total_ms,
            overhead_us: Some(result.timings.overhead_ms * 1000.0),
            ..self
        }
    }
}
