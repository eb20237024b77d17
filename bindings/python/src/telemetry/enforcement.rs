use std::sync::Arc;
use std::time::Duration;

use cascadeflow::ports::EnforcementAction;
use cascadeflow::telemetry::{self, BuiltInEnforcement, EnforcementContext, FailurePolicy};
use cascadeflow::{Error, Result, SystemClock};
use pyo3::prelude::*;

use crate::awaitable::{Awaitable, Output};
use crate::callbacks::PythonEnforcement;
use crate::convert::from_python;
use crate::error::to_exception;

/// Callbacks asked in their order: the first answer other than allow counts.
#[pyclass(frozen, name = "EnforcementChain", module = "cascadeflow._native")]
pub(crate) struct EnforcementChain {
    chain: Arc<telemetry::EnforcementChain>,
}

impl EnforcementChain {
    /// The engine's chain.
    pub(crate) fn shared(&self) -> Arc<telemetry::EnforcementChain> {
        Arc::clone(&self.chain)
    }
}

/// An action's name, with the message.
type Decision = (&'static str, Option<String>);

fn decision(action: EnforcementAction) -> Decision {
    match action {
        EnforcementAction::Allow => ("allow", None),
        EnforcementAction::Warn(message) => ("warn", Some(message)),
        EnforcementAction::Degrade(message) => ("degrade", Some(message)),
        EnforcementAction::Block(message) => ("block", Some(message)),
    }
}

fn seconds(time_limit: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(time_limit).ok().filter(|limit| !limit.is_zero()).ok_or_else(|| {
        Error::validation(
            "time_limit",
            format!("not a time for a callback to take: `{time_limit}`"),
            "give seconds, above 0",
        )
    })
}

#[pymethods]
impl EnforcementChain {
    /// A chain without callbacks. Each has `time_limit` seconds; one that fails counts as allow when
    /// `fail_open`, else as block. `report` hears of every failure, as an exception.
    #[new]
    fn new(py: Python<'_>, time_limit: f64, fail_open: bool, report: Py<PyAny>) -> PyResult<Self> {
        let limit = seconds(time_limit).map_err(|error| to_exception(py, &error))?;
        let policy = if fail_open { FailurePolicy::Allow } else { FailurePolicy::Block };
        let tell = move |error: &Error| {
            crate::shutdown::try_attach(|py| {
                let callable = report.bind(py);
                let told = callable.call1((to_exception(py, error).into_value(py),));
                if let Err(error) = told {
                    error.write_unraisable(py, Some(callable));
                }
            });
        };
        let clock = Arc::new(SystemClock::default());
        let chain = telemetry::EnforcementChain::new(clock, limit, policy, tell);
        Ok(Self { chain: Arc::new(chain) })
    }

    /// Adds callables at the end, which messages call `name`.
    #[pyo3(signature = (name, check = None, filter = None, warn = None))]
    fn register(
        &self,
        name: String,
        check: Option<Py<PyAny>>,
        filter: Option<Py<PyAny>>,
        warn: Option<Py<PyAny>>,
    ) {
        self.chain.register(Arc::new(PythonEnforcement { name, check, filter, warn }));
    }

    /// Takes out what was registered at `position`.
    fn remove(&self, position: usize) -> bool {
        self.chain.remove(position)
    }

    /// Takes everything out.
    fn clear(&self) {
        self.chain.clear();
    }

    fn __len__(&self) -> usize {
        self.chain.len()
    }

    /// How often the chain was asked.
    #[getter]
    fn checks(&self) -> u64 {
        self.chain.checks()
    }

    /// How many answers were failures.
    #[getter]
    fn failures(&self) -> u64 {
        self.chain.failures()
    }

    /// What the callbacks decide of a context given as plain data: an action's name and a message.
    fn decide(&self, context: &Bound<'_, PyAny>) -> PyResult<Awaitable> {
        let py = context.py();
        let context: EnforcementContext =
            from_python("context", context).map_err(|error| to_exception(py, &error))?;
        let chain = self.shared();
        Awaitable::new(py, async move {
            let action = chain.decide(&context).await;
            Box::new(move |py: Python<'_>| {
                Ok(decision(action).into_pyobject(py)?.into_any().unbind())
            }) as Output
        })
    }
}

/// What a ready-made callback (`strict`, `graceful`, `tier_based`, `default`) decides of a context
/// given as plain data: an action's name and a message.
#[pyfunction]
pub(crate) fn built_in_enforcement(
    name: &Bound<'_, PyAny>,
    context: &Bound<'_, PyAny>,
) -> PyResult<Decision> {
    let read = || -> Result<_> {
        let callback: BuiltInEnforcement = from_python("name", name)?;
        Ok(callback.decide(&from_python("context", context)?))
    };
    read().map(decision).map_err(|error| to_exception(name.py(), &error))
}
