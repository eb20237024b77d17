//! Ledgers and `fork`.
//!
//! SQLite must not be carried across a fork: the child would believe that it holds the locks of its
//! parent, and another process could take the log away under it. So every writer gives up its
//! connection before a fork, and takes a new one after it; the child's is its own.

#[cfg(unix)]
pub(super) use unix::register;

/// Nothing is to be done where processes do not fork.
#[cfg(not(unix))]
pub(super) fn register(_: &std::sync::Arc<super::queue::Queue>) {}

#[cfg(unix)]
mod unix {
    use std::sync::{Arc, Once, Weak};
    use std::time::Duration;

    use parking_lot::Mutex;

    use crate::sqlite::queue::Queue;

    /// The longest time that a fork waits for a writer.
    const PATIENCE: Duration = Duration::from_secs(10);

    /// The writers of this process.
    static WRITERS: Mutex<Vec<Weak<Queue>>> = Mutex::new(Vec::new());
    /// Those that rest while the process forks.
    static RESTING: Mutex<Vec<Arc<Queue>>> = Mutex::new(Vec::new());

    /// Lets the writer of `queue` rest whenever the process forks.
    pub(crate) fn register(queue: &Arc<Queue>) {
        static ONCE: Once = Once::new();
        ONCE.call_once(install);
        let mut writers = WRITERS.lock();
        writers.retain(|writer| writer.strong_count() > 0);
        writers.push(Arc::downgrade(queue));
    }

    #[expect(unsafe_code, reason = "only the C library tells of a fork")]
    fn install() {
        // SAFETY: the handlers live as long as the program, take nothing and do not unwind. One that
        // cannot be installed for want of memory leaves forks as they are without it.
        unsafe {
            libc::pthread_atfork(Some(before), Some(after_in_parent), Some(after_in_child));
        }
    }

    extern "C" fn before() {
        let writers: Vec<Arc<Queue>> = WRITERS.lock().iter().filter_map(Weak::upgrade).collect();
        for queue in &writers {
            queue.pause(PATIENCE);
        }
        RESTING.lock().extend(writers);
    }

    extern "C" fn after_in_parent() {
        let resting = std::mem::take(&mut *RESTING.lock());
        for queue in resting {
            queue.resume();
        }
    }

    extern "C" fn after_in_child() {
        // The writers are the parent's. Dropping them would wait for threads that are not here.
        std::mem::forget(std::mem::take(&mut *RESTING.lock()));
    }
}
