//! The generator protocol that coroutines and asyncio's futures speak.

use pyo3::exceptions::{PyRuntimeError, PyStopIteration};
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PySendResult};

use super::leaf::LeafWaker;
use crate::imports;

/// What became of a step of a Python awaitable.
pub(super) enum Step {
    /// It waits for the future, or, with `None`, for its next turn.
    Waits(Option<Py<PyAny>>),
    /// It ended.
    Ended(PyResult<Py<PyAny>>),
}

/// The iterator of an awaitable: what `await` drives.
pub(super) fn await_iterator<'py>(awaitable: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    awaitable.call_method0(pyo3::intern!(awaitable.py(), "__await__"))
}

/// Resumes `iterator` until it ends or waits, and has `wake` called when its wait is over.
pub(super) fn resume(iterator: &Bound<'_, PyAny>, wake: &LeafWaker) -> Step {
    let py = iterator.py();
    let sent = match iterator.cast::<PyIterator>() {
        Ok(iterator) => iterator.send(&py.None().into_bound(py)),
        Err(error) => Err(error.into()),
    };
    let yielded = match sent {
        Ok(PySendResult::Return(value)) => return Step::Ended(Ok(value.unbind())),
        Ok(PySendResult::Next(yielded)) => yielded,
        Err(error) => return Step::Ended(Err(error)),
    };
    wait_for(iterator, yielded, wake)
}

/// Throws `error` into `iterator` and goes on as [`resume`].
pub(super) fn throw(iterator: &Bound<'_, PyAny>, error: PyErr, wake: &LeafWaker) -> Step {
    let py = iterator.py();
    let name = pyo3::intern!(py, "throw");
    if !iterator.hasattr(name).unwrap_or(false) {
        return Step::Ended(Err(error));
    }
    match iterator.call_method1(name, (error.into_value(py),)) {
        Ok(yielded) => wait_for(iterator, yielded, wake),
        Err(error) => Step::Ended(returned(py, error)),
    }
}

/// The return value that a `StopIteration` carries, or the error that it is not.
pub(super) fn returned(py: Python<'_>, error: PyErr) -> PyResult<Py<PyAny>> {
    if error.is_instance_of::<PyStopIteration>(py) {
        return Ok(error.value(py).getattr(pyo3::intern!(py, "value"))?.unbind());
    }
    Err(error)
}

fn wait_for(iterator: &Bound<'_, PyAny>, yielded: Bound<'_, PyAny>, wake: &LeafWaker) -> Step {
    let mut yielded = yielded;
    // An awaitable that answers each thrown error with another bad yield would never end.
    for _ in 0..16 {
        match arm(&yielded, wake) {
            Ok(future) => return Step::Waits(future),
            Err(error) => match throw_raw(iterator, error) {
                Ok(next) => yielded = next,
                Err(error) => return Step::Ended(returned(iterator.py(), error)),
            },
        }
    }
    Step::Ended(Err(PyRuntimeError::new_err(
        "a coroutine keeps yielding objects that are no futures",
    )))
}

fn throw_raw<'py>(iterator: &Bound<'py, PyAny>, error: PyErr) -> PyResult<Bound<'py, PyAny>> {
    let py = iterator.py();
    iterator.call_method1(pyo3::intern!(py, "throw"), (error.into_value(py),))
}

/// Subscribes `wake` to what was yielded, as a task of asyncio would.
fn arm(yielded: &Bound<'_, PyAny>, wake: &LeafWaker) -> PyResult<Option<Py<PyAny>>> {
    let py = yielded.py();
    if yielded.is_none() {
        let event_loop = imports::get_running_loop(py)?.call0()?;
        event_loop.call_method1(pyo3::intern!(py, "call_soon"), (wake.clone(),))?;
        return Ok(None);
    }
    let blocking = pyo3::intern!(py, "_asyncio_future_blocking");
    match yielded.getattr_opt(blocking)? {
        Some(flag) if flag.is_truthy()? => {
            yielded.setattr(blocking, false)?;
            yielded.call_method1(pyo3::intern!(py, "add_done_callback"), (wake.clone(),))?;
            Ok(Some(yielded.clone().unbind()))
        }
        _ => Err(PyRuntimeError::new_err(format!(
            "a coroutine yielded `{}`, which is no asyncio future",
            yielded.get_type().name()?
        ))),
    }
}
