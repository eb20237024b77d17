use std::sync::Arc;

use cascadeflow::SystemClock;
use cascadeflow::ports::Clock;
use cascadeflow::providers::CircuitBreaker as Breaker;
use pyo3::prelude::*;
use serde_json::{Value, json};

use super::permit::CircuitPermit;
use super::{ManualClock, settings};
use crate::convert::to_python;
use crate::error::to_exception;
use crate::shutdown;

/// The engine's circuit breaker. Two handles of one breaker are equal.
#[pyclass(frozen, eq, hash, name = "CircuitBreaker", module = "cascadeflow._native")]
pub(crate) struct CircuitBreaker {
    breaker: Arc<Breaker>,
}

impl CircuitBreaker {
    /// A handle of `breaker`.
    pub(crate) const fn of(breaker: Arc<Breaker>) -> Self {
        Self { breaker }
    }
}

impl PartialEq for CircuitBreaker {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.breaker, &other.breaker)
    }
}

impl std::hash::Hash for CircuitBreaker {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.breaker).hash(state);
    }
}

/// What can be seen of a breaker as plain data, times in seconds.
pub(super) fn record(breaker: &Breaker) -> Value {
    let state = breaker.state();
    let metrics = breaker.metrics();
    let changes: Vec<_> = metrics
        .state_changes
        .iter()
        .map(|change| (change.from.code(), change.to.code(), change.at.as_secs_f64()))
        .collect();
    json!({
        "name": breaker.name(),
        "state": state.code(),
        "failures": breaker.failure_count(),
        "time_until_retry": breaker.time_until_retry().map(|left| left.as_secs_f64()),
        "total_calls": metrics.total_calls,
        "successful_calls": metrics.successful_calls,
        "failed_calls": metrics.failed_calls,
        "rejected_calls": metrics.rejected_calls,
        "state_changes": changes,
        "last_failure_time": metrics.last_failure_time.map(|at| at.as_secs_f64()),
        "last_success_time": metrics.last_success_time.map(|at| at.as_secs_f64()),
    })
}

#[pymethods]
impl CircuitBreaker {
    /// A closed breaker of its own. `config` is plain data with times in seconds; `clock` replaces
    /// the machine's.
    #[new]
    #[pyo3(signature = (name, config, clock = None))]
    fn new(
        py: Python<'_>,
        name: &str,
        config: &Bound<'_, PyAny>,
        clock: Option<&Bound<'_, ManualClock>>,
    ) -> PyResult<Self> {
        let config = settings::read(config).map_err(|error| to_exception(py, &error))?;
        let clock: Arc<dyn Clock> = match clock {
            Some(clock) => clock.get().clock(),
            None => Arc::new(SystemClock::default()),
        };
        Ok(Self::of(Arc::new(Breaker::new(name, config, clock))))
    }

    #[getter]
    fn name(&self) -> &str {
        self.breaker.name()
    }

    /// Its settings as plain data, times in seconds.
    #[getter]
    fn config(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_python(py, &settings::write(self.breaker.config()))
    }

    /// `closed`, `open` or `half_open`.
    #[getter]
    fn state(&self) -> &'static str {
        self.breaker.state().code()
    }

    /// Failures that count now.
    #[getter]
    fn failures(&self) -> usize {
        self.breaker.failure_count()
    }

    /// Seconds until a probe is let through; `None` unless it is open.
    #[getter]
    fn time_until_retry(&self) -> Option<f64> {
        self.breaker.time_until_retry().map(|left| left.as_secs_f64())
    }

    /// Whether a call may go out, whose outcome must then be recorded.
    fn can_execute(&self) -> bool {
        self.breaker.can_execute()
    }

    /// Leave for one call, which counts its outcome; `None`, and a rejection counted, when the call
    /// may not go out.
    fn try_acquire(&self) -> Option<CircuitPermit> {
        self.breaker.try_acquire().map(CircuitPermit::of)
    }

    /// Counts a call that succeeded.
    fn record_success(&self) {
        self.breaker.record_success();
    }

    /// Counts a call that failed.
    fn record_failure(&self) {
        self.breaker.record_failure();
    }

    /// Counts a call that was not let through.
    fn record_rejection(&self) {
        self.breaker.record_rejection();
    }

    /// Opens it, whatever was seen.
    fn force_open(&self) {
        self.breaker.force_open();
    }

    /// Closes it, whatever was seen.
    fn force_close(&self) {
        self.breaker.force_close();
    }

    /// Closes it and forgets what was seen.
    fn reset(&self) {
        self.breaker.reset();
    }

    /// What can be seen of it as plain data, times in seconds.
    fn status(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_python(py, &record(&self.breaker))
    }

    /// Has `listener` called with the states before and after each change, on the thread that makes
    /// it; what it raises goes to `sys.unraisablehook`.
    fn on_state_change(&self, listener: Py<PyAny>) {
        self.breaker.on_state_change(Arc::new(move |from, to| {
            shutdown::try_attach(|py| {
                // A change may come while an exception is on its way up, which calls must not meet.
                let pending = PyErr::take(py);
                let listener = listener.bind(py);
                if let Err(error) = listener.call1((from.code(), to.code())) {
                    error.write_unraisable(py, Some(listener));
                }
                if let Some(pending) = pending {
                    pending.restore(py);
                }
            });
        }));
    }
}
