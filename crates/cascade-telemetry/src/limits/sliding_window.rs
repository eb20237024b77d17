use std::collections::VecDeque;
use std::time::Duration;

/// Most events kept one by one; older neighbours are merged beyond that.
const DETAILED: usize = 256;

/// A count over the last `length` of time. Exact up to 256 events in the window; beyond, the
/// oldest are merged in pairs and leave with the later of the two, so that it never counts too
/// little.
#[derive(Debug, Clone)]
pub(super) struct SlidingWindow {
    length: Duration,
    events: VecDeque<(Duration, u64)>,
    total: u64,
}

impl SlidingWindow {
    pub(super) fn new(length: Duration) -> Self {
        Self { length, events: VecDeque::new(), total: 0 }
    }

    /// What counts at `now`.
    pub(super) fn used(&mut self, now: Duration) -> u64 {
        while let Some((at, amount)) = self.events.front().copied() {
            if at.saturating_add(self.length) > now {
                break;
            }
            self.total -= amount;
            self.events.pop_front();
        }
        self.total
    }

    pub(super) fn add(&mut self, now: Duration, amount: u64) {
        if amount == 0 {
            return;
        }
        self.used(now);
        self.total = self.total.saturating_add(amount);
        match self.events.back_mut() {
            Some((at, last)) if *at == now => *last = last.saturating_add(amount),
            _ => self.events.push_back((now, amount)),
        }
        if self.events.len() > DETAILED {
            self.merge();
        }
    }

    /// Time from `now` until at most `most` counts.
    pub(super) fn wait_until(&mut self, now: Duration, most: u64) -> Duration {
        let mut left = self.used(now);
        for (at, amount) in &self.events {
            if left <= most {
                break;
            }
            left -= amount;
            if left <= most {
                return at.saturating_add(self.length).saturating_sub(now);
            }
        }
        Duration::ZERO
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    fn merge(&mut self) {
        let events = std::mem::take(&mut self.events);
        let half = events.len() / 2;
        let mut merged = VecDeque::with_capacity(DETAILED + 1);
        let mut events = events.into_iter().enumerate().peekable();
        while let Some((position, (mut at, mut amount))) = events.next() {
            if position < half
                && let Some((_, (later, more))) = events.next()
            {
                at = later;
                amount = amount.saturating_add(more);
            }
            merged.push_back((at, amount));
        }
        self.events = merged;
    }
}
