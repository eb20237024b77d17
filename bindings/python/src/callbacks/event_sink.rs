use std::sync::{Arc, OnceLock};

use cascadeflow::ModelConfig;
use cascadeflow::ports::{EngineEvent, EventSink};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::convert::to_python;
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

    fn tell(&self, py: Python<'_>, kind: &str, event: EngineEvent<'_>) {
        let callable = self.callable.bind(py);
        let told = self.event_object(py, kind, event).and_then(|event| callable.call1((event,)));
        if let Err(error) = told {
            error.write_unraisable(py, Some(callable));
        }
    }

    fn event_object<'py>(
        &self,
        py: Python<'py>,
        kind: &str,
        event: EngineEvent<'_>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let told = PyDict::new(py);
        told.set_item("run_id", event.run().to_string())?;
        told.set_item("type", kind)?;
        match event {
            EngineEvent::Started { .. } | EngineEvent::Decided { .. } => {}
            EngineEvent::Planned { plan, .. } => {
                let models = self.models.get().map(Vec::as_slice).unwrap_or_default();
                told.set_item("plan", to_python(py, &plan.record(models))?)?;
            }
            EngineEvent::AttemptEnded { attempt, .. } => {
                told.set_item("attempt", to_python(py, attempt)?)?;
            }
            EngineEvent::Completed { result, .. } => {
                told.set_item("result", result_object(py, Arc::new(result.clone()))?)?;
            }
            EngineEvent::Failed { kind, message, .. } => {
                told.set_item("kind", kind.code())?;
                told.set_item("message", message)?;
            }
        }
        Ok(told)
    }
}

/// The word for an event; `None` for those that listeners do not hear.
const fn kind_of(event: &EngineEvent<'_>) -> Option<&'static str> {
    match event {
        EngineEvent::Started { .. } | EngineEvent::Decided { .. } => None,
        EngineEvent::Planned { .. } => Some("planned"),
        EngineEvent::AttemptEnded { .. } => Some("attempt"),
        EngineEvent::Completed { .. } => Some("completed"),
        EngineEvent::Failed { .. } => Some("failed"),
    }
}

impl EventSink for PythonEventSink {
    fn on_event(&self, event: EngineEvent<'_>) {
        let Some(kind) = kind_of(&event) else { return };
        // Without an interpreter there is nobody to tell.
        shutdown::try_attach(|py| {
            // A run may be dropped while an exception is on its way up, which calls must not meet.
            let pending = PyErr::take(py);
            self.tell(py, kind, event);
            if let Some(pending) = pending {
                pending.restore(py);
            }
        });
    }
}
