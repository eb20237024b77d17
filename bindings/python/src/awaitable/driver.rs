use std::cell::RefCell;
use std::sync::Arc;

use parking_lot::Mutex;
use pyo3::PyErr;

use super::leaf::Leaf;

/// What the Python coroutines inside a future share with the awaitable that polls it.
#[derive(Default)]
pub(super) struct Driver {
    /// The coroutine that runs in the caller's own task.
    direct: Mutex<Option<Arc<Leaf>>>,
    /// What ends the whole call: a cancellation or an exit that a coroutine let out.
    abort: Mutex<Option<PyErr>>,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Driver>>> = const { RefCell::new(None) };
}

struct Restore(Option<Arc<Driver>>);

impl Drop for Restore {
    fn drop(&mut self) {
        let before = self.0.take();
        CURRENT.with(|current| *current.borrow_mut() = before);
    }
}

impl Driver {
    /// The driver whose future is polled on this thread.
    pub(super) fn current() -> Option<Arc<Self>> {
        CURRENT.with(|current| current.borrow().clone())
    }

    /// Runs `f` with `self` as the current driver.
    pub(super) fn scope<R>(self: &Arc<Self>, f: impl FnOnce() -> R) -> R {
        let before = CURRENT.with(|current| current.borrow_mut().replace(Arc::clone(self)));
        let _restore = Restore(before);
        f()
    }

    /// Lets `leaf` run in the caller's own task; false when another already does.
    pub(super) fn take_direct(&self, leaf: &Arc<Leaf>) -> bool {
        let mut direct = self.direct.lock();
        if direct.is_some() {
            return false;
        }
        *direct = Some(Arc::clone(leaf));
        true
    }

    /// The leaf that runs in the caller's own task.
    pub(super) fn direct(&self) -> Option<Arc<Leaf>> {
        self.direct.lock().clone()
    }

    /// Ends the turn of `leaf`.
    pub(super) fn release(&self, leaf: &Arc<Leaf>) {
        let mut direct = self.direct.lock();
        if direct.as_ref().is_some_and(|held| Arc::ptr_eq(held, leaf)) {
            *direct = None;
        }
    }

    /// Has the whole call end with `error`.
    pub(super) fn abort(&self, error: PyErr) {
        self.abort.lock().get_or_insert(error);
    }

    /// What ends the whole call, once.
    pub(super) fn take_abort(&self) -> Option<PyErr> {
        self.abort.lock().take()
    }
}
