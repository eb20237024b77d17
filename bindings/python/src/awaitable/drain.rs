use parking_lot::Mutex;
use pyo3::exceptions::{PyException, PyStopIteration};
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PySendResult};

use super::protocol::returned;
use crate::imports;

/// A coroutine over an iterator of an awaitable that may be under way already, for `create_task`.
#[pyclass(frozen, name = "Drain", module = "cascadeflow._native")]
pub(crate) struct Drain {
    iterator: Py<PyAny>,
    first: Mutex<First>,
    /// Whether the outcome is of no interest: an error ends it quietly.
    quiet: bool,
}

enum First {
    /// Go on.
    Resume,
    /// Wait again for the future that the iterator already waits for.
    Wait(Py<PyAny>),
    /// Throw a cancellation.
    Cancel,
}

impl Drain {
    /// A coroutine that does what `iterator` does.
    pub(super) const fn forwarding(iterator: Py<PyAny>) -> Self {
        Self { iterator, first: Mutex::new(First::Resume), quiet: false }
    }

    /// A coroutine that lets `iterator` clean up after a cancellation: of the future it waits for,
    /// or, with `None`, of itself.
    pub(super) fn cancelling(iterator: Py<PyAny>, cancelled: Option<Py<PyAny>>) -> Self {
        let first = cancelled.map_or(First::Cancel, First::Wait);
        Self { iterator, first: Mutex::new(first), quiet: true }
    }

    fn resume(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let iterator = self.iterator.bind(py).cast::<PyIterator>()?;
        match iterator.send(&py.None().into_bound(py)) {
            Ok(PySendResult::Next(yielded)) => Ok(yielded.unbind()),
            Ok(PySendResult::Return(value)) => Err(PyStopIteration::new_err((value.unbind(),))),
            Err(error) => Err(self.ended(py, error)),
        }
    }

    fn raise(&self, py: Python<'_>, error: PyErr) -> PyResult<Py<PyAny>> {
        let iterator = self.iterator.bind(py);
        let name = pyo3::intern!(py, "throw");
        if !iterator.hasattr(name)? {
            return Err(self.ended(py, error));
        }
        match iterator.call_method1(name, (error.into_value(py),)) {
            Ok(yielded) => Ok(yielded.unbind()),
            Err(error) => Err(match returned(py, error) {
                Ok(value) => PyStopIteration::new_err((value,)),
                Err(error) => self.ended(py, error),
            }),
        }
    }

    fn ended(&self, py: Python<'_>, error: PyErr) -> PyErr {
        if self.quiet && error.is_instance_of::<PyException>(py) {
            return PyStopIteration::new_err((py.None(),));
        }
        error
    }
}

#[pymethods]
impl Drain {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let first = std::mem::replace(&mut *self.first.lock(), First::Resume);
        match first {
            First::Resume => self.resume(py),
            First::Wait(future) => {
                future.bind(py).setattr(pyo3::intern!(py, "_asyncio_future_blocking"), true)?;
                Ok(future)
            }
            First::Cancel => {
                let error = imports::cancelled_error(py)?.call0()?;
                self.raise(py, PyErr::from_value(error))
            }
        }
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
        *self.first.lock() = First::Resume;
        self.raise(typ.py(), thrown(typ, val)?)
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        match self.iterator.bind(py).getattr_opt(pyo3::intern!(py, "close"))? {
            Some(close) => close.call0().map(drop),
            None => Ok(()),
        }
    }
}

/// The exception that the arguments of `throw` mean: an instance, or a class with its value.
pub(super) fn thrown(typ: &Bound<'_, PyAny>, val: Option<&Bound<'_, PyAny>>) -> PyResult<PyErr> {
    if let Some(value) =
        val.filter(|value| value.is_instance_of::<pyo3::exceptions::PyBaseException>())
    {
        return Ok(PyErr::from_value(value.clone()));
    }
    if typ.is_instance_of::<pyo3::exceptions::PyBaseException>() {
        return Ok(PyErr::from_value(typ.clone()));
    }
    let value = match val.filter(|value| !value.is_none()) {
        Some(value) => typ.call1((value,))?,
        None => typ.call0()?,
    };
    Ok(PyErr::from_value(value))
}
