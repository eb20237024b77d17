use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cascade_core::Usd;
use cascade_core::ports::Clock;
use parking_lot::Mutex;

use super::rates::{RateDecision, RateLimits};
use super::usage::{Counters, RateUsage};

/// How much a limiter remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimiterConfig {
    /// Most people remembered; the one unused for longest is forgotten beyond that.
    pub max_users: usize,
}

impl Default for RateLimiterConfig {
    fn default() -> Self {
        Self { max_users: 100_000 }
    }
}

/// Counts what each person used and holds them to their limits, in the memory of one process.
pub struct RateLimiter {
    clock: Arc<dyn Clock>,
    config: RateLimiterConfig,
    people: Mutex<HashMap<String, Counters>>,
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter").field("config", &self.config).finish_non_exhaustive()
    }
}

impl RateLimiter {
    /// A limiter that knows nobody yet.
    pub fn new(clock: Arc<dyn Clock>, config: RateLimiterConfig) -> Self {
        Self { clock, config, people: Mutex::default() }
    }

    /// Whether a request of `cost` and `tokens` may be made now. Counts nothing.
    pub fn check(
        &self,
        user_id: &str,
        limits: &RateLimits,
        cost: Usd,
        tokens: u64,
    ) -> RateDecision {
        let now = self.clock.monotonic();
        match self.people.lock().get_mut(user_id) {
            Some(counters) => counters.check(limits, cost, tokens, now),
            None => Counters::new(now).check(limits, cost, tokens, now),
        }
    }

    /// Counts a request, whether or not it may be made.
    pub fn record(&self, user_id: &str, limits: &RateLimits, cost: Usd, tokens: u64) {
        let now = self.clock.monotonic();
        self.person(&mut self.people.lock(), user_id, now).record(limits, cost, tokens, now);
    }

    /// Counts a request when it may be made, in one step, so that of many at once no more pass than
    /// the limits allow.
    pub fn acquire(
        &self,
        user_id: &str,
        limits: &RateLimits,
        cost: Usd,
        tokens: u64,
    ) -> RateDecision {
        let now = self.clock.monotonic();
        let mut people = self.people.lock();
        let counters = self.person(&mut people, user_id, now);
        let decision = counters.check(limits, cost, tokens, now);
        if decision.is_allowed() {
            counters.record(limits, cost, tokens, now);
        }
        decision
    }

    /// Adds cost and tokens that became known after the request was counted.
    pub fn correct(&self, user_id: &str, limits: &RateLimits, cost: Usd, tokens: u64) {
        let now = self.clock.monotonic();
        self.person(&mut self.people.lock(), user_id, now).correct(limits, cost, tokens, now);
    }

    /// What `user_id` used; nothing of somebody not remembered.
    pub fn usage(&self, user_id: &str) -> RateUsage {
        let now = self.clock.monotonic();
        let mut people = self.people.lock();
        people.get_mut(user_id).map(|counters| counters.usage(now)).unwrap_or_default()
    }

    /// Forgets what `user_id` used.
    pub fn reset(&self, user_id: &str) {
        self.people.lock().remove(user_id);
    }

    /// Forgets everybody.
    pub fn clear(&self) {
        self.people.lock().clear();
    }

    /// Forgets those who asked for nothing since `idle` ago; how many they were.
    pub fn forget_idle(&self, idle: Duration) -> usize {
        let now = self.clock.monotonic();
        let mut people = self.people.lock();
        let before = people.len();
        people.retain(|_, counters| now.saturating_sub(counters.touched) < idle);
        before - people.len()
    }

    /// How many people are remembered.
    pub fn len(&self) -> usize {
        self.people.lock().len()
    }

    /// Whether nobody is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn person<'a>(
        &self,
        people: &'a mut HashMap<String, Counters>,
        user_id: &str,
        now: Duration,
    ) -> &'a mut Counters {
        if people.len() >= self.config.max_users.max(1) && !people.contains_key(user_id) {
            make_room(people, now);
        }
        people.entry(user_id.to_owned()).or_insert_with(|| Counters::new(now))
    }
}

/// Forgets those of whom nothing counts any more; where there are none, a sixteenth of all, the ones
/// unused for longest, so that the search is worth its time.
fn make_room(people: &mut HashMap<String, Counters>, now: Duration) {
    let before = people.len();
    people.retain(|_, counters| !counters.is_idle(now));
    if people.len() < before {
        return;
    }
    let mut times: Vec<_> = people.values().map(|counters| counters.touched).collect();
    let mut left = (times.len() / 16).max(1);
    let (_, youngest, _) = times.select_nth_unstable(left - 1);
    let youngest = *youngest;
    people.retain(|_, counters| {
        let goes = left > 0 && counters.touched <= youngest;
        left -= usize::from(goes);
        !goes
    });
}
