use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Wake;

use parking_lot::Mutex;

use super::deferral;
use super::gate::Gate;
use crate::runtime::Runtime;

/// Wakes the task that awaits a Rust future, from whatever thread.
pub(super) struct LoopWaker {
    state: AtomicU8,
    gate: Mutex<Option<Arc<Gate>>>,
    runtime: &'static Runtime,
}

/// Nobody polls and nobody waits at a gate; the task comes back by itself, or is done.
const IDLE: u8 = 0;
/// The future is being polled.
const POLLING: u8 = 1;
/// The task waits at the gate.
const WAITING: u8 = 2;
/// The future was woken.
const WOKEN: u8 = 3;

impl LoopWaker {
    pub(super) const fn new(runtime: &'static Runtime) -> Self {
        Self { state: AtomicU8::new(IDLE), gate: Mutex::new(None), runtime }
    }

    /// Begins a poll.
    pub(super) fn begin(&self) {
        self.state.store(POLLING, Ordering::Release);
    }

    /// Whether the future was woken since [`Self::begin`].
    pub(super) fn is_woken(&self) -> bool {
        self.state.load(Ordering::Acquire) == WOKEN
    }

    /// Ends a poll with the task waiting at `gate`; false when a wake came first.
    pub(super) fn wait_at(&self, gate: Arc<Gate>) -> bool {
        *self.gate.lock() = Some(gate);
        let exchanged =
            self.state.compare_exchange(POLLING, WAITING, Ordering::AcqRel, Ordering::Acquire);
        if exchanged.is_err() {
            self.forget_gate();
        }
        exchanged.is_ok()
    }

    /// Ends a poll, or the wait, without a gate.
    pub(super) fn idle(&self) {
        self.state.store(IDLE, Ordering::Release);
        self.forget_gate();
    }

    fn forget_gate(&self) {
        let gate = self.gate.lock().take();
        // Dropped unlocked: the last reference runs destructors of Python objects.
        drop(gate);
    }
}

impl Wake for LoopWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
            matches!(state, POLLING | WAITING).then_some(WOKEN)
        });
        if before != Ok(WAITING) {
            return;
        }
        let gate = self.gate.lock().take();
        let Some(gate) = gate else { return };
        if let Err(gate) = deferral::defer(gate) {
            self.runtime.wake_queue().push(gate);
        }
    }
}
