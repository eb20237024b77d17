use std::collections::HashSet;

use cascadeflow::{Error, ErrorKind, Result};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::awaitable::PythonFuture;
use crate::error::{from_exception, with_source};

/// A method of user code, with what its signature accepts.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(super) struct Method {
    callable: Py<PyAny>,
    /// Class and method, for messages.
    pub(super) place: String,
    /// Names of the parameters that may be passed by keyword; `None` when any may.
    accepts: Option<HashSet<String>>,
    /// Names of parameters that the signature lists, `**keywords` aside.
    names: HashSet<String>,
    /// Whether prompt and model must be passed by position.
    positional: bool,
}

impl Method {
    /// Whether `name` may be passed by keyword.
    pub(super) fn accepts(&self, name: &str) -> bool {
        self.accepts.as_ref().is_none_or(|accepts| accepts.contains(name))
    }

    /// Whether the signature lists `name`.
    pub(super) fn names(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether prompt and model must be passed by position.
    pub(super) const fn positional(&self) -> bool {
        self.positional
    }

    /// Calls the method and gives what it returns.
    pub(super) fn call<'py>(
        &self,
        py: Python<'py>,
        arguments: &Bound<'py, PyTuple>,
        keywords: Option<&Bound<'py, PyDict>>,
    ) -> Result<Bound<'py, PyAny>> {
        self.callable
            .bind(py)
            .call(arguments, keywords)
            .map_err(|error| from_exception(py, error, &self.place))
    }

    /// Awaits what the method returned.
    pub(super) async fn wait(&self, future: PythonFuture) -> Result<Py<PyAny>> {
        future.await.map_err(|error| self.error(error))
    }

    /// The engine's error for an exception of the method.
    pub(super) fn error(&self, exception: PyErr) -> Error {
        Python::attach(|py| from_exception(py, exception, &self.place))
    }
}

/// The future of `value` where it is awaitable.
pub(super) fn awaitable(value: &Bound<'_, PyAny>) -> Option<PythonFuture> {
    let name = pyo3::intern!(value.py(), "__await__");
    value.hasattr(name).unwrap_or(false).then(|| PythonFuture::new(value.clone().unbind()))
}

/// What a call of user code began.
pub(super) enum Started<T> {
    /// It is done.
    Done(T),
    /// What it returned has to be awaited.
    Waits(PythonFuture),
}

impl<T> Started<T> {
    /// What the call gives in the end; `read` takes what was awaited.
    pub(super) async fn settle(
        self,
        read: impl FnOnce(Python<'_>, PyResult<Py<PyAny>>) -> Result<T>,
    ) -> Result<T> {
        match self {
            Self::Done(value) => Ok(value),
            Self::Waits(future) => {
                let returned = future.await;
                Python::attach(|py| read(py, returned))
            }
        }
    }
}

/// An error of `kind`, that `what` raised `exception`.
pub(super) fn raised(py: Python<'_>, kind: ErrorKind, what: &str, exception: PyErr) -> Error {
    let value = exception.value(py);
    let text = value.str().map_or_else(|_| String::new(), |text| text.to_string());
    let colon = if text.is_empty() { "" } else { ": " };
    let message = format!("{what} raised `{}`{colon}{text}", type_name(value));
    with_source(Error::new(kind, message), exception)
}

/// Name of the type of `value`, for messages.
pub(super) fn type_name(value: &Bound<'_, PyAny>) -> String {
    value.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string())
}
