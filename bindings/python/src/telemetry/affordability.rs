use cascadeflow::telemetry;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyIterator, PyTuple};

use crate::convert::to_python;

/// Whether an amount may be spent: `allowed`, `action` and `message`, in which order it unpacks. It
/// is true exactly when it is allowed.
#[pyclass(frozen, name = "Affordability", module = "cascadeflow._native")]
pub(crate) struct Affordability {
    found: telemetry::Affordability,
}

impl Affordability {
    /// What was found.
    pub(crate) const fn new(found: telemetry::Affordability) -> Self {
        Self { found }
    }

    fn tuple<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        (self.found.allowed, self.found.action.as_str(), &self.found.message).into_pyobject(py)
    }
}

#[pymethods]
impl Affordability {
    /// Whether it fits every budget.
    #[getter]
    const fn allowed(&self) -> bool {
        self.found.allowed
    }

    /// What would be done: `allow`, `warn`, `degrade` or `block`.
    #[getter]
    const fn action(&self) -> &'static str {
        self.found.action.as_str()
    }

    /// Why; `None` when nothing stands in the way.
    #[getter]
    fn message(&self) -> Option<&str> {
        self.found.message.as_deref()
    }

    /// How the budget that decides stands, as plain data; `None` when none is near its end.
    #[getter]
    fn status(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        self.found.status.as_ref().map(|status| to_python(py, status)).transpose()
    }

    const fn __bool__(&self) -> bool {
        self.found.allowed
    }

    #[expect(clippy::unused_self, reason = "the signature is given")]
    const fn __len__(&self) -> usize {
        3
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.tuple(py)?.try_iter()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, at: isize) -> PyResult<Bound<'py, PyAny>> {
        let position = if at < 0 { at + 3 } else { at };
        match usize::try_from(position).ok().filter(|position| *position < 3) {
            Some(position) => self.tuple(py)?.get_item(position),
            None => Err(PyIndexError::new_err("an affordability has three parts")),
        }
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        if let Ok(other) = other.cast::<PyBool>() {
            return Ok(other.is_true() == self.found.allowed);
        }
        if let Ok(other) = other.cast::<Self>() {
            return Ok(other.get().found == self.found);
        }
        self.tuple(py)?.eq(other)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.tuple(py)?.hash()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let allowed = if self.found.allowed { "True" } else { "False" };
        let message = self.found.message.as_deref().into_pyobject(py)?.repr()?;
        let action = self.found.action.as_str();
        Ok(format!("Affordability(allowed={allowed}, action={action:?}, message={message})"))
    }
}
