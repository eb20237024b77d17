//! How many retries the calls of a target pay for.

use std::sync::atomic::{AtomicU64, Ordering};

/// What one retry costs; a call brings its percentage of it.
const RETRY: u64 = 100;

/// A bucket of retries. Every call brings a little, every retry takes one, so that a failing
/// provider is not drowned in repeated calls.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    filled: AtomicU64,
    capacity: u64,
    percent: u64,
}

impl RetryBudget {
    /// A full bucket of `reserve` retries, filled by `percent` of the calls.
    pub(crate) fn new(percent: u32, reserve: u32) -> Self {
        let capacity = u64::from(reserve) * RETRY;
        Self { filled: AtomicU64::new(capacity), capacity, percent: u64::from(percent) }
    }

    /// Counts a call.
    pub(crate) fn deposit(&self) {
        let add = |filled: u64| Some(filled.saturating_add(self.percent).min(self.capacity));
        let _ = self.filled.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// Takes one retry; false when there is none left.
    pub(crate) fn withdraw(&self) -> bool {
        self.filled
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |filled| filled.checked_sub(RETRY))
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_the_calls_may_be_retried_beyond_the_reserve() {
        let budget = RetryBudget::new(10, 3);
        assert_eq!((0..9).filter(|_| budget.withdraw()).count(), 3);
        for _ in 0..25 {
            budget.deposit();
        }
        assert_eq!((0..9).filter(|_| budget.withdraw()).count(), 2);
        for _ in 0..1000 {
            budget.deposit();
        }
        assert_eq!((0..9).filter(|_| budget.withdraw()).count(), 3, "the reserve is the most");
    }
}
