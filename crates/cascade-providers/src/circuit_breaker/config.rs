use std::time::Duration;

/// When a breaker opens and how it closes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitBreakerConfig {
    /// Failures within `failure_window` that open it. Default 5; at least 1.
    pub failure_threshold: u32,
    /// Time until a probe is let through. Default 30 s; zero lets one through at once.
    pub recovery_timeout: Duration,
    /// Probes at a time while it is half open. Default 1; at least 1.
    pub half_open_max_calls: u32,
    /// Successful probes that close it. Default 1; at least 1.
    pub success_threshold: u32,
    /// How long a failure counts. Default 60 s.
    pub failure_window: Duration,
}

impl Default for CircuitBreakerConfig {
    fn default() -> Self {
        Self {
            failure_threshold: 5,
            recovery_timeout: Duration::from_secs(30),
            half_open_max_calls: 1,
            success_threshold: 1,
            failure_window: Duration::from_mins(1),
        }
    }
}
