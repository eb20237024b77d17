//! Wakes that happen while native code runs under the interpreter.
//!
//! A waker may be called under any lock of any library, so it must not call Python: collecting
//! garbage there could run code that wants the same lock. Wakes on a thread inside [`scope`] are kept
//! until the scope ends, where nothing is locked.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use pyo3::prelude::*;

use super::gate::Gate;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static DEFERRED: RefCell<Vec<Arc<Gate>>> = const { RefCell::new(Vec::new()) };
}

struct Scope;

impl Drop for Scope {
    fn drop(&mut self) {
        DEPTH.with(|depth| depth.set(depth.get().saturating_sub(1)));
    }
}

/// Runs `f`, then opens the gates whose wakes came on this thread meanwhile.
pub(super) fn scope<R>(py: Python<'_>, f: impl FnOnce() -> R) -> R {
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    let result = {
        let _scope = Scope;
        f()
    };
    loop {
        let gates = DEFERRED.with(|deferred| std::mem::take(&mut *deferred.borrow_mut()));
        if gates.is_empty() {
            return result;
        }
        for gate in gates {
            gate.open(py);
        }
    }
}

/// Keeps `gate` for the end of the scope; gives it back where there is none.
pub(super) fn defer(gate: Arc<Gate>) -> Result<(), Arc<Gate>> {
    if DEPTH.with(Cell::get) == 0 {
        return Err(gate);
    }
    DEFERRED.with(|deferred| deferred.borrow_mut().push(gate));
    Ok(())
}
