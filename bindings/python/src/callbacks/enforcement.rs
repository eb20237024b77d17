use std::sync::Arc;

use cascadeflow::ports::{BoxFuture, EnforcementAction};
use cascadeflow::telemetry::{
    EnforcementCallback, EnforcementContext, read_decision, read_model_filter,
};
use cascadeflow::{Error, ErrorKind, ModelConfig, Result};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use super::call::{awaitable, type_name};
use crate::awaitable::PythonFuture;
use crate::convert::{to_json, to_python};
use crate::error::from_exception;
use crate::{imports, shutdown};

/// Enforcement written in Python: callables that take the context, and return, or resolve to, what
/// the engine's readers of decisions and filters understand.
pub(crate) struct PythonEnforcement {
    /// What messages call it.
    pub(crate) name: String,
    /// Decides; `None` allows.
    pub(crate) check: Option<Py<PyAny>>,
    /// Gets the models as dicts too, and gives the names of those that may be used.
    pub(crate) filter: Option<Py<PyAny>>,
    /// Hears of warnings, with the text.
    pub(crate) warn: Option<Py<PyAny>>,
}

enum Started {
    Done(Value),
    Waits(PythonFuture),
}

impl PythonEnforcement {
    fn start<'py, A>(&self, py: Python<'py>, callable: &Py<PyAny>, arguments: A) -> Result<Started>
    where
        A: FnOnce(Python<'py>) -> PyResult<(Bound<'py, PyAny>, Option<Bound<'py, PyAny>>)>,
    {
        let called = arguments(py).and_then(|arguments| match arguments {
            (context, None) => callable.bind(py).call1((context,)),
            (context, Some(models)) => callable.bind(py).call1((context, models)),
        });
        let returned = called.map_err(|error| from_exception(py, error, &self.name))?;
        match awaitable(&returned) {
            Some(future) => Ok(Started::Waits(future)),
            None => self.plain(&returned).map(Started::Done),
        }
    }

    async fn finish(&self, started: Started) -> Result<Value> {
        let future = match started {
            Started::Done(value) => return Ok(value),
            Started::Waits(future) => future,
        };
        let returned = future.await;
        Python::attach(|py| {
            let returned = returned.map_err(|error| from_exception(py, error, &self.name))?;
            self.plain(returned.bind(py))
        })
    }

    fn plain(&self, returned: &Bound<'_, PyAny>) -> Result<Value> {
        to_json("decision", returned).map_err(|_| {
            let (name, found) = (&self.name, type_name(returned));
            Error::new(ErrorKind::UserCode, format!("`{name}` returned the wrong type: `{found}`"))
                .with_hint("return an `EnforcementAction`, its name, or `(action, message)`")
        })
    }
}

/// The published `EnforcementContext`.
fn published<'py>(py: Python<'py>, context: &EnforcementContext) -> PyResult<Bound<'py, PyAny>> {
    let plain = to_python(py, context)?;
    let keywords = plain.bind(py).cast::<PyDict>()?;
    imports::enforcement_context(py)?.call_method("from_native", (keywords,), None)
}

impl EnforcementCallback for PythonEnforcement {
    fn check<'a>(
        &'a self,
        context: &'a EnforcementContext,
    ) -> BoxFuture<'a, Result<EnforcementAction>> {
        Box::pin(async move {
            let Some(check) = &self.check else { return Ok(EnforcementAction::Allow) };
            let started = Python::attach(|py| {
                self.start(py, check, |py| Ok((published(py, context)?, None)))
            })?;
            read_decision(&self.finish(started).await?)
        })
    }

    fn filter_models<'a>(
        &'a self,
        context: &'a EnforcementContext,
        models: &'a [Arc<ModelConfig>],
    ) -> BoxFuture<'a, Result<Option<Vec<usize>>>> {
        Box::pin(async move {
            let Some(filter) = &self.filter else { return Ok(None) };
            let started = Python::attach(|py| {
                self.start(py, filter, |py| {
                    let models: Vec<&ModelConfig> = models.iter().map(AsRef::as_ref).collect();
                    let models = to_python(py, &models)?.into_bound(py);
                    Ok((published(py, context)?, Some(models)))
                })
            })?;
            read_model_filter(&self.finish(started).await?, models)
        })
    }

    fn on_warning(&self, context: &EnforcementContext, warning: &str) {
        let Some(warn) = &self.warn else { return };
        // Without an interpreter there is nobody to tell.
        shutdown::try_attach(|py| {
            // A run may be dropped while an exception is on its way up, which calls must not meet.
            let pending = PyErr::take(py);
            let callable = warn.bind(py);
            let told =
                published(py, context).and_then(|context| callable.call1((context, warning)));
            if let Err(error) = told {
                error.write_unraisable(py, Some(callable));
            }
            if let Some(pending) = pending {
                pending.restore(py);
            }
        });
    }
}
