//! What JavaScript is told in order, without anybody waiting for an answer.

use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use parking_lot::RwLock;
use std::sync::Arc;

/// Weak: what may still be told does not keep the process alive.
type Queue = ThreadsafeFunction<String, (), String, Status, false, true>;

/// A JavaScript function that hears texts in their order, never while Rust is being called; and
/// empty texts between, which it leaves alone.
pub(crate) struct JsQueue {
    queue: Queue,
}

impl JsQueue {
    pub(crate) fn new(function: &Function<'_, String, ()>) -> napi::Result<Self> {
        let queue = function
            .build_threadsafe_function::<String>()
            .callee_handled::<false>()
            .weak::<true>()
            .build()?;
        Ok(Self { queue })
    }

    /// Tells a text that is not empty. Nobody listens any more while the environment goes away.
    pub(crate) fn tell(&self, text: String) {
        self.queue.call(text, ThreadsafeFunctionCallMode::NonBlocking);
    }

    /// Waits until what was told so far is heard.
    pub(crate) async fn flush(&self) {
        // Calls arrive in order.
        let _ = self.queue.call_async(String::new()).await;
    }
}

/// Queues that may grow while they are in use.
#[derive(Clone, Default)]
pub(crate) struct JsQueues(Arc<RwLock<Vec<Arc<JsQueue>>>>);

impl JsQueues {
    pub(crate) fn add(&self, queue: Arc<JsQueue>) {
        self.0.write().push(queue);
    }

    /// Waits until everything told so far is heard.
    pub(crate) async fn flush(&self) {
        let queues = self.0.read().clone();
        for queue in queues {
            queue.flush().await;
        }
    }
}
