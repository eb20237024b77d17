//! A user's listener as an implementation of the event sink port.

use std::sync::{Arc, OnceLock};

use cascadeflow::ModelConfig;
use cascadeflow::ports::{EngineEvent, EventSink};
use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

use crate::convert::engine_event_json;

/// Weak: a listener does not keep the process alive.
type Queue = ThreadsafeFunction<String, (), String, Status, false, true>;

/// A listener. Events are queued and heard in order, never while the engine is being called, so
/// that a listener may call the agent and cannot delay a run.
pub(crate) struct JsEventSink {
    queue: Queue,
    models: OnceLock<Vec<Arc<ModelConfig>>>,
}

impl JsEventSink {
    /// `listener` is given each event as [`engine_event_json`] writes it, and empty texts between,
    /// which it leaves alone.
    pub(crate) fn new(listener: &Function<'_, String, ()>) -> napi::Result<Self> {
        let queue = listener
            .build_threadsafe_function::<String>()
            .callee_handled::<false>()
            .weak::<true>()
            .build()?;
        Ok(Self { queue, models: OnceLock::new() })
    }

    /// Tells the models of the agent, in its order; plans name them by position.
    pub(crate) fn set_models(&self, models: &[Arc<ModelConfig>]) {
        // Only the agent that the sink is made for tells them.
        let _ = self.models.set(models.to_vec());
    }

    /// Waits until the listener has heard what was queued so far.
    pub(crate) async fn flush(&self) {
        // Calls arrive in order. The environment may be going away; then nobody listens.
        let _ = self.queue.call_async(String::new()).await;
    }
}

impl EventSink for JsEventSink {
    fn on_event(&self, event: EngineEvent<'_>) {
        let models = self.models.get().map(Vec::as_slice).unwrap_or_default();
        // An event that cannot be written is not worth a run.
        if let Ok(Some(json)) = engine_event_json(&event, models) {
            self.queue.call(json, ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}
