use std::time::Duration;

use cascadeflow::telemetry::{self, RateDecision, RateLimiterConfig, RateLimits};
use cascadeflow::{Error, Result, Usd, read_value};
use pyo3::prelude::*;

use super::clock::clock;
use crate::convert::{to_json, to_python};
use crate::error::to_exception;

/// Counts what each person used, and holds them to their limits. Limits are plain data of the fields
/// `requests_per_hour`, `requests_per_day`, `tokens_per_minute`, `daily_budget` and the like.
#[pyclass(frozen, name = "RateLimiter", module = "cascadeflow._native")]
pub(crate) struct RateLimiter {
    limiter: telemetry::RateLimiter,
}

fn limits_of(limits: &Bound<'_, PyAny>) -> Result<RateLimits> {
    let limits: RateLimits = read_value(to_json("limits", limits)?)?;
    limits.validate()?;
    Ok(limits)
}

fn cost_of(cost: f64) -> Result<Usd> {
    Usd::from_f64(cost).ok().filter(|cost| !cost.is_negative()).ok_or_else(|| {
        Error::validation("cost", format!("not a cost in USD: `{cost}`"), "give 0 or more")
    })
}

#[pymethods]
impl RateLimiter {
    /// Remembers at most so many people. `clock` tells the seconds since the Unix epoch; `None`
    /// takes the system's.
    #[new]
    #[pyo3(signature = (max_users, clock = None))]
    fn new(max_users: usize, clock: Option<Py<PyAny>>) -> Self {
        let config = RateLimiterConfig { max_users };
        Self { limiter: telemetry::RateLimiter::new(self::clock(clock), config) }
    }

    /// What refuses a request, as a dict; `None` when it may be made. Counts nothing, or, with
    /// `acquire`, counts it when it may be made.
    #[pyo3(signature = (user_id, limits, cost, tokens, acquire = false))]
    fn check(
        &self,
        py: Python<'_>,
        user_id: &str,
        limits: &Bound<'_, PyAny>,
        cost: f64,
        tokens: u64,
        acquire: bool,
    ) -> PyResult<Option<Py<PyAny>>> {
        let read = || Ok((limits_of(limits)?, cost_of(cost)?));
        let (limits, cost) = read().map_err(|error| to_exception(py, &error))?;
        let decision = if acquire {
            self.limiter.acquire(user_id, &limits, cost, tokens)
        } else {
            self.limiter.check(user_id, &limits, cost, tokens)
        };
        match decision {
            RateDecision::Allowed => Ok(None),
            RateDecision::Refused(refusal) => to_python(py, &refusal).map(Some),
        }
    }

    /// Counts a request, whether or not it may be made.
    fn record(
        &self,
        py: Python<'_>,
        user_id: &str,
        limits: &Bound<'_, PyAny>,
        cost: f64,
        tokens: u64,
    ) -> PyResult<()> {
        let read = || Ok((limits_of(limits)?, cost_of(cost)?));
        let (limits, cost) = read().map_err(|error| to_exception(py, &error))?;
        self.limiter.record(user_id, &limits, cost, tokens);
        Ok(())
    }

    /// What `user_id` used, as a dict.
    fn usage(&self, py: Python<'_>, user_id: &str) -> PyResult<Py<PyAny>> {
        to_python(py, &self.limiter.usage(user_id))
    }

    /// Forgets what `user_id` used.
    fn reset(&self, user_id: &str) {
        self.limiter.reset(user_id);
    }

    /// Forgets everybody.
    fn clear(&self) {
        self.limiter.clear();
    }

    /// Forgets those who asked for nothing for so many seconds; how many they were.
    fn forget_idle(&self, seconds: f64) -> usize {
        self.limiter.forget_idle(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    }

    fn __len__(&self) -> usize {
        self.limiter.len()
    }
}
