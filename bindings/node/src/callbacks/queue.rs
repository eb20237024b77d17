//! What JavaScript is told in order, without anybody waiting for an answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use parking_lot::RwLock;

/// Weak: what may still be told does not keep the process alive.
type Queue = ThreadsafeFunction<String, (), String, Status, false, true>;

/// A JavaScript function that hears texts in their order, never while Rust is being called; and
/// empty texts between, which it leaves alone.
pub(crate) struct JsQueue {
    queue: Queue,
    /// Texts told, and how many of them are known to be heard.
    told: AtomicU64,
    heard: AtomicU64,
}

impl JsQueue {
    pub(crate) fn new(function: &Function<'_, String, ()>) -> napi::Result<Self> {
        let queue = function
            .build_threadsafe_function::<String>()
            .callee_handled::<false>()
            .weak::<true>()
            .build()?;
        Ok(Self { queue, told: AtomicU64::new(0), heard: AtomicU64::new(0) })
    }

    /// Tells a text that is not empty. Nobody listens any more while the environment goes away.
    pub(crate) fn tell(&self, text: String) {
        self.queue.call(text, ThreadsafeFunctionCallMode::NonBlocking);
        self.told.fetch_add(1, Ordering::Release);
    }

    /// Waits until what was told so far is heard. Where that is so already, JavaScript is left alone.
    pub(crate) async fn flush(&self) {
        let told = self.told.load(Ordering::Acquire);
        if self.heard.load(Ordering::Acquire) >= told {
            return;
        }
        // Calls arrive in order.
        let _ = self.queue.call_async(String::new()).await;
        self.heard.fetch_max(told, Ordering::AcqRel);
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
