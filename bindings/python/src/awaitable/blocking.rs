use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::runtime::Runtime;

/// How often a blocked call looks for signals, so that Ctrl-C ends it.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(50);

struct ThreadWaker {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for ThreadWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl ThreadWaker {
    /// Waits to be woken; false after `limit`.
    fn wait(&self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        loop {
            if self.woken.swap(false, Ordering::AcqRel) {
                return true;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            std::thread::park_timeout(left);
        }
    }
}

/// Drives `future` to its end on this thread, released from the interpreter while it waits.
///
/// # Errors
/// What a signal handler raises, such as `KeyboardInterrupt`; the future is dropped then.
pub(crate) fn block_on<F>(py: Python<'_>, future: F) -> PyResult<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    let runtime = Runtime::current(py)?;
    let mut future = pin!(future);
    let waker =
        Arc::new(ThreadWaker { thread: std::thread::current(), woken: AtomicBool::new(true) });
    let task_waker = Waker::from(Arc::clone(&waker));
    loop {
        let polled = py.detach(|| {
            while waker.wait(SIGNAL_INTERVAL) {
                let _context = runtime.enter();
                let mut context = Context::from_waker(&task_waker);
                if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                    return Some(value);
                }
            }
            None
        });
        match polled {
            Some(value) => return Ok(value),
            None => py.check_signals()?,
        }
    }
}
