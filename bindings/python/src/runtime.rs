use std::sync::OnceLock;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::awaitable::WakeQueue;

/// The tokio runtime of one process with the thread that wakes event loops.
///
/// A child made by `fork` has none of its parent's threads, so runtimes form a chain: the first
/// belongs to the process that loaded the module, the next to its child, and so on. A process uses
/// the one that carries its id and never touches the others; they are leaked, because their threads
/// are somewhere else. Links are only ever made while attached to the interpreter, so no other
/// thread can be in the middle of making one when `fork` happens.
pub(crate) struct Runtime {
    process: u32,
    tokio: tokio::runtime::Runtime,
    wake_queue: WakeQueue,
    child: OnceLock<&'static Self>,
}

static FIRST: OnceLock<&'static Runtime> = OnceLock::new();

/// Worker threads: the engine itself runs on the callers' threads, these only drive sockets.
const WORKERS: usize = 2;

impl Runtime {
    /// The runtime of this process, made on first use.
    pub(crate) fn current(_py: Python<'_>) -> PyResult<&'static Self> {
        let process = std::process::id();
        let mut link = &FIRST;
        loop {
            let runtime = if let Some(runtime) = link.get() {
                runtime
            } else {
                let made = Box::leak(Box::new(Self::start(process)?));
                link.get_or_init(|| made)
            };
            if runtime.process == process {
                return Ok(runtime);
            }
            link = &runtime.child;
        }
    }

    /// Enters the runtime's context, so that timers and sockets made by a poll belong to it.
    pub(crate) fn enter(&self) -> tokio::runtime::EnterGuard<'_> {
        self.tokio.enter()
    }

    pub(crate) const fn wake_queue(&self) -> &WakeQueue {
        &self.wake_queue
    }

    fn start(process: u32) -> PyResult<Self> {
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("cascadeflow-io")
            .enable_all()
            .build()
            .map_err(|error| not_started(&error))?;
        let wake_queue = WakeQueue::start().map_err(|error| not_started(&error))?;
        Ok(Self { process, tokio, wake_queue, child: OnceLock::new() })
    }
}

fn not_started(error: &std::io::Error) -> PyErr {
    PyRuntimeError::new_err(format!(
        "cascadeflow could not start its I/O threads: {error} (hint: raise the limit on threads)"
    ))
}
