use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use cascade_core::ports::Clock;
use parking_lot::Mutex;

use super::{CircuitBreaker, CircuitBreakerConfig, CircuitMetrics, CircuitState};
use crate::system_clock::SystemClock;

/// Breakers kept. Beyond it, closed ones that nobody uses go.
const MAX_BREAKERS: usize = 4096;

/// Hears of a change of state: the breaker's name, before and after.
type Listener = Arc<dyn Fn(&str, CircuitState, CircuitState) + Send + Sync>;

/// What can be seen of one breaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircuitStatus {
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: CircuitState,
    /// Time until a probe is let through; `None` unless it is open.
    pub time_until_retry: Option<Duration>,
    /// What it has seen.
    pub metrics: CircuitMetrics,
}

/// Breakers by name. Clones share them.
#[derive(Clone)]
pub struct CircuitBreakerRegistry {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    default_config: Mutex<CircuitBreakerConfig>,
    breakers: Mutex<BTreeMap<String, Arc<CircuitBreaker>>>,
    listeners: Mutex<Vec<Listener>>,
}

static GLOBAL: LazyLock<CircuitBreakerRegistry> =
    LazyLock::new(|| CircuitBreakerRegistry::new(Arc::new(SystemClock)));

impl CircuitBreakerRegistry {
    /// An empty registry whose breakers live by `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let shared = Shared {
            clock,
            default_config: Mutex::default(),
            breakers: Mutex::default(),
            listeners: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The registry of the process, which providers use unless they are given another.
    pub fn global() -> Self {
        GLOBAL.clone()
    }

    /// The breaker of this name; `None` when there is none.
    pub fn get(&self, name: &str) -> Option<Arc<CircuitBreaker>> {
        self.shared.breakers.lock().get(name).cloned()
    }

    /// The breaker of this name, made when there is none; `None` for `config` takes the default.
    pub fn get_or_create(
        &self,
        name: &str,
        config: Option<CircuitBreakerConfig>,
    ) -> Arc<CircuitBreaker> {
        let mut breakers = self.shared.breakers.lock();
        if let Some(breaker) = breakers.get(name) {
            return Arc::clone(breaker);
        }
        if breakers.len() >= MAX_BREAKERS {
            breakers.retain(|_, breaker| Arc::strong_count(breaker) > 1 || !breaker.is_at_rest());
        }
        let config = config.unwrap_or_else(|| *self.shared.default_config.lock());
        let breaker = Arc::new(CircuitBreaker::new(name, config, Arc::clone(&self.shared.clock)));
        let (shared, own_name) = (Arc::downgrade(&self.shared), name.to_owned());
        breaker.on_state_change(Arc::new(move |from, to| {
            let Some(shared) = shared.upgrade() else { return };
            let listeners = shared.listeners.lock().clone();
            for listener in listeners {
                listener(&own_name, from, to);
            }
        }));
        breakers.insert(name.to_owned(), Arc::clone(&breaker));
        breaker
    }

    /// Sets the configuration of breakers made from now on without one of their own.
    pub fn set_default_config(&self, config: CircuitBreakerConfig) {
        *self.shared.default_config.lock() = config;
    }

    /// The configuration of breakers made without one of their own.
    pub fn default_config(&self) -> CircuitBreakerConfig {
        *self.shared.default_config.lock()
    }

    /// All breakers in alphabetical order.
    pub fn list(&self) -> Vec<CircuitStatus> {
        self.breakers()
            .into_iter()
            .map(|breaker| CircuitStatus {
                name: breaker.name().to_owned(),
                state: breaker.state(),
                time_until_retry: breaker.time_until_retry(),
                metrics: breaker.metrics(),
            })
            .collect()
    }

    /// Names of the breakers that are not open.
    pub fn available(&self) -> Vec<String> {
        self.breakers()
            .into_iter()
            .filter(|breaker| breaker.state() != CircuitState::Open)
            .map(|breaker| breaker.name().to_owned())
            .collect()
    }

    /// Closes one breaker and forgets what it has seen; false when there is none of this name.
    pub fn reset(&self, name: &str) -> bool {
        let breaker = self.get(name);
        if let Some(breaker) = &breaker {
            breaker.reset();
        }
        breaker.is_some()
    }

    /// Closes all breakers and forgets what they have seen.
    pub fn reset_all(&self) {
        for breaker in self.breakers() {
            breaker.reset();
        }
    }

    /// Number of breakers.
    pub fn len(&self) -> usize {
        self.shared.breakers.lock().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `listener` after each change of state of any breaker, outside any lock.
    pub fn on_state_change(
        &self,
        listener: impl Fn(&str, CircuitState, CircuitState) + Send + Sync + 'static,
    ) {
        self.shared.listeners.lock().push(Arc::new(listener));
    }

    fn breakers(&self) -> Vec<Arc<CircuitBreaker>> {
        self.shared.breakers.lock().values().cloned().collect()
    }
}

impl fmt::Debug for CircuitBreakerRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreakerRegistry").field("breakers", &self.breakers()).finish()
    }
}
