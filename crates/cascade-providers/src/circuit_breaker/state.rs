use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// Whether calls are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CircuitState {
    /// All are.
    Closed,
    /// None is.
    Open,
    /// Probes are.
    HalfOpen,
}

impl CircuitState {
    /// Stable name: `closed`, `open` or `half_open`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

impl fmt::Display for CircuitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One change of state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateChange {
    /// Before.
    pub from: CircuitState,
    /// After.
    pub to: CircuitState,
    /// When, since the Unix epoch.
    pub at: Duration,
}

/// What a breaker has seen since it was made or reset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CircuitMetrics {
    /// Calls that ended, well or not.
    pub total_calls: u64,
    /// Calls that succeeded.
    pub successful_calls: u64,
    /// Calls that failed.
    pub failed_calls: u64,
    /// Calls that were not let through.
    pub rejected_calls: u64,
    /// The latest changes of state, oldest first.
    pub state_changes: VecDeque<StateChange>,
    /// When the last call failed, since the Unix epoch; `None` when none has.
    pub last_failure_time: Option<Duration>,
    /// When the last call succeeded, since the Unix epoch; `None` when none has.
    pub last_success_time: Option<Duration>,
}

/// A breaker is open; the source of the error that a call then ends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircuitOpen {
    /// Name of the breaker.
    pub name: String,
    /// Time until a probe is let through.
    pub retry_in: Duration,
}

impl fmt::Display for CircuitOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.retry_in.as_secs_f64();
        write!(f, "circuit breaker is open for `{}`: retry in {seconds:.1} s", self.name)
    }
}

impl std::error::Error for CircuitOpen {}
