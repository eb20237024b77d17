use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::Clock;
use parking_lot::Mutex;

/// Values by user id that are kept for a while: at most so many, the one unused for longest leaving
/// first.
pub struct ProfileCache<V> {
    clock: Arc<dyn Clock>,
    keep: Duration,
    capacity: usize,
    state: Mutex<State<V>>,
}

struct State<V> {
    entries: HashMap<String, Entry<V>>,
    /// Ids by when they were last used.
    order: BTreeMap<u64, String>,
    uses: u64,
}

struct Entry<V> {
    value: V,
    stored_at: Duration,
    used: u64,
}

impl<V: Clone> ProfileCache<V> {
    /// Keeps at most `capacity` values, each for `keep`; a `keep` of zero keeps none.
    pub fn new(clock: Arc<dyn Clock>, keep: Duration, capacity: usize) -> Self {
        let state = State { entries: HashMap::new(), order: BTreeMap::new(), uses: 0 };
        Self { clock, keep, capacity, state: Mutex::new(state) }
    }

    /// The value of `user_id`, unless it is too old.
    pub fn get(&self, user_id: &str) -> Option<V> {
        let now = self.clock.monotonic();
        let mut guard = self.state.lock();
        let state = &mut *guard;
        let entry = state.entries.get_mut(user_id)?;
        if now.saturating_sub(entry.stored_at) >= self.keep {
            let used = entry.used;
            state.order.remove(&used);
            let old = state.entries.remove(user_id);
            // A value may run code of its own when it goes, which must not meet the lock.
            drop(guard);
            drop(old);
            return None;
        }
        state.uses += 1;
        state.order.remove(&entry.used);
        entry.used = state.uses;
        state.order.insert(entry.used, user_id.to_owned());
        Some(entry.value.clone())
    }

    /// Keeps `value` for `user_id`, instead of what was kept before. Gives back what had to leave.
    pub fn insert(&self, user_id: &str, value: V) -> Option<V> {
        if self.keep.is_zero() || self.capacity == 0 {
            return Some(value);
        }
        let stored_at = self.clock.monotonic();
        let mut state = self.state.lock();
        state.uses += 1;
        let used = state.uses;
        let before = state.entries.insert(user_id.to_owned(), Entry { value, stored_at, used });
        if let Some(before) = &before {
            state.order.remove(&before.used);
        }
        state.order.insert(used, user_id.to_owned());
        if state.entries.len() <= self.capacity {
            return before.map(|entry| entry.value);
        }
        let (_, oldest) = state.order.pop_first()?;
        state.entries.remove(&oldest).map(|entry| entry.value)
    }

    /// Forgets the value of `user_id` and gives it back.
    pub fn remove(&self, user_id: &str) -> Option<V> {
        let mut state = self.state.lock();
        let entry = state.entries.remove(user_id)?;
        state.order.remove(&entry.used);
        Some(entry.value)
    }

    /// Forgets everything and gives it back.
    pub fn clear(&self) -> Vec<V> {
        let mut state = self.state.lock();
        state.order.clear();
        state.entries.drain().map(|(_, entry)| entry.value).collect()
    }

    /// How many values are kept.
    pub fn len(&self) -> usize {
        self.state.lock().entries.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
