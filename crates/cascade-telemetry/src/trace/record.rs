use std::sync::Arc;
use std::time::Duration;

use cascade_core::{Attempt, ErrorKind, RunId, TraceStep, Usd};
use serde::Serialize;

/// What one run decided, and what it cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraceRecord {
    /// The run.
    pub run: RunId,
    /// When it began, in seconds since the Unix epoch.
    #[serde(serialize_with = "seconds")]
    pub at: Duration,
    /// The person it was for.
    pub user_id: Option<String>,
    /// The organisation it was for.
    pub tenant_id: Option<String>,
    /// The decisions in their order, each with its cost in USD.
    pub steps: Vec<TraceStep>,
    /// The calls of models in the order they ended.
    pub attempts: Vec<Attempt>,
    /// What all calls cost together, in USD.
    pub total_cost: Usd,
    /// The model that answered; `None` of a run that failed.
    pub answer_model: Option<Arc<str>>,
    /// Why it failed; `None` of a run that gave an answer.
    pub error_kind: Option<ErrorKind>,
    /// How long it took, in milliseconds.
    pub total_ms: f64,
}

fn seconds<S: serde::Serializer>(at: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(at.as_secs_f64())
}
