use std::time::Duration;

/// Holds up to `size` requests and fills at a steady rate.
#[derive(Debug, Clone)]
pub(super) struct TokenBucket {
    /// Requests that can be made, in thousandths.
    level: u64,
    filled_at: Duration,
}

const UNIT: u64 = 1_000;

impl TokenBucket {
    pub(super) fn full(size: u64, now: Duration) -> Self {
        Self { level: size.saturating_mul(UNIT), filled_at: now }
    }

    /// Time until one request can be made, of a bucket of `size` that gets `rate.1` requests in
    /// `rate.0`.
    pub(super) fn wait(&mut self, size: u64, rate: (Duration, u64), now: Duration) -> Duration {
        self.fill(size, rate, now);
        let missing = UNIT.saturating_sub(self.level);
        let (time, count) = rate;
        if missing == 0 || count == 0 {
            return if missing == 0 { Duration::ZERO } else { Duration::MAX };
        }
        let nanoseconds =
            time.as_nanos().saturating_mul(u128::from(missing)).div_ceil(u128::from(count * UNIT));
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }

    pub(super) fn take(&mut self, size: u64, rate: (Duration, u64), now: Duration) {
        self.fill(size, rate, now);
        self.level = self.level.saturating_sub(UNIT);
    }

    fn fill(&mut self, size: u64, (time, count): (Duration, u64), now: Duration) {
        let passed = now.saturating_sub(self.filled_at).as_nanos();
        let gained = passed.saturating_mul(u128::from(count) * u128::from(UNIT)) / time.as_nanos();
        if gained == 0 {
            return;
        }
        self.filled_at = now;
        let gained = u64::try_from(gained).unwrap_or(u64::MAX);
        self.level = self.level.saturating_add(gained).min(size.saturating_mul(UNIT));
    }
}
