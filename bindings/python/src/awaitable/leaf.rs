use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::driver::Driver;
use super::gate::{Inner, cancel_future};
use super::protocol::{Step, await_iterator, resume, throw};
use super::{Drain, deferral};
use crate::{imports, shutdown};

/// A Python awaitable as a Rust future.
///
/// The first one that is under way in a call runs in the caller's own task; another that is polled
/// at the same time becomes a task of its own with a copy of the caller's context. Dropping the
/// future cancels what it awaits.
pub(crate) struct PythonFuture {
    leaf: Arc<Leaf>,
}

/// The state of a [`PythonFuture`], shared with its wakers and its driver.
pub(super) struct Leaf {
    state: Mutex<State>,
    woken: AtomicBool,
    waker: Mutex<Option<Waker>>,
    /// The call that polls the leaf; another one than before where a stream outlives a call.
    driver: Mutex<Weak<Driver>>,
}

enum State {
    New(Py<PyAny>),
    /// Waits for a future, or for its next turn.
    Suspended {
        iterator: Py<PyAny>,
        future: Option<Py<PyAny>>,
    },
    /// Runs as a task of its own.
    Task(Py<PyAny>),
    /// Ended by an exception thrown from outside; nobody has taken the outcome yet.
    Ended(PyResult<Py<PyAny>>),
    Gone,
}

impl PythonFuture {
    /// The future of `awaitable`'s value.
    pub(crate) fn new(awaitable: Py<PyAny>) -> Self {
        Self {
            leaf: Arc::new(Leaf {
                state: Mutex::new(State::New(awaitable)),
                woken: AtomicBool::new(false),
                waker: Mutex::new(None),
                driver: Mutex::new(Weak::new()),
            }),
        }
    }
}

impl Future for PythonFuture {
    type Output = PyResult<Py<PyAny>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let leaf = &self.get_mut().leaf;
        Python::attach(|py| leaf.poll(py, context))
    }
}

impl Drop for PythonFuture {
    fn drop(&mut self) {
        let state = self.leaf.take();
        if let Some(driver) = self.leaf.driver() {
            driver.release(&self.leaf);
        }
        if !matches!(state, State::Gone) {
            // Without an interpreter there is nothing left to cancel.
            shutdown::try_attach(|py| discard(py, state));
        }
    }
}

impl Leaf {
    fn take(&self) -> State {
        std::mem::replace(&mut *self.state.lock(), State::Gone)
    }

    fn put(&self, state: State) {
        *self.state.lock() = state;
    }

    fn driver(&self) -> Option<Arc<Driver>> {
        self.driver.lock().upgrade()
    }

    /// Moves over to the call that polls now. A suspended coroutine runs in its caller's task from
    /// here on, where no other does.
    fn follow_driver(self: &Arc<Self>) {
        let Some(current) = Driver::current() else { return };
        let before = std::mem::replace(&mut *self.driver.lock(), Arc::downgrade(&current));
        let moved = !std::ptr::eq(before.as_ptr(), Arc::as_ptr(&current));
        if moved && matches!(*self.state.lock(), State::Suspended { .. }) {
            current.take_direct(self);
        }
    }

    fn poll(self: &Arc<Self>, py: Python<'_>, context: &Context<'_>) -> Poll<PyResult<Py<PyAny>>> {
        let waker = self.waker.lock().replace(context.waker().clone());
        drop(waker);
        self.follow_driver();
        match self.take() {
            State::New(awaitable) => self.start(awaitable.bind(py)),
            State::Suspended { iterator, future } => {
                if !self.woken.swap(false, Ordering::AcqRel) {
                    self.put(State::Suspended { iterator, future });
                    return Poll::Pending;
                }
                let step = resume(iterator.bind(py), &LeafWaker::new(self));
                self.settle(py, iterator, step)
            }
            State::Task(task) => self.join(task.bind(py)),
            State::Ended(outcome) => self.outcome(py, outcome),
            State::Gone => Poll::Pending,
        }
    }

    fn start(self: &Arc<Self>, awaitable: &Bound<'_, PyAny>) -> Poll<PyResult<Py<PyAny>>> {
        let Some(driver) = Driver::current() else {
            return Poll::Ready(Err(PyRuntimeError::new_err(
                "Python code can be awaited only from an event loop (hint: await the asynchronous \
                 method)",
            )));
        };
        if !driver.take_direct(self) {
            return match self.spawn(awaitable) {
                Ok(task) => {
                    self.put(State::Task(task));
                    Poll::Pending
                }
                Err(error) => Poll::Ready(Err(error)),
            };
        }
        match await_iterator(awaitable) {
            Ok(iterator) => {
                let step = resume(&iterator, &LeafWaker::new(self));
                self.settle(awaitable.py(), iterator.unbind(), step)
            }
            Err(error) => {
                driver.release(self);
                Poll::Ready(Err(error))
            }
        }
    }

    fn spawn(self: &Arc<Self>, awaitable: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = awaitable.py();
        let event_loop = imports::get_running_loop(py)?.call0()?;
        let create = pyo3::intern!(py, "create_task");
        let is_coroutine = awaitable.hasattr(pyo3::intern!(py, "cr_frame"))?;
        let task = if is_coroutine {
            event_loop.call_method1(create, (awaitable,))?
        } else {
            let coroutine = Drain::forwarding(await_iterator(awaitable)?.unbind());
            event_loop.call_method1(create, (coroutine,))?
        };
        task.call_method1(pyo3::intern!(py, "add_done_callback"), (LeafWaker::new(self),))?;
        Ok(task.unbind())
    }

    fn settle(
        self: &Arc<Self>,
        py: Python<'_>,
        iterator: Py<PyAny>,
        step: Step,
    ) -> Poll<PyResult<Py<PyAny>>> {
        match step {
            Step::Waits(future) => {
                self.put(State::Suspended { iterator, future });
                Poll::Pending
            }
            Step::Ended(outcome) => {
                if let Some(driver) = self.driver() {
                    driver.release(self);
                }
                self.outcome(py, outcome)
            }
        }
    }

    fn join(&self, task: &Bound<'_, PyAny>) -> Poll<PyResult<Py<PyAny>>> {
        let py = task.py();
        let done = task.call_method0(pyo3::intern!(py, "done")).and_then(|done| done.is_truthy());
        match done {
            Ok(true) => {
                let outcome = task.call_method0(pyo3::intern!(py, "result")).map(Bound::unbind);
                self.outcome(py, outcome)
            }
            Ok(false) => {
                self.put(State::Task(task.clone().unbind()));
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    /// An error that is no `Exception` (a cancellation, an exit) ends the whole call.
    fn outcome(&self, py: Python<'_>, outcome: PyResult<Py<PyAny>>) -> Poll<PyResult<Py<PyAny>>> {
        match (outcome, self.driver()) {
            (Err(error), Some(driver)) if !error.is_instance_of::<PyException>(py) => {
                // A stream that is polled again ends again, and does not wait for ever.
                self.put(State::Ended(Err(error.clone_ref(py))));
                driver.abort(error);
                Poll::Pending
            }
            (outcome, _) => Poll::Ready(outcome),
        }
    }

    /// What the coroutine waits for.
    pub(super) fn waits_for(&self, py: Python<'_>) -> Inner {
        match &*self.state.lock() {
            State::Suspended { future: Some(future), .. } => Inner::Future(future.clone_ref(py)),
            State::Suspended { future: None, .. } => Inner::Turn,
            _ => Inner::None,
        }
    }

    /// Throws `error` into the coroutine. Gives the error that ends the whole call where the
    /// coroutine let one out.
    pub(super) fn throw(self: &Arc<Self>, py: Python<'_>, error: PyErr) -> Result<(), PyErr> {
        let State::Suspended { iterator, .. } = self.take() else { return Err(error) };
        self.woken.store(false, Ordering::Release);
        match throw(iterator.bind(py), error, &LeafWaker::new(self)) {
            Step::Waits(future) => self.put(State::Suspended { iterator, future }),
            Step::Ended(Err(error)) if !error.is_instance_of::<PyException>(py) => {
                self.put(State::Ended(Err(error.clone_ref(py))));
                return Err(error);
            }
            Step::Ended(outcome) => {
                if let Some(driver) = self.driver() {
                    driver.release(self);
                }
                self.put(State::Ended(outcome));
                self.wake();
            }
        }
        Ok(())
    }

    /// Closes the coroutine.
    pub(super) fn close(&self, py: Python<'_>) -> PyResult<()> {
        let State::Suspended { iterator, .. } = self.take() else { return Ok(()) };
        close(iterator.bind(py))
    }

    fn wake(&self) {
        let waker = self.waker.lock().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Ends what a dropped future was doing.
fn discard(py: Python<'_>, state: State) {
    let ended = match state {
        State::New(awaitable) => close(awaitable.bind(py)),
        State::Suspended { iterator, future } => abandon(py, iterator, future),
        State::Task(task) => cancel_task(task.bind(py)),
        State::Ended(_) | State::Gone => Ok(()),
    };
    if let Err(error) = ended {
        error.write_unraisable(py, None);
    }
}

/// Cancels a suspended coroutine as asyncio would: what it waits for is cancelled, and the coroutine
/// goes on in a task of its own, so that its clean-up may await.
fn abandon(py: Python<'_>, iterator: Py<PyAny>, future: Option<Py<PyAny>>) -> PyResult<()> {
    let Ok(event_loop) = imports::get_running_loop(py)?.call0() else {
        return close(iterator.bind(py));
    };
    let cancelled = match &future {
        Some(future) => cancel_future(future.bind(py), None)?,
        None => false,
    };
    let drain = Drain::cancelling(iterator, future.filter(|_| cancelled));
    event_loop.call_method1(pyo3::intern!(py, "create_task"), (drain,))?;
    Ok(())
}

fn cancel_task(task: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = task.py();
    let event_loop = task.call_method0(pyo3::intern!(py, "get_loop"))?;
    let cancel = task.getattr(pyo3::intern!(py, "cancel"))?;
    match imports::get_running_loop(py)?.call0() {
        Ok(running) if running.is(&event_loop) => cancel.call0()?,
        _ => event_loop.call_method1(pyo3::intern!(py, "call_soon_threadsafe"), (cancel,))?,
    };
    Ok(())
}

fn close(awaitable: &Bound<'_, PyAny>) -> PyResult<()> {
    match awaitable.getattr_opt(pyo3::intern!(awaitable.py(), "close"))? {
        Some(close) => close.call0().map(drop),
        None => Ok(()),
    }
}

/// What asyncio calls when a coroutine's wait is over.
#[pyclass(frozen, name = "Wake", module = "cascadeflow._native", skip_from_py_object)]
#[derive(Clone)]
pub(crate) struct LeafWaker {
    leaf: Weak<Leaf>,
}

impl LeafWaker {
    fn new(leaf: &Arc<Leaf>) -> Self {
        Self { leaf: Arc::downgrade(leaf) }
    }
}

#[pymethods]
impl LeafWaker {
    #[pyo3(signature = (*_arguments))]
    fn __call__(&self, py: Python<'_>, _arguments: &Bound<'_, PyTuple>) {
        let Some(leaf) = self.leaf.upgrade() else { return };
        leaf.woken.store(true, Ordering::Release);
        deferral::scope(py, || leaf.wake());
    }
}
