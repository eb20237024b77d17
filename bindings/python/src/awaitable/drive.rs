use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use pyo3::exceptions::{PyRuntimeError, PyStopIteration, PyValueError};
use pyo3::prelude::*;

use super::deferral;
use super::drain::thrown;
use super::driver::Driver;
use super::gate::{Gate, Inner, PyGate};
use super::loop_waker::LoopWaker;
use crate::runtime::Runtime;

/// Makes the awaited value, or the exception, when the interpreter is at hand.
pub(crate) type Output = Box<dyn for<'py> FnOnce(Python<'py>) -> PyResult<Py<PyAny>> + Send>;

/// A Rust future that Python awaits, polled on the awaiting thread.
#[pyclass(frozen, name = "Awaitable", module = "cascadeflow._native")]
pub(crate) struct Awaitable {
    drive: Mutex<Option<Drive>>,
}

struct Drive {
    future: Pin<Box<dyn Future<Output = Output> + Send>>,
    driver: Arc<Driver>,
    waker: Arc<LoopWaker>,
    task_waker: Waker,
    runtime: &'static Runtime,
}

/// How often a future that wakes itself is polled again before the loop gets its turn.
const MOST_POLLS: usize = 16;

impl Awaitable {
    /// An awaitable of `future`'s value. Nothing happens before it is awaited; dropping it cancels
    /// the future.
    pub(crate) fn new(
        py: Python<'_>,
        future: impl Future<Output = Output> + Send + 'static,
    ) -> PyResult<Self> {
        let runtime = Runtime::current(py)?;
        let waker = Arc::new(LoopWaker::new(runtime));
        let drive = Drive {
            future: Box::pin(future),
            driver: Arc::default(),
            task_waker: Waker::from(Arc::clone(&waker)),
            waker,
            runtime,
        };
        Ok(Self { drive: Mutex::new(Some(drive)) })
    }

    /// Runs `f` with the drive; what `f` leaves of it goes on.
    fn with_drive<R>(&self, f: impl FnOnce(&mut Option<Drive>) -> PyResult<R>) -> PyResult<R> {
        let Some(mut drive) = self.drive.try_lock() else {
            return Err(PyValueError::new_err("awaitable is already being awaited"));
        };
        if drive.is_none() {
            return Err(PyRuntimeError::new_err("cannot reuse an awaitable that has ended"));
        }
        f(&mut drive)
    }
}

impl Drive {
    fn advance(&mut self, py: Python<'_>) -> Poll<PyResult<Output>> {
        let mut context = Context::from_waker(&self.task_waker);
        let poll = self.driver.scope(|| self.future.as_mut().poll(&mut context));
        if let Some(error) = self.driver.take_abort() {
            return Poll::Ready(Err(error));
        }
        let _ = py;
        poll.map(Ok)
    }

    fn gate(&self, py: Python<'_>) -> PyResult<Arc<Gate>> {
        let inner = self.driver.direct().map_or(Inner::None, |leaf| leaf.waits_for(py));
        Gate::new(py, inner).map(Arc::new)
    }
}

/// Polls until the future is ready, waits, or has had its share. `Ok` is what the task waits for.
fn advance(py: Python<'_>, slot: &mut Option<Drive>) -> PyResult<Py<PyAny>> {
    for _ in 0..MOST_POLLS {
        let Some(drive) = slot.as_mut() else { break };
        drive.waker.begin();
        match drive.advance(py) {
            Poll::Ready(ended) => {
                drive.waker.idle();
                let ended = ended.and_then(|output| output(py));
                *slot = None;
                return Err(match ended {
                    Ok(value) => PyStopIteration::new_err((value,)),
                    Err(error) => error,
                });
            }
            Poll::Pending if drive.waker.is_woken() => {}
            Poll::Pending => {
                let gate = drive.gate(py)?;
                if drive.waker.wait_at(Arc::clone(&gate)) {
                    return Ok(Py::new(py, PyGate::new(gate))?.into_any());
                }
            }
        }
    }
    if let Some(drive) = slot.as_ref() {
        drive.waker.idle();
    }
    Ok(py.None())
}

fn enter<R>(py: Python<'_>, runtime: &'static Runtime, f: impl FnOnce() -> R) -> R {
    deferral::scope(py, || {
        let _context = runtime.enter();
        f()
    })
}

#[pymethods]
impl Awaitable {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.with_drive(|slot| {
            let Some(runtime) = slot.as_ref().map(|drive| drive.runtime) else {
                return Ok(py.None());
            };
            enter(py, runtime, || advance(py, slot))
        })
    }

    fn send(&self, py: Python<'_>, _value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.__next__(py)
    }

    #[pyo3(signature = (typ, val = None, tb = None))]
    fn throw(
        &self,
        typ: &Bound<'_, PyAny>,
        val: Option<&Bound<'_, PyAny>>,
        tb: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let _ = tb;
        let py = typ.py();
        let error = thrown(typ, val)?;
        self.with_drive(|slot| {
            let Some(runtime) = slot.as_ref().map(|drive| drive.runtime) else {
                return Err(error);
            };
            enter(py, runtime, || {
                let Some(drive) = slot.as_mut() else { return Err(error) };
                drive.waker.idle();
                let thrown = match drive.driver.direct() {
                    Some(leaf) => drive.driver.scope(|| leaf.throw(py, error)),
                    None => Err(error),
                };
                if let Err(error) = thrown {
                    *slot = None;
                    return Err(error);
                }
                // The coroutine may wait for something else now, or have ended: look.
                advance(py, slot)
            })
        })
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let Some(mut slot) = self.drive.try_lock() else {
            return Err(PyValueError::new_err("awaitable is being awaited"));
        };
        let Some(drive) = slot.take() else { return Ok(()) };
        enter(py, drive.runtime, || {
            let closed = match drive.driver.direct() {
                Some(leaf) => leaf.close(py),
                None => Ok(()),
            };
            drop(drive);
            closed
        })
    }
}
