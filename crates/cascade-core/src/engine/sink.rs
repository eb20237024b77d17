//! Carries events from a run to its stream.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;

use parking_lot::Mutex;

use crate::types::StreamEvent;

/// A queue between a run and the stream that polls it.
///
/// The stream polls the run only while the queue is empty, so a run that sends waits until what it
/// sent was taken: the consumer's pace reaches the provider's socket.
#[derive(Debug, Default)]
pub(super) struct Sink {
    queue: Mutex<VecDeque<StreamEvent>>,
}

impl Sink {
    /// Queues `event` and waits until it was taken.
    pub(super) async fn send(&self, event: StreamEvent) {
        self.queue.lock().push_back(event);
        poll_fn(|_| if self.queue.lock().is_empty() { Poll::Ready(()) } else { Poll::Pending })
            .await;
    }

    /// The next event, if there is one.
    pub(super) fn take(&self) -> Option<StreamEvent> {
        self.queue.lock().pop_front()
    }
}
