use cascadeflow::ports::{BoxFuture, ToolHandler};
use cascadeflow::{Result, ToolCall, ToolOutput};
use pyo3::prelude::*;
use pyo3::types::PyString;
use serde_json::json;

use super::call::{Started, awaitable};
use crate::convert::{to_json, tool_call_to_python};

/// A tool executor written in Python: a callable that takes the call as a dict and returns, or
/// resolves to, the tool's answer. An exception is told to the model.
pub(crate) struct PythonToolHandler {
    callable: Py<PyAny>,
}

impl PythonToolHandler {
    /// The handler that `callable` is.
    pub(crate) const fn new(callable: Py<PyAny>) -> Self {
        Self { callable }
    }

    fn start(&self, py: Python<'_>, call: &ToolCall) -> PyResult<Started<ToolOutput>> {
        let returned = self.callable.bind(py).call1((tool_call_to_python(py, call)?,))?;
        match awaitable(&returned) {
            Some(future) => Ok(Started::Waits(future)),
            None => output(&returned).map(Started::Done),
        }
    }
}

impl ToolHandler for PythonToolHandler {
    fn call<'a>(&'a self, call: &'a ToolCall) -> BoxFuture<'a, Result<ToolOutput>> {
        Box::pin(async move {
            let read = |py: Python<'_>, returned: PyResult<Py<PyAny>>| {
                let given = returned.and_then(|value| output(value.bind(py)));
                Ok(given.unwrap_or_else(|error| failed(py, &error)))
            };
            match Python::attach(|py| self.start(py, call).map_err(|error| failed(py, &error))) {
                Ok(started) => started.settle(read).await,
                Err(told) => Ok(told),
            }
        })
    }
}

fn output(value: &Bound<'_, PyAny>) -> PyResult<ToolOutput> {
    let content = match value.cast::<PyString>() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => match to_json("tool_result", value) {
            Ok(json) => json.to_string(),
            Err(_) => value.str()?.to_string_lossy().into_owned(),
        },
    };
    Ok(ToolOutput { content, is_error: false })
}

fn failed(py: Python<'_>, error: &PyErr) -> ToolOutput {
    let name = error.get_type(py).name().map_or_else(|_| String::new(), |name| name.to_string());
    let text = format!("{name}: {}", error.value(py));
    ToolOutput { content: json!({ "error": text }).to_string(), is_error: true }
}
