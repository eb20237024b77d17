use cascadeflow::ports::{BoxFuture, RouteInput, Router};
use cascadeflow::routing::{RouteRequest, read_plan};
use cascadeflow::{Error, ErrorKind, Plan, Result};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::call::{Started, awaitable, raised, type_name};
use crate::convert::to_json;
use crate::imports;

/// A router written in Python: a callable that takes a request and returns, or resolves to, a plan.
pub(crate) struct PythonRouter {
    name: String,
    callable: Py<PyAny>,
}

impl PythonRouter {
    /// The router `name` that `callable` makes.
    pub(crate) const fn new(name: String, callable: Py<PyAny>) -> Self {
        Self { name, callable }
    }

    fn start(&self, py: Python<'_>, input: RouteInput<'_>) -> Result<Started<Option<Plan>>> {
        let returned = request(py, input).and_then(|asked| self.callable.bind(py).call1((asked,)));
        let returned = returned.map_err(|error| self.raised(py, error))?;
        match awaitable(&returned) {
            Some(future) => Ok(Started::Waits(future)),
            None => self.plan(&returned, input).map(Started::Done),
        }
    }

    fn plan(&self, returned: &Bound<'_, PyAny>, input: RouteInput<'_>) -> Result<Option<Plan>> {
        let answer = to_json("plan", returned).map_err(|error| {
            let (name, found) = (&self.name, type_name(returned));
            let message = format!("router `{name}` returned the wrong type: `{found}`");
            Error::new(ErrorKind::Routing, message)
                .with_field("router")
                .with_hint(
                    "return `None`, a model's name, a list of names, or a dict of plain data",
                )
                .with_source(error)
        })?;
        read_plan(&self.name, answer, input)
    }

    fn raised(&self, py: Python<'_>, exception: PyErr) -> Error {
        raised(py, ErrorKind::Routing, &format!("router `{}`", self.name), exception)
            .with_field("router")
    }
}

impl Router for PythonRouter {
    fn name(&self) -> &str {
        &self.name
    }

    fn route<'a>(&'a self, input: RouteInput<'a>) -> BoxFuture<'a, Result<Option<Plan>>> {
        Box::pin(async move {
            let read = |py: Python<'_>, returned: PyResult<Py<PyAny>>| {
                let returned = returned.map_err(|error| self.raised(py, error))?;
                self.plan(returned.bind(py), input)
            };
            Python::attach(|py| self.start(py, input))?.settle(read).await
        })
    }
}

/// The published `RouteRequest`.
fn request<'py>(py: Python<'py>, input: RouteInput<'_>) -> PyResult<Bound<'py, PyAny>> {
    let fields = pythonize::pythonize(py, &RouteRequest::from(input))?;
    imports::route_request(py)?.call((), Some(fields.cast::<PyDict>()?))
}
