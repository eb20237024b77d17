//! What happens in runs, told to listeners by name.

use std::collections::HashMap;
use std::sync::Arc;

use cascadeflow::Result;
use cascadeflow::telemetry::{CallbackData, CallbackEvent, CallbackManager, ListenerId};
use napi::bindgen_prelude::Function;
use napi_derive::napi;
use parking_lot::Mutex;

use super::text::write;
use crate::callbacks::JsQueue;
use crate::clock::clock_of;
use crate::error::to_js;

/// Tells a function of the events of runs that it listens to. The listeners themselves stay in
/// JavaScript.
#[napi]
pub struct NativeCallbackManager {
    manager: Arc<CallbackManager>,
    queue: Arc<JsQueue>,
    listening: Mutex<HashMap<CallbackEvent, ListenerId>>,
}

impl NativeCallbackManager {
    /// The manager itself.
    pub(crate) fn manager(&self) -> Arc<CallbackManager> {
        Arc::clone(&self.manager)
    }

    /// Where its events are heard.
    pub(crate) fn queue(&self) -> Arc<JsQueue> {
        Arc::clone(&self.queue)
    }

    fn listens(&self, event: &str, on: bool) -> Result<()> {
        let event: CallbackEvent = event.parse()?;
        let mut listening = self.listening.lock();
        if !on {
            if let Some(id) = listening.remove(&event) {
                self.manager.unregister(event, id);
            }
            return Ok(());
        }
        if listening.contains_key(&event) {
            return Ok(());
        }
        let queue = self.queue();
        let tell = move |data: &CallbackData| -> Result<()> {
            queue.tell(write(data)?);
            Ok(())
        };
        listening.insert(event, self.manager.register(event, Arc::new(tell))?);
        Ok(())
    }
}

#[napi]
impl NativeCallbackManager {
    /// `dispatch` is told the JSON text of each event that it listens to, and empty texts between.
    #[napi(constructor)]
    pub fn new(dispatch: Function<'_, String, ()>) -> napi::Result<Self> {
        Ok(Self {
            manager: Arc::new(CallbackManager::new(clock_of(None))),
            queue: Arc::new(JsQueue::new(&dispatch)?),
            listening: Mutex::default(),
        })
    }

    /// Whether to tell of the event of this name.
    #[napi]
    pub fn listen(&self, event: String, on: bool) -> napi::Result<()> {
        self.listens(&event, on).map_err(to_js)
    }

    /// How often each event came, by its name, as the JSON text of a mapping.
    #[napi]
    pub fn counts(&self) -> napi::Result<String> {
        write(&self.manager.stats().by_event).map_err(to_js)
    }

    /// Counts from zero again.
    #[napi]
    pub fn reset_counts(&self) {
        self.manager.reset_stats();
    }
}

/// Throws when there is no event of this name.
#[napi]
pub(crate) fn check_callback_event(event: String) -> napi::Result<()> {
    event.parse::<CallbackEvent>().map(drop).map_err(to_js)
}
