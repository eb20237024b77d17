use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::Clock;
use parking_lot::Mutex;

use super::{CircuitBreakerConfig, CircuitMetrics, CircuitState, StateChange};

/// Changes of state that are kept.
const MAX_CHANGES: usize = 100;

/// Hears of a change of state: before and after.
pub type StateListener = Arc<dyn Fn(CircuitState, CircuitState) + Send + Sync>;

/// Lets calls through until too many fail, then none for a while, then a probe.
///
/// While closed it counts the failures of the last `failure_window`; at `failure_threshold` it
/// opens. After `recovery_timeout` it is half open and lets `half_open_max_calls` probes through at
/// a time: `success_threshold` successes close it, one failure opens it again.
pub struct CircuitBreaker {
    name: String,
    config: CircuitBreakerConfig,
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
    listeners: Mutex<Vec<StateListener>>,
}

struct Inner {
    state: CircuitState,
    /// When the state was entered.
    since: Duration,
    /// When the failures that count happened.
    failures: VecDeque<Duration>,
    /// Probes under way.
    probes: u32,
    /// When the latest probe began.
    probed_at: Duration,
    /// Probes that succeeded.
    successes: u32,
    metrics: CircuitMetrics,
}

impl Inner {
    fn new(since: Duration) -> Self {
        Self {
            state: CircuitState::Closed,
            since,
            failures: VecDeque::new(),
            probes: 0,
            probed_at: since,
            successes: 0,
            metrics: CircuitMetrics::default(),
        }
    }

    /// Adds a failure to those that count, of which no more are kept than open the breaker.
    fn remember_failure(&mut self, now: Duration, config: CircuitBreakerConfig) {
        self.failures.retain(|then| now.saturating_sub(*then) <= config.failure_window);
        if self.failures.len() >= config.failure_threshold as usize {
            self.failures.pop_front();
        }
        self.failures.push_back(now);
    }
}

impl CircuitBreaker {
    /// A closed breaker. Thresholds of zero count as one.
    pub fn new(
        name: impl Into<String>,
        config: CircuitBreakerConfig,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let inner = Mutex::new(Inner::new(clock.monotonic()));
        let config = CircuitBreakerConfig {
            failure_threshold: config.failure_threshold.max(1),
            half_open_max_calls: config.half_open_max_calls.max(1),
            success_threshold: config.success_threshold.max(1),
            ..config
        };
        Self { name: name.into(), config, clock, inner, listeners: Mutex::default() }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its configuration.
    pub fn config(&self) -> CircuitBreakerConfig {
        self.config
    }

    /// Its state now; an open one becomes half open when its time has come.
    pub fn state(&self) -> CircuitState {
        self.change(|inner, _| inner.state)
    }

    /// Time until a probe is let through; `None` unless it is open.
    pub fn time_until_retry(&self) -> Option<Duration> {
        self.change(|inner, now| {
            (inner.state == CircuitState::Open)
                .then(|| (inner.since + self.config.recovery_timeout).saturating_sub(now))
        })
    }

    /// Failures that count now: those of the last `failure_window`, none once it has closed again.
    pub fn failure_count(&self) -> usize {
        let window = self.config.failure_window;
        self.change(|inner, now| {
            inner.failures.iter().filter(|then| now.saturating_sub(**then) <= window).count()
        })
    }

    /// Whether a call may go out. Takes a probe's place while half open, so that its outcome must
    /// be recorded; [`Self::try_acquire`] sees to that by itself.
    pub fn can_execute(&self) -> bool {
        self.change(|inner, now| match inner.state {
            CircuitState::Closed => true,
            CircuitState::Open => false,
            CircuitState::HalfOpen => {
                // A probe of which nothing was heard must not keep all others out.
                if now.saturating_sub(inner.probed_at) > self.config.recovery_timeout {
                    inner.probes = 0;
                }
                let may = inner.probes < self.config.half_open_max_calls;
                if may {
                    inner.probes += 1;
                    inner.probed_at = now;
                }
                may
            }
        })
    }

    /// A permit for one call; `None` when it may not go out, which is counted as a rejection.
    pub fn try_acquire(self: &Arc<Self>) -> Option<CircuitPermit> {
        if self.can_execute() {
            return Some(CircuitPermit { breaker: Some(Arc::clone(self)) });
        }
        self.record_rejection();
        None
    }

    /// Counts a call that succeeded.
    pub fn record_success(&self) {
        let at = self.clock.since_epoch();
        self.change(|inner, now| {
            inner.metrics.total_calls += 1;
            inner.metrics.successful_calls += 1;
            inner.metrics.last_success_time = Some(at);
            if inner.state == CircuitState::HalfOpen {
                inner.probes = inner.probes.saturating_sub(1);
                inner.successes += 1;
                if inner.successes >= self.config.success_threshold {
                    enter(inner, CircuitState::Closed, now, at);
                }
            }
        });
    }

    /// Counts a call that failed.
    pub fn record_failure(&self) {
        let at = self.clock.since_epoch();
        self.change(|inner, now| {
            inner.metrics.total_calls += 1;
            inner.metrics.failed_calls += 1;
            inner.metrics.last_failure_time = Some(at);
            match inner.state {
                CircuitState::HalfOpen => {
                    inner.remember_failure(now, self.config);
                    enter(inner, CircuitState::Open, now, at);
                }
                CircuitState::Open => {}
                CircuitState::Closed => {
                    inner.remember_failure(now, self.config);
                    if inner.failures.len() >= self.config.failure_threshold as usize {
                        enter(inner, CircuitState::Open, now, at);
                    }
                }
            }
        });
    }

    /// Counts a call that was not let through.
    pub fn record_rejection(&self) {
        self.inner.lock().metrics.rejected_calls += 1;
    }

    /// Opens it, whatever was seen.
    pub fn force_open(&self) {
        let at = self.clock.since_epoch();
        self.change(|inner, now| enter(inner, CircuitState::Open, now, at));
    }

    /// Closes it, whatever was seen.
    pub fn force_close(&self) {
        let at = self.clock.since_epoch();
        self.change(|inner, now| enter(inner, CircuitState::Closed, now, at));
    }

    /// Closes it and forgets what was seen.
    pub fn reset(&self) {
        self.change(|inner, now| *inner = Inner::new(now));
    }

    /// What it has seen.
    pub fn metrics(&self) -> CircuitMetrics {
        self.inner.lock().metrics.clone()
    }

    /// Calls `listener` after each change of state, outside any lock.
    pub fn on_state_change(&self, listener: StateListener) {
        self.listeners.lock().push(listener);
    }

    /// Whether it is closed; lets no time pass, so that no listener is called.
    pub(super) fn is_at_rest(&self) -> bool {
        self.inner.lock().state == CircuitState::Closed
    }

    /// A probe ended without an outcome.
    fn release(&self) {
        self.change(|inner, _| inner.probes = inner.probes.saturating_sub(1));
    }

    /// Lets time pass, then does `work`; listeners hear what changed.
    fn change<T>(&self, work: impl FnOnce(&mut Inner, Duration) -> T) -> T {
        let now = self.clock.monotonic();
        let at = self.clock.since_epoch();
        let (done, before, between, after) = {
            let mut inner = self.inner.lock();
            let before = inner.state;
            if before == CircuitState::Open
                && now.saturating_sub(inner.since) >= self.config.recovery_timeout
            {
                enter(&mut inner, CircuitState::HalfOpen, now, at);
            }
            let between = inner.state;
            let done = work(&mut inner, now);
            (done, before, between, inner.state)
        };
        for (from, to) in [(before, between), (between, after)] {
            if from != to {
                self.tell(from, to);
            }
        }
        done
    }

    fn tell(&self, from: CircuitState, to: CircuitState) {
        tracing::info!(circuit = %self.name, from = from.code(), to = to.code(), "circuit breaker");
        let listeners = self.listeners.lock().clone();
        for listener in listeners {
            listener(from, to);
        }
    }
}

fn enter(inner: &mut Inner, state: CircuitState, now: Duration, at: Duration) {
    if inner.state != state {
        let changes = &mut inner.metrics.state_changes;
        if changes.len() == MAX_CHANGES {
            changes.pop_front();
        }
        changes.push_back(StateChange { from: inner.state, to: state, at });
    }
    inner.state = state;
    inner.since = now;
    if state == CircuitState::Closed {
        inner.failures.clear();
    }
    inner.probes = 0;
    inner.probed_at = now;
    inner.successes = 0;
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker")
            .field("name", &self.name)
            .field("state", &self.inner.lock().state)
            .finish_non_exhaustive()
    }
}

/// Leave for one call. Dropping it without an outcome counts for nothing.
#[derive(Debug)]
pub struct CircuitPermit {
    /// `None` when the outcome is recorded.
    breaker: Option<Arc<CircuitBreaker>>,
}

impl CircuitPermit {
    /// The call succeeded.
    pub fn succeed(mut self) {
        if let Some(breaker) = self.breaker.take() {
            breaker.record_success();
        }
    }

    /// The call failed in a way that counts.
    pub fn fail(mut self) {
        if let Some(breaker) = self.breaker.take() {
            breaker.record_failure();
        }
    }
}

impl Drop for CircuitPermit {
    fn drop(&mut self) {
        if let Some(breaker) = self.breaker.take() {
            breaker.release();
        }
    }
}
