use std::sync::Arc;
use std::time::Duration;

use cascadeflow::SystemClock;
use cascadeflow::ports::{BoxFuture, Clock};
use parking_lot::Mutex;
use pyo3::prelude::*;

/// A clock that asks a Python callable for the seconds since the Unix epoch.
struct PythonClock {
    callable: Py<PyAny>,
    /// The last time that was told, for when the callable fails.
    last: Mutex<Duration>,
    /// Time that passed by the callable's forward steps alone.
    monotonic: Mutex<Duration>,
    system: SystemClock,
}

impl PythonClock {
    fn ask(&self) -> Duration {
        let told = Python::attach(|py| {
            let callable = self.callable.bind(py);
            let seconds = callable.call0().and_then(|seconds| seconds.extract::<f64>());
            seconds.map_err(|error| error.write_unraisable(py, Some(callable))).ok()
        });
        let told = told.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let mut last = self.last.lock();
        let now = told.unwrap_or(*last);
        *self.monotonic.lock() += now.saturating_sub(*last);
        *last = now;
        now
    }
}

impl Clock for PythonClock {
    fn monotonic(&self) -> Duration {
        self.ask();
        *self.monotonic.lock()
    }

    fn since_epoch(&self) -> Duration {
        self.ask()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.system.sleep(duration)
    }
}

/// The clock that `callable` is, or the system's.
pub(crate) fn clock(callable: Option<Py<PyAny>>) -> Arc<dyn Clock> {
    match callable {
        None => Arc::new(SystemClock::default()),
        Some(callable) => {
            let clock = PythonClock {
                callable,
                last: Mutex::default(),
                monotonic: Mutex::default(),
                system: SystemClock::default(),
            };
            // What passes before the first question is no time.
            *clock.last.lock() = clock.ask();
            *clock.monotonic.lock() = Duration::ZERO;
            Arc::new(clock)
        }
    }
}
