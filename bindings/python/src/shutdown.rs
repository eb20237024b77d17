use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use pyo3::types::PyModule;

static SHUT_DOWN: AtomicBool = AtomicBool::new(false);

/// Whether the interpreter is going away, so that threads of ours must leave it alone.
pub(crate) fn is_shut_down() -> bool {
    SHUT_DOWN.load(Ordering::Acquire)
}

/// Runs `f` attached to the interpreter; `None` when it is going away.
pub(crate) fn try_attach<R>(f: impl for<'py> FnOnce(Python<'py>) -> R) -> Option<R> {
    if is_shut_down() { None } else { Python::try_attach(f) }
}

#[pyfunction]
fn shut_down() {
    SHUT_DOWN.store(true, Ordering::Release);
}

/// Has the interpreter announce its end to our threads.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let announce = wrap_pyfunction!(shut_down, module)?;
    module.py().import("atexit")?.call_method1("register", (announce,))?;
    Ok(())
}
