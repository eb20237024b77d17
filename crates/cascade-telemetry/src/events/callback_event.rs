use std::fmt;
use std::str::FromStr;

use cascade_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackEvent {
    /// A run began.
    QueryStart,
    /// How hard the query is was found out.
    ComplexityDetected,
    /// The models that may answer were put in order.
    ModelsScored,
    /// It was decided how to answer.
    StrategySelected,
    /// A model is being asked.
    ModelCallStart,
    /// A model answered.
    ModelCallComplete,
    /// A model failed.
    ModelCallError,
    /// A draft was accepted or rejected.
    CascadeDecision,
    /// The answer was in the cache.
    CacheHit,
    /// The answer was not in the cache.
    CacheMiss,
    /// The run gave a result.
    QueryComplete,
    /// The run failed.
    QueryError,
}

impl CallbackEvent {
    /// Every event, in the order of a run.
    pub const ALL: [Self; 12] = [
        Self::QueryStart,
        Self::ComplexityDetected,
        Self::ModelsScored,
        Self::StrategySelected,
        Self::ModelCallStart,
        Self::ModelCallComplete,
        Self::ModelCallError,
        Self::CascadeDecision,
        Self::CacheHit,
        Self::CacheMiss,
        Self::QueryComplete,
        Self::QueryError,
    ];

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueryStart => "query_start",
            Self::ComplexityDetected => "complexity_detected",
            Self::ModelsScored => "models_scored",
            Self::StrategySelected => "strategy_selected",
            Self::ModelCallStart => "model_call_start",
            Self::ModelCallComplete => "model_call_complete",
            Self::ModelCallError => "model_call_error",
            Self::CascadeDecision => "cascade_decision",
            Self::CacheHit => "cache_hit",
            Self::CacheMiss => "cache_miss",
            Self::QueryComplete => "query_complete",
            Self::QueryError => "query_error",
        }
    }
}

impl fmt::Display for CallbackEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CallbackEvent {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join("`, `");
            Error::validation(
                "event",
                format!("unknown event: `{text}`"),
                format!("give one of `{names}`"),
            )
        })
    }
}
