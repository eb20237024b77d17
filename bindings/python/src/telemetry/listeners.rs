use std::sync::Arc;

use cascadeflow::telemetry::{CallbackData, CallbackEvent, CallbackManager, ListenerId};
use cascadeflow::{Result, SystemClock};
use parking_lot::Mutex;
use pyo3::prelude::*;

use crate::convert::{from_python, to_python};
use crate::error::{from_exception, to_exception};
use crate::shutdown;

/// Hears the engine's events for a Python callable, which takes each as a dict.
#[pyclass(frozen, name = "CallbackBridge", module = "cascadeflow._native")]
pub(crate) struct CallbackBridge {
    manager: Arc<CallbackManager>,
    callable: Arc<Py<PyAny>>,
    heard: Mutex<Vec<(CallbackEvent, ListenerId)>>,
}

impl CallbackBridge {
    /// The engine's side.
    pub(crate) fn manager(&self) -> Arc<CallbackManager> {
        Arc::clone(&self.manager)
    }
}

fn tell(callable: &Py<PyAny>, data: &CallbackData) -> Result<()> {
    let told = shutdown::try_attach(|py| {
        // A run may be dropped while an exception is on its way up, which calls must not meet.
        let pending = PyErr::take(py);
        let told = to_python(py, data).and_then(|data| callable.bind(py).call1((data,)));
        let told = told.map(drop).map_err(|error| from_exception(py, error, "callback"));
        if let Some(pending) = pending {
            pending.restore(py);
        }
        told
    });
    // Without an interpreter there is nobody to tell.
    told.unwrap_or(Ok(()))
}

#[pymethods]
impl CallbackBridge {
    /// A bridge to `callable` that hears nothing yet.
    #[new]
    fn new(callable: Py<PyAny>) -> Self {
        Self {
            manager: Arc::new(CallbackManager::new(Arc::new(SystemClock::default()))),
            callable: Arc::new(callable),
            heard: Mutex::default(),
        }
    }

    /// Hears exactly the events of these names from now on.
    fn listen(&self, py: Python<'_>, events: &Bound<'_, PyAny>) -> PyResult<()> {
        let listen = || -> Result<()> {
            let wanted: Vec<CallbackEvent> = from_python("events", events)?;
            let mut heard = self.heard.lock();
            for (event, id) in heard.drain(..) {
                self.manager.unregister(event, id);
            }
            for event in wanted {
                let callable = Arc::clone(&self.callable);
                let listener = move |data: &CallbackData| tell(&callable, data);
                heard.push((event, self.manager.register(event, Arc::new(listener))?));
            }
            Ok(())
        };
        listen().map_err(|error| to_exception(py, &error))
    }
}
