//! One call of one model within a run.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{FinishReason, Priced, Usage, Usd, Verdict};
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
    /// Vectors of texts, made outside a run.
    Embedding,
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

impl AttemptRole {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Verifier => "verifier",
            Self::Direct => "direct",
            Self::Fallback => "fallback",
            Self::Step => "step",
            Self::Embedding => "embedding",
        }
    }
}

impl AttemptOutcome {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::NotChosen => "not_chosen",
            Self::Failed => "failed",
        }
    }
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
    /// When it was sent, in milliseconds since its run began.
    pub started_ms: f64,
    /// Time from sending to the last byte, in milliseconds.
    pub latency_ms: f64,
    /// Time from sending to the first piece of the answer, in milliseconds; `None` unless streamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_chunk_ms: Option<f64>,
    /// Why the answer ended; `None` when there is none or the provider does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<FinishReason>,
    /// Model that answered, as the provider names it; `None` when it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_model: Option<Arc<str>>,
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
