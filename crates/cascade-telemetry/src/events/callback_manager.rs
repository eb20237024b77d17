use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cascade_core::ports::Clock;
use cascade_core::{Error, Result};
use parking_lot::{Mutex, RwLock};
use serde::Serialize;
use serde_json::{Map, Value};

use super::engine_listener::Runs;
use super::{CallbackData, CallbackEvent};

/// Listeners of one event.
const MOST_LISTENERS: usize = 256;
/// Events that listeners may cause while they hear one, one within another.
const DEEPEST: u32 = 8;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Hears events. Its failures are counted and reach neither the run nor other listeners.
pub trait EventListener: Send + Sync {
    /// Hears one event.
    fn on_callback(&self, data: &CallbackData) -> Result<()>;
}

impl<F: Fn(&CallbackData) -> Result<()> + Send + Sync> EventListener for F {
    fn on_callback(&self, data: &CallbackData) -> Result<()> {
        self(data)
    }
}

/// Names a registration, to undo it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerId(u64);

/// What was told so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallbackStats {
    /// Events told, listened to or not.
    pub total_triggers: u64,
    /// Those by event, every event among them.
    pub by_event: BTreeMap<CallbackEvent, u64>,
    /// Listeners that failed.
    pub callback_errors: u64,
    /// Events that listeners caused too deep within others, and that nobody heard.
    pub dropped: u64,
    /// Events that have listeners.
    pub registered_events: Vec<CallbackEvent>,
}

/// Tells listeners what happens, on the thread where it happens and in the order of registration.
///
/// At most 256 listeners hear an event, and an event that a listener causes is told up to eight deep. No lock is
/// held meanwhile: a listener may register, undo and cause events. Hears runs of the engine as an
/// [`EventSink`](cascade_core::ports::EventSink).
pub struct CallbackManager {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) runs: Mutex<Runs>,
    listeners: RwLock<BTreeMap<CallbackEvent, Listeners>>,
    next: AtomicU64,
    counts: Mutex<Counts>,
}

type Listeners = Arc<Vec<(ListenerId, Arc<dyn EventListener>)>>;

#[derive(Default)]
struct Counts {
    by_event: BTreeMap<CallbackEvent, u64>,
    errors: u64,
    dropped: u64,
}

impl CallbackManager {
    /// Nobody listens yet; events have the time of `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            runs: Mutex::default(),
            listeners: RwLock::default(),
            next: AtomicU64::new(0),
            counts: Mutex::default(),
        }
    }

    /// Has `listener` hear `event`; one that is registered twice hears it twice.
    ///
    /// # Errors
    /// A validation error on `callback` when the event has 256 listeners already.
    pub fn register(
        &self,
        event: CallbackEvent,
        listener: Arc<dyn EventListener>,
    ) -> Result<ListenerId> {
        let mut listeners = self.listeners.write();
        let own = Arc::make_mut(listeners.entry(event).or_default());
        if own.len() >= MOST_LISTENERS {
            return Err(Error::validation(
                "callback",
                format!("`{event}` has {MOST_LISTENERS} listeners already"),
                "register once and keep it, or undo registrations that are over",
            ));
        }
        let id = ListenerId(self.next.fetch_add(1, Ordering::Relaxed));
        own.push((id, listener));
        Ok(id)
    }

    /// Undoes a registration; gives whether there was one.
    pub fn unregister(&self, event: CallbackEvent, id: ListenerId) -> bool {
        let mut listeners = self.listeners.write();
        let Some(own) = listeners.get_mut(&event) else { return false };
        let before = own.len();
        Arc::make_mut(own).retain(|(known, _)| *known != id);
        own.len() < before
    }

    /// Undoes the registrations of `event`, or of all.
    pub fn clear(&self, event: Option<CallbackEvent>) {
        let mut listeners = self.listeners.write();
        match event {
            Some(event) => {
                listeners.remove(&event);
            }
            None => listeners.clear(),
        }
    }

    /// Whether `event` has listeners.
    pub fn is_heard(&self, event: CallbackEvent) -> bool {
        self.listeners.read().get(&event).is_some_and(|own| !own.is_empty())
    }

    /// Tells that `event` happened now.
    pub fn trigger(
        &self,
        event: CallbackEvent,
        query: &str,
        data: Map<String, Value>,
        user_tier: Option<&str>,
        workflow: Option<&str>,
    ) {
        *self.counts.lock().by_event.entry(event).or_default() += 1;
        let listeners = self.listeners.read().get(&event).cloned().unwrap_or_default();
        if listeners.is_empty() {
            return;
        }
        let depth = DEPTH.get();
        if depth >= DEEPEST {
            self.counts.lock().dropped += 1;
            return;
        }
        let told = CallbackData {
            event,
            query: query.to_owned(),
            user_tier: user_tier.map(str::to_owned),
            workflow: workflow.map(str::to_owned),
            data,
            timestamp: self.clock.since_epoch().as_secs_f64(),
        };
        DEPTH.set(depth + 1);
        let failed = listeners
            .iter()
            .filter(|(_, listener)| {
                // A listener is somebody else's code: whatever it does, the run goes on.
                !matches!(
                    catch_unwind(AssertUnwindSafe(|| listener.on_callback(&told))),
                    Ok(Ok(()))
                )
            })
            .count();
        DEPTH.set(depth);
        if failed > 0 {
            self.counts.lock().errors += failed as u64;
        }
    }

    /// What was told so far.
    pub fn stats(&self) -> CallbackStats {
        let registered_events =
            CallbackEvent::ALL.into_iter().filter(|event| self.is_heard(*event)).collect();
        let counts = self.counts.lock();
        let told = |event: &CallbackEvent| counts.by_event.get(event).copied().unwrap_or_default();
        CallbackStats {
            total_triggers: counts.by_event.values().sum(),
            by_event: CallbackEvent::ALL.into_iter().map(|event| (event, told(&event))).collect(),
            callback_errors: counts.errors,
            dropped: counts.dropped,
            registered_events,
        }
    }

    /// Forgets what was told; who listens stays.
    pub fn reset_stats(&self) {
        *self.counts.lock() = Counts::default();
    }
}
