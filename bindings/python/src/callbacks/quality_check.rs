use cascadeflow::chat_json::read_check_outcome;
use cascadeflow::ports::{BoxFuture, JudgeInput, QualityCheck};
use cascadeflow::{CheckOutcome, Error, ErrorKind, Result};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::Value;

use super::call::{Started, awaitable, raised, type_name};
use crate::convert::{to_json, tool_call_to_python};
use crate::imports;

/// A check written in Python: a callable that takes a draft and returns, or resolves to, an outcome.
pub(crate) struct PythonCheck {
    name: String,
    callable: Py<PyAny>,
}

impl PythonCheck {
    /// The check `name` that `callable` makes.
    pub(crate) const fn new(name: String, callable: Py<PyAny>) -> Self {
        Self { name, callable }
    }

    fn start(&self, py: Python<'_>, input: JudgeInput<'_>) -> Result<Started<CheckOutcome>> {
        let returned = draft(py, input).and_then(|draft| self.callable.bind(py).call1((draft,)));
        let returned = returned.map_err(|error| self.raised(py, error))?;
        match awaitable(&returned) {
            Some(future) => Ok(Started::Waits(future)),
            None => self.outcome(&returned, input).map(Started::Done),
        }
    }

    fn outcome(&self, returned: &Bound<'_, PyAny>, input: JudgeInput<'_>) -> Result<CheckOutcome> {
        read_check_outcome(&self.name, self.plain(returned)?, input.threshold)
    }

    /// What was returned as plain data.
    fn plain(&self, returned: &Bound<'_, PyAny>) -> Result<Value> {
        let py = returned.py();
        let class = imports::check_outcome(py).map_err(|error| self.raised(py, error))?;
        if returned.is_instance(class).unwrap_or(false) {
            let fields = ["passed", "score", "reason"].map(|name| {
                let value = returned.getattr(name).map_err(|error| self.raised(py, error))?;
                Ok((name.to_owned(), self.json(&value)?))
            });
            return Ok(Value::Object(fields.into_iter().collect::<Result<_>>()?));
        }
        self.json(returned)
    }

    fn json(&self, value: &Bound<'_, PyAny>) -> Result<Value> {
        // Also the booleans of packages for numbers, which are no plain data.
        if let Ok(passed) = value.extract::<bool>() {
            return Ok(Value::Bool(passed));
        }
        to_json("outcome", value).map_err(|_| {
            let (name, found) = (&self.name, type_name(value));
            let message = format!("check `{name}` returned the wrong type: `{found}`");
            Error::new(ErrorKind::UserCode, message).with_hint(
                "return a `bool`, a score from 0 to 1, `(passed, reason)`, or a `CheckOutcome`",
            )
        })
    }

    fn raised(&self, py: Python<'_>, exception: PyErr) -> Error {
        raised(py, ErrorKind::UserCode, &format!("check `{}`", self.name), exception)
    }
}

impl QualityCheck for PythonCheck {
    fn name(&self) -> &str {
        &self.name
    }

    fn check<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<CheckOutcome>> {
        Box::pin(async move {
            let read = |py: Python<'_>, returned: PyResult<Py<PyAny>>| {
                let returned = returned.map_err(|error| self.raised(py, error))?;
                self.outcome(returned.bind(py), input)
            };
            Python::attach(|py| self.start(py, input))?.settle(read).await
        })
    }
}

/// The published `Draft`.
fn draft<'py>(py: Python<'py>, input: JudgeInput<'_>) -> PyResult<Bound<'py, PyAny>> {
    let calls = input.draft.tool_calls.iter().map(|call| tool_call_to_python(py, call));
    let calls = calls.collect::<PyResult<Vec<_>>>()?;
    let keywords = PyDict::new(py);
    keywords.set_item(pyo3::intern!(py, "query"), &input.query.text)?;
    keywords.set_item(pyo3::intern!(py, "content"), &input.draft.content)?;
    keywords.set_item(pyo3::intern!(py, "complexity"), input.complexity.as_str())?;
    keywords.set_item(pyo3::intern!(py, "model"), &input.model.name)?;
    keywords.set_item(pyo3::intern!(py, "tool_calls"), PyTuple::new(py, calls)?)?;
    let reason = pythonize::pythonize(py, &input.draft.finish_reason)?;
    keywords.set_item(pyo3::intern!(py, "finish_reason"), reason)?;
    keywords.set_item(pyo3::intern!(py, "threshold"), input.threshold)?;
    imports::draft(py)?.call((), Some(&keywords))
}
