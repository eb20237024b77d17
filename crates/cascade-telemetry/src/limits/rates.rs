use std::time::Duration;

use cascade_core::{BudgetWindow, Error, ErrorKind, Result, Usd};
use serde::{Deserialize, Serialize};

/// What one person may use; `None` is unlimited. Windows slide: a request counts for as long as the
/// window lasts, from the moment it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// Requests in any minute.
    pub requests_per_minute: Option<u64>,
    /// Requests in any hour.
    pub requests_per_hour: Option<u64>,
    /// Requests in any 24 hours.
    pub requests_per_day: Option<u64>,
    /// Tokens in any minute.
    pub tokens_per_minute: Option<u64>,
    /// Tokens in any hour.
    pub tokens_per_hour: Option<u64>,
    /// Tokens in any 24 hours.
    pub tokens_per_day: Option<u64>,
    /// USD in 24 hours, counted from the first spending after the last 24 hours ended.
    pub daily_budget: Option<Usd>,
    /// Most requests at once: a bucket of this size that fills at the rate of the shortest window
    /// with a limit of requests.
    pub burst: Option<u64>,
}

impl RateLimits {
    /// Checks what can only be a mistake.
    ///
    /// # Errors
    /// A validation error that names the field.
    pub fn validate(&self) -> Result<()> {
        if self.daily_budget.is_some_and(|budget| budget < Usd::ZERO) {
            return Err(Error::validation(
                "daily_budget",
                "daily_budget is negative",
                "give an amount in USD from 0 on, or leave it out",
            ));
        }
        if self.burst == Some(0) {
            return Err(Error::validation(
                "burst",
                "burst is zero, which would refuse every request",
                "give at least 1, or leave it out",
            ));
        }
        if self.burst.is_some() && self.shortest_request_limit().is_none() {
            return Err(Error::validation(
                "burst",
                "burst is set without a limit of requests that would fill it again",
                "set requests_per_minute, requests_per_hour or requests_per_day too",
            ));
        }
        Ok(())
    }

    /// The shortest window with a limit of requests, and the limit.
    pub(super) fn shortest_request_limit(&self) -> Option<(Duration, u64)> {
        [
            (BudgetWindow::Minute, self.requests_per_minute),
            (BudgetWindow::Hour, self.requests_per_hour),
            (BudgetWindow::Day, self.requests_per_day),
        ]
        .into_iter()
        .find_map(|(window, limit)| Some((length(window), limit?)))
    }
}

/// Length of a sliding window.
pub(super) const fn length(window: BudgetWindow) -> Duration {
    match window {
        BudgetWindow::Minute => Duration::from_mins(1),
        BudgetWindow::Hour => Duration::from_hours(1),
        _ => Duration::from_hours(24),
    }
}

/// What a rate limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateMeasure {
    /// Requests in a window.
    Requests,
    /// Tokens in a window.
    Tokens,
    /// USD in a day.
    Cost,
    /// Requests at once.
    Burst,
}

/// Whether a request may be made.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "decision")]
pub enum RateDecision {
    /// It may.
    Allowed,
    /// It may not.
    Refused(RateRefusal),
}

impl RateDecision {
    /// Whether the request may be made.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed)
    }
}

/// The limit that refuses a request: of several, the one that holds longest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RateRefusal {
    /// What it counts.
    pub measure: RateMeasure,
    /// The window it counts over.
    pub window: BudgetWindow,
    /// The limit, in requests, tokens or USD.
    pub limit: Usd,
    /// What is used of it, in the same unit.
    pub used: Usd,
    /// Time until the same request is allowed, if nothing else is used meanwhile, in milliseconds;
    /// `None` when it never is, since it needs more than the limit at once.
    pub retry_after_ms: Option<u64>,
    /// What is said to the caller.
    pub message: String,
}

impl From<RateRefusal> for Error {
    fn from(refusal: RateRefusal) -> Self {
        let kind = match refusal.measure {
            RateMeasure::Cost => ErrorKind::Budget,
            _ => ErrorKind::RateLimit,
        };
        let error = Self::new(kind, refusal.message).with_field("rate_limit");
        match refusal.retry_after_ms {
            Some(wait) => error
                .with_retry_after(Duration::from_millis(wait))
                .with_hint("wait as long as `retry_after` says, or raise the limit"),
            None => error.with_hint("ask for less at once, or raise the limit"),
        }
    }
}
