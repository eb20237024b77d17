//! One call of one model within a run.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Priced, Usage, Usd, Verdict};
use crate::error::ErrorKind;

/// The part an attempt plays in its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptRole {
    /// A cheap answer that is judged before it counts.
    Draft,
    /// The strong answer after a rejected draft.
    Verifier,
    /// The only planned answer.
    Direct,
    /// A replacement for a model that failed.
    Fallback,
    /// A step of a user's strategy.
    Step,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// Its answer was accepted.
    Accepted,
    /// Its answer was judged and rejected.
    Rejected,
    /// Another answer of the same draft set was preferred.
    NotChosen,
    /// It failed without an answer.
    Failed,
}

/// One call of one model, accounted exactly once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Attempt {
    /// Its part in the run.
    pub role: AttemptRole,
    /// Name of the plan step it belongs to.
    pub step: Arc<str>,
    /// Model id.
    pub model: Arc<str>,
    /// Provider name.
    pub provider: Arc<str>,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// Tokens used; what is known of them when it failed.
    pub usage: Usage,
    /// Cost in USD.
    pub cost: Usd,
    /// How the cost is known.
    pub priced: Priced,
    /// Time from sending to the last byte, in milliseconds.
    pub latency_ms: f64,
    /// The judgement, where the attempt was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Kind of the failure, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_kind: Option<ErrorKind>,
    /// The failure's message, where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
