use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyModule;

static SHUT_DOWN: AtomicBool = AtomicBool::new(false);
/// Calls of [`try_attach`] under way.
static ATTACHING: AtomicUsize = AtomicUsize::new(0);

/// Whether the interpreter is going away, so that threads of ours must leave it alone.
pub(crate) fn is_shut_down() -> bool {
    SHUT_DOWN.load(Ordering::SeqCst)
}

/// Runs `f` attached to the interpreter; `None` when it is going away.
pub(crate) fn try_attach<R>(f: impl for<'py> FnOnce(Python<'py>) -> R) -> Option<R> {
    let _attaching = Attaching::begin();
    if is_shut_down() { None } else { Python::try_attach(f) }
}

struct Attaching;

impl Attaching {
    fn begin() -> Self {
        ATTACHING.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Attaching {
    fn drop(&mut self) {
        ATTACHING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Keeps our threads out of the interpreter and waits, at most a second, for those that are inside:
/// one that left it while it is torn down would end the process.
#[pyfunction]
fn shut_down(py: Python<'_>) {
    SHUT_DOWN.store(true, Ordering::SeqCst);
    py.detach(|| {
        crate::otel::shut_down();
        for _ in 0..1_000 {
            if ATTACHING.load(Ordering::SeqCst) == 0 {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(1));
        }
    });
}

/// Has the interpreter announce its end to our threads.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let announce = wrap_pyfunction!(shut_down, module)?;
    module.py().import("atexit")?.call_method1("register", (announce,))?;
    Ok(())
}
