//! What waits for the writer.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::operation::Operation;

/// Operations that may wait before whoever books another one waits, too.
const CAPACITY: usize = 16_384;
/// Operations that one transaction takes at most.
const GROUP: usize = 2_048;

/// Operations in the order they were asked for.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    drained: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Operation>,
    /// Nothing more comes.
    closing: bool,
    /// Nobody works any more.
    ended: bool,
    /// Holders of the file's rest; the writer keeps no connection while there is one.
    paused: usize,
    /// The writer has no connection and waits.
    at_rest: bool,
}

/// What the writer is to do next.
pub(super) enum Next {
    /// A group of operations; empty when the time to wait has passed.
    Group(Vec<Operation>),
    /// To give up its connection and call [`Queue::rest`].
    Rest,
    /// To end, once the last group is done.
    End(Vec<Operation>),
}

impl Queue {
    /// Adds an operation. Waits while too many are waiting, unless it only gives something back.
    pub(super) fn push(&self, operation: Operation) {
        let mut state = self.state.lock();
        while state.waiting.len() >= CAPACITY
            && matches!(operation, Operation::Commit { .. })
            && !state.ended
        {
            self.drained.wait(&mut state);
        }
        if state.ended {
            // Whoever waits for the reply sees that it never comes.
            return;
        }
        state.waiting.push_back(operation);
        drop(state);
        self.filled.notify_one();
    }

    /// What comes next; waits for it as long as `patience` lasts.
    pub(super) fn next(&self, patience: Option<Duration>) -> Next {
        let mut state = self.state.lock();
        loop {
            if state.paused > 0 {
                return Next::Rest;
            }
            if !state.waiting.is_empty() || state.closing {
                let size = state.waiting.len().min(GROUP);
                let group: Vec<Operation> = state.waiting.drain(..size).collect();
                let last = state.closing && state.waiting.is_empty();
                drop(state);
                self.drained.notify_all();
                return if last { Next::End(group) } else { Next::Group(group) };
            }
            match patience {
                None => self.filled.wait(&mut state),
                Some(time) => {
                    if self.filled.wait_for(&mut state, time).timed_out() {
                        return Next::Group(Vec::new());
                    }
                }
            }
        }
    }

    /// Waits, as the writer without a connection, until nobody needs the rest any more.
    pub(super) fn rest(&self) {
        let mut state = self.state.lock();
        state.at_rest = true;
        self.drained.notify_all();
        while state.paused > 0 {
            self.filled.wait(&mut state);
        }
        state.at_rest = false;
    }

    /// Asks the writer to give up its connection and waits, not beyond `patience`, until it has.
    pub(super) fn pause(&self, patience: Duration) -> bool {
        let mut state = self.state.lock();
        state.paused += 1;
        self.filled.notify_one();
        while !state.at_rest && !state.ended {
            if self.drained.wait_for(&mut state, patience).timed_out() {
                break;
            }
        }
        state.at_rest || state.ended
    }

    /// Lets the writer go on after a [`Self::pause`].
    pub(super) fn resume(&self) {
        let mut state = self.state.lock();
        state.paused = state.paused.saturating_sub(1);
        drop(state);
        self.filled.notify_one();
    }

    /// Lets the writer end when nothing is left to do.
    pub(super) fn close(&self) {
        self.state.lock().closing = true;
        self.filled.notify_one();
    }

    /// Tells that nobody works any more; what waits is dropped.
    pub(super) fn end(&self) {
        let mut state = self.state.lock();
        state.ended = true;
        let left = std::mem::take(&mut state.waiting);
        drop(state);
        self.drained.notify_all();
        drop(left);
    }
}
