use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use parking_lot::Mutex;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::{PyTraverseError, PyVisit};

use crate::imports;

/// What a task waits for while a Rust future is pending: a future in asyncio's sense, made to be
/// opened once.
///
/// Cancelling it goes to the future that a Python coroutine inside waits for, where there is one:
/// then the coroutine hears of the cancellation exactly as if the task awaited it directly.
pub(super) struct Gate {
    event_loop: Py<PyAny>,
    thread: ThreadId,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    callbacks: Vec<Callback>,
    inner: Inner,
}

enum Phase {
    Shut,
    Open,
    Cancelled(Option<Py<PyAny>>),
}

struct Callback {
    function: Py<PyAny>,
    context: Option<Py<PyAny>>,
}

/// What the Python coroutine inside waits for.
pub(super) enum Inner {
    /// There is no coroutine.
    None,
    /// Its next turn; it cannot be cancelled before.
    Turn,
    /// A future.
    Future(Py<PyAny>),
}

impl Gate {
    /// A shut gate for the loop that runs on this thread.
    pub(super) fn new(py: Python<'_>, inner: Inner) -> PyResult<Self> {
        let event_loop = imports::get_running_loop(py)?.call0().map_err(|error| {
            let clear = PyRuntimeError::new_err(
                "no running event loop to wait on (hint: await inside `asyncio.run`, or call the \
                 `_sync` method)",
            );
            clear.set_cause(py, Some(error));
            clear
        })?;
        Ok(Self {
            event_loop: event_loop.unbind(),
            thread: std::thread::current().id(),
            state: Mutex::new(State { phase: Phase::Shut, callbacks: Vec::new(), inner }),
        })
    }

    /// Opens the gate: whoever waits goes on. Safe from any thread.
    pub(super) fn open(self: &Arc<Self>, py: Python<'_>) {
        self.finish(py, Phase::Open);
    }

    fn finish(self: &Arc<Self>, py: Python<'_>, phase: Phase) -> bool {
        let callbacks = {
            let mut state = self.state.lock();
            if !matches!(state.phase, Phase::Shut) {
                return false;
            }
            state.phase = phase;
            std::mem::take(&mut state.callbacks)
        };
        for callback in callbacks {
            // A loop that was closed meanwhile has nobody waiting.
            let _ = self.schedule(py, &callback);
        }
        true
    }

    fn schedule(self: &Arc<Self>, py: Python<'_>, callback: &Callback) -> PyResult<()> {
        let method = if std::thread::current().id() == self.thread {
            pyo3::intern!(py, "call_soon")
        } else {
            pyo3::intern!(py, "call_soon_threadsafe")
        };
        let this = PyGate { gate: Arc::clone(self), blocking: AtomicBool::new(false) };
        let arguments = (callback.function.bind(py), this);
        match &callback.context {
            None => self.event_loop.bind(py).call_method1(method, arguments)?,
            Some(context) => {
                let keywords = PyDict::new(py);
                keywords.set_item(pyo3::intern!(py, "context"), context)?;
                self.event_loop.bind(py).call_method(method, arguments, Some(&keywords))?
            }
        };
        Ok(())
    }
}

/// The Python side of a [`Gate`].
#[pyclass(frozen, name = "Gate", module = "cascadeflow._native")]
pub(crate) struct PyGate {
    gate: Arc<Gate>,
    blocking: AtomicBool,
}

impl PyGate {
    pub(super) const fn new(gate: Arc<Gate>) -> Self {
        Self { gate, blocking: AtomicBool::new(true) }
    }
}

#[pymethods]
impl PyGate {
    #[getter]
    fn _asyncio_future_blocking(&self) -> bool {
        self.blocking.load(Ordering::Relaxed)
    }

    #[setter]
    #[expect(non_snake_case, reason = "named for asyncio's attribute")]
    fn set__asyncio_future_blocking(&self, value: bool) {
        self.blocking.store(value, Ordering::Relaxed);
    }

    fn get_loop(&self, py: Python<'_>) -> Py<PyAny> {
        self.gate.event_loop.clone_ref(py)
    }

    #[getter]
    fn _loop(&self, py: Python<'_>) -> Py<PyAny> {
        self.get_loop(py)
    }

    fn done(&self) -> bool {
        !matches!(self.gate.state.lock().phase, Phase::Shut)
    }

    fn cancelled(&self) -> bool {
        matches!(self.gate.state.lock().phase, Phase::Cancelled(_))
    }

    fn result(&self, py: Python<'_>) -> PyResult<()> {
        let message = match &self.gate.state.lock().phase {
            Phase::Open => return Ok(()),
            Phase::Shut => return Err(PyRuntimeError::new_err("result is not ready")),
            Phase::Cancelled(message) => message.as_ref().map(|message| message.clone_ref(py)),
        };
        let class = imports::cancelled_error(py)?;
        let error = match message {
            Some(message) => class.call1((message,))?,
            None => class.call0()?,
        };
        Err(PyErr::from_value(error))
    }

    fn exception(&self, py: Python<'_>) -> PyResult<()> {
        self.result(py)
    }

    #[pyo3(signature = (function, *, context = None))]
    fn add_done_callback(
        &self,
        py: Python<'_>,
        function: Py<PyAny>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let callback = Callback { function, context };
        {
            let mut state = self.gate.state.lock();
            if matches!(state.phase, Phase::Shut) {
                state.callbacks.push(callback);
                return Ok(());
            }
        }
        self.gate.schedule(py, &callback)
    }

    fn remove_done_callback(&self, function: &Bound<'_, PyAny>) -> usize {
        let py = function.py();
        // Comparing calls Python, so it happens outside the lock.
        let before = std::mem::take(&mut self.gate.state.lock().callbacks);
        let count = before.len();
        let kept: Vec<_> = before
            .into_iter()
            .filter(|callback| !callback.function.bind(py).eq(function).unwrap_or(false))
            .collect();
        let removed = count - kept.len();
        self.gate.state.lock().callbacks.extend(kept);
        removed
    }

    #[pyo3(signature = (msg = None))]
    fn cancel(&self, py: Python<'_>, msg: Option<Py<PyAny>>) -> PyResult<bool> {
        let future = {
            let state = self.gate.state.lock();
            match (&state.phase, &state.inner) {
                (Phase::Open | Phase::Cancelled(_), _) | (_, Inner::Turn) => return Ok(false),
                (Phase::Shut, Inner::None) => None,
                (Phase::Shut, Inner::Future(future)) => Some(future.clone_ref(py)),
            }
        };
        match future {
            None => Ok(self.gate.finish(py, Phase::Cancelled(msg))),
            Some(future) => cancel_future(future.bind(py), msg.as_ref().map(|msg| msg.bind(py))),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "the signature is given")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let Some(state) = self.gate.state.try_lock() else { return Ok(()) };
        for callback in &state.callbacks {
            visit.call(&callback.function)?;
            visit.call(&callback.context)?;
        }
        Ok(())
    }

    fn __clear__(&self) {
        let callbacks = std::mem::take(&mut self.gate.state.lock().callbacks);
        drop(callbacks);
    }
}

/// Cancels an asyncio future with the message, where there is one.
pub(super) fn cancel_future(
    future: &Bound<'_, PyAny>,
    message: Option<&Bound<'_, PyAny>>,
) -> PyResult<bool> {
    let name = pyo3::intern!(future.py(), "cancel");
    match message {
        None => future.call_method0(name)?.is_truthy(),
        Some(message) => {
            let keywords = PyDict::new(future.py());
            keywords.set_item(pyo3::intern!(future.py(), "msg"), message)?;
            future.call_method(name, (), Some(&keywords))?.is_truthy()
        }
    }
}
