use std::sync::{Arc, OnceLock};

use cascadeflow::ModelConfig;
use cascadeflow::ports::{EngineEvent, EventSink};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::convert::to_python;
use crate::decisions::plan_record;
use crate::result::result_object;
use crate::shutdown;

/// A listener written in Python: a callable that takes each event as a dict. Its exceptions are
/// shown by `sys.unraisablehook` and change nothing.
pub(crate) struct PythonEventSink {
    callable: Py<PyAny>,
    models: OnceLock<Vec<Arc<ModelConfig>>>,
}

impl PythonEventSink {
    /// The listener that `callable` is.
    pub(crate) const fn new(callable: Py<PyAny>) -> Self {
        Self { callable, models: OnceLock::new() }
    }

    /// Tells the models of the agent, in its order; plans name them by position.
    pub(crate) fn set_models(&self, models: &[Arc<ModelConfig>]) {
        // Only the agent that the sink is made for tells them.
        let _ = self.models.set(models.to_vec());
    }

    fn tell(&self, py: Python<'_>, event: EngineEvent<'_>) {
        let callable = self.callable.bind(py);
        let told = self.event_object(py, event).and_then(|event| callable.call1((event,)));
        if let Err(error) = told {
            error.write_unraisable(py, Some(callable));
        }
    }

    fn event_object<'py>(
        &self,
        py: Python<'py>,
        event: EngineEvent<'_>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let told = PyDict::new(py);
        let kind = match event {
            EngineEvent::Planned { plan } => {
                let models = self.models.get().map(Vec::as_slice).unwrap_or_default();
                told.set_item("plan", to_python(py, &plan_record(plan, models))?)?;
                "planned"
            }
            EngineEvent::AttemptEnded { attempt } => {
                told.set_item("attempt", to_python(py, attempt)?)?;
                "attempt"
            }
            EngineEvent::Completed { result } => {
                told.set_item("result", result_object(py, Arc::new(result.clone()))?)?;
                "completed"
            }
            EngineEvent::Failed { kind, message } => {
                told.set_item("kind", kind.code())?;
                told.set_item("message", message)?;
                "failed"
            }
        };
        told.set_item("type", kind)?;
        Ok(told)
    }
}

impl EventSink for PythonEventSink {
    fn on_event(&self, event: EngineEvent<'_>) {
        // Without an interpreter there is nobody to tell.
        shutdown::try_attach(|py| {
            // A run may be dropped while an exception is on its way up, which calls must not meet.
            let pending = PyErr::take(py);
            self.tell(py, event);
            if let Some(pending) = pending {
                pending.restore(py);
            }
        });
    }
}
