//! The record of every decision of a run.

use std::borrow::Cow;

use serde::Serialize;

use super::Usd;

/// The stage of a run that a trace step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceStage {
    /// The query was analysed.
    Analyse,
    /// The cache was asked.
    Cache,
    /// A hook or budget was asked.
    Budget,
    /// The plan was made.
    Route,
    /// A model was called.
    Call,
    /// An answer was judged.
    Judge,
    /// The next step was chosen after a rejection.
    Escalate,
    /// A failed model was replaced.
    Fallback,
    /// Tools were executed.
    Tools,
    /// The run was accounted.
    Account,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraceStep {
    /// The stage.
    pub stage: TraceStage,
    /// What was decided.
    pub decision: Cow<'static, str>,
    /// Why.
    pub reason: Cow<'static, str>,
    /// Stable name of the rule that decided.
    pub rule: Cow<'static, str>,
    /// What it cost in USD; zero for decisions that call nothing.
    pub cost: Usd,
    /// When it was decided, in milliseconds since the run began.
    pub at_ms: f64,
    /// How long it took, in milliseconds.
    pub duration_ms: f64,
}

/// The decisions of one run, in order.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DecisionTrace {
    /// The decisions.
    pub steps: Vec<TraceStep>,
}
