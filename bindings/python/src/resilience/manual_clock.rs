use std::sync::Arc;
use std::time::Duration;

use cascadeflow::Error;
use cascadeflow::ports::{BoxFuture, Clock};
use parking_lot::Mutex;
use pyo3::prelude::*;

use crate::error::to_exception;

/// A clock that stands still until it is moved by hand, for tests of what depends on time.
#[pyclass(frozen, name = "ManualClock", module = "cascadeflow._native")]
pub(crate) struct ManualClock {
    time: Arc<Time>,
}

struct Time {
    now: Mutex<Duration>,
}

impl ManualClock {
    /// The clock as the engine reads it.
    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.time) as _
    }
}

#[pymethods]
impl ManualClock {
    /// A clock at zero.
    #[new]
    fn new() -> Self {
        Self { time: Arc::new(Time { now: Mutex::default() }) }
    }

    /// Moves the clock on by seconds, zero or more.
    fn advance(&self, py: Python<'_>, seconds: f64) -> PyResult<()> {
        let by = Duration::try_from_secs_f64(seconds).map_err(|_| {
            let message = format!("a clock cannot be moved by this many seconds: `{seconds}`");
            to_exception(py, &Error::validation("seconds", message, "give zero or more"))
        })?;
        let mut now = self.time.now.lock();
        *now = now.saturating_add(by);
        Ok(())
    }

    /// Seconds that it was moved by in all.
    #[getter]
    fn now(&self) -> f64 {
        self.time.now.lock().as_secs_f64()
    }
}

impl Clock for Time {
    fn monotonic(&self) -> Duration {
        *self.now.lock()
    }

    fn since_epoch(&self) -> Duration {
        self.monotonic()
    }

    /// Nobody sleeps by it: breakers only look at the time.
    fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
