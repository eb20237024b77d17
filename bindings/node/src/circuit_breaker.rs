//! Circuit breakers: single ones, and those of the process that the providers use.

use std::sync::Arc;

use cascadeflow::ports::Clock;
use cascadeflow::providers::circuit_breaker::CircuitPermit;
use cascadeflow::providers::{
    CircuitBreaker, CircuitBreakerConfig, CircuitBreakerRegistry, CircuitOpen, CircuitState,
};
use cascadeflow::{Error, ErrorKind, SystemClock};
use napi::bindgen_prelude::{FnArgs, Function, FunctionRef};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;
use parking_lot::Mutex;
use serde::Serialize;

use crate::clock::NativeClock;
use crate::convert::{
    CircuitConfigView, CircuitMetricsView, CircuitStatusView, milliseconds, read_circuit_config,
};
use crate::error::to_js;
use crate::runtime::{entered, entered_env};

/// Name of the breaker, its state before and after.
type Change = FnArgs<(String, String, String)>;
/// Weak: a listener does not keep the process alive.
type Queue = ThreadsafeFunction<Change, (), Change, Status, false, true>;

/// A circuit breaker.
#[napi]
pub struct NativeCircuitBreaker {
    breaker: Arc<CircuitBreaker>,
}

#[napi]
impl NativeCircuitBreaker {
    /// A closed breaker that no provider uses. `config` is the JSON text of a mapping of
    /// `failure_threshold`, `recovery_timeout_ms`, `half_open_max_calls`, `success_threshold` and
    /// `failure_window_ms`, each with a default; `clock` is null for the machine's.
    #[napi(constructor)]
    pub fn new(
        name: String,
        config: Option<String>,
        clock: Option<&NativeClock>,
    ) -> napi::Result<Self> {
        let config = read_circuit_config(config.as_deref(), CircuitBreakerConfig::default());
        let clock: Arc<dyn Clock> =
            clock.map_or_else(|| Arc::new(SystemClock::default()) as _, NativeClock::clock);
        let breaker = CircuitBreaker::new(name, config.map_err(to_js)?, clock);
        Ok(Self { breaker: Arc::new(breaker) })
    }

    /// Its name.
    #[napi]
    pub fn name(&self) -> String {
        self.breaker.name().to_owned()
    }

    /// Its configuration as JSON text.
    #[napi]
    pub fn config(&self) -> napi::Result<String> {
        encode(&CircuitConfigView::from(self.breaker.config()))
    }

    /// `closed`, `open` or `half_open`.
    #[napi]
    pub fn state(&self, env: Env) -> String {
        entered(env, || self.breaker.state().code().to_owned())
    }

    /// Milliseconds until a probe is let through; null unless it is open.
    #[napi]
    pub fn time_until_retry(&self, env: Env) -> Option<f64> {
        entered(env, || self.breaker.time_until_retry().map(milliseconds))
    }

    /// Failures that count now.
    #[napi]
    pub fn failure_count(&self, env: Env) -> u32 {
        let count = entered(env, || self.breaker.failure_count());
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Whether a call may go out; takes a probe's place while half open.
    #[napi]
    pub fn can_execute(&self, env: Env) -> bool {
        entered(env, || self.breaker.can_execute())
    }

    /// Leave for one call. Throws when it may not go out, which is counted as a rejection.
    #[napi]
    pub fn acquire(&self, env: Env) -> napi::Result<NativeCircuitPermit> {
        match entered(env, || self.breaker.try_acquire()) {
            Some(permit) => Ok(NativeCircuitPermit { permit: Mutex::new(Some(permit)) }),
            None => Err(to_js(self.refusal())),
        }
    }

    /// Counts a call that succeeded.
    #[napi]
    pub fn record_success(&self, env: Env) {
        entered(env, || self.breaker.record_success());
    }

    /// Counts a call that failed.
    #[napi]
    pub fn record_failure(&self, env: Env) {
        entered(env, || self.breaker.record_failure());
    }

    /// Counts a call that was not let through.
    #[napi]
    pub fn record_rejection(&self) {
        self.breaker.record_rejection();
    }

    /// Opens it, whatever was seen.
    #[napi]
    pub fn force_open(&self, env: Env) {
        entered(env, || self.breaker.force_open());
    }

    /// Closes it, whatever was seen.
    #[napi]
    pub fn force_close(&self, env: Env) {
        entered(env, || self.breaker.force_close());
    }

    /// Closes it and forgets what was seen.
    #[napi]
    pub fn reset(&self, env: Env) {
        entered(env, || self.breaker.reset());
    }

    /// What it has seen, as JSON text.
    #[napi]
    pub fn metrics(&self) -> napi::Result<String> {
        encode(&CircuitMetricsView::from(self.breaker.metrics()))
    }

    /// Has `listener` told of each change of state: name, before and after.
    #[napi]
    pub fn on_state_change(
        &self,
        env: Env,
        listener: Function<'_, Change, ()>,
    ) -> napi::Result<()> {
        let listener = Listener::new(env, &listener)?;
        let name = self.breaker.name().to_owned();
        self.breaker.on_state_change(Arc::new(move |from, to| listener.tell(&name, from, to)));
        Ok(())
    }
}

impl NativeCircuitBreaker {
    /// The error of a call that may not go out.
    fn refusal(&self) -> Error {
        let open = CircuitOpen {
            name: self.breaker.name().to_owned(),
            retry_in: self.breaker.time_until_retry().unwrap_or_default(),
        };
        Error::new(ErrorKind::Overloaded, open.to_string())
            .with_hint("wait until the circuit breaker lets a probe through, or reset it")
            .with_retry_after(open.retry_in)
            .with_source(open)
    }
}

/// Leave for one call; forgotten without an outcome it counts for nothing.
#[napi]
pub struct NativeCircuitPermit {
    permit: Mutex<Option<CircuitPermit>>,
}

#[napi]
impl NativeCircuitPermit {
    /// The call succeeded.
    #[napi]
    pub fn succeed(&self, env: Env) {
        let permit = self.permit.lock().take();
        if let Some(permit) = permit {
            entered(env, || permit.succeed());
        }
    }

    /// The call failed in a way that counts.
    #[napi]
    pub fn fail(&self, env: Env) {
        let permit = self.permit.lock().take();
        if let Some(permit) = permit {
            entered(env, || permit.fail());
        }
    }

    /// The call ended in a way that counts for nothing.
    #[napi]
    pub fn release(&self, env: Env) {
        let permit = self.permit.lock().take();
        entered(env, || drop(permit));
    }
}

/// The breaker `name` of the process, made when there is none; `config` as for a single one, null
/// for the default.
#[napi]
pub(crate) fn circuit_breaker(
    name: String,
    config: Option<String>,
) -> napi::Result<NativeCircuitBreaker> {
    let registry = CircuitBreakerRegistry::global();
    let config = config
        .map(|config| read_circuit_config(Some(&config), registry.default_config()))
        .transpose()
        .map_err(to_js)?;
    Ok(NativeCircuitBreaker { breaker: registry.get_or_create(&name, config) })
}

/// The breaker `name` of the process; null when there is none.
#[napi]
pub(crate) fn find_circuit_breaker(name: String) -> Option<NativeCircuitBreaker> {
    CircuitBreakerRegistry::global().get(&name).map(|breaker| NativeCircuitBreaker { breaker })
}

/// The breakers of the process in alphabetical order, as the JSON text of a list of `{name, state,
/// timeUntilRetryMs, metrics}`.
#[napi]
pub(crate) fn circuit_breakers(env: Env) -> napi::Result<String> {
    let list = entered(env, || CircuitBreakerRegistry::global().list());
    let list: Vec<_> = list.into_iter().map(CircuitStatusView::from).collect();
    encode(&list)
}

/// Names of the breakers of the process that are not open.
#[napi]
pub(crate) fn available_circuits(env: Env) -> Vec<String> {
    entered(env, || CircuitBreakerRegistry::global().available())
}

/// Closes all breakers of the process and forgets what they have seen.
#[napi]
pub(crate) fn reset_circuit_breakers(env: Env) {
    entered(env, || CircuitBreakerRegistry::global().reset_all());
}

/// Sets the configuration of breakers of the process made from now on without one of their own.
#[napi]
pub(crate) fn set_default_circuit_config(config: String) -> napi::Result<()> {
    let registry = CircuitBreakerRegistry::global();
    let config = read_circuit_config(Some(&config), registry.default_config()).map_err(to_js)?;
    registry.set_default_config(config);
    Ok(())
}

/// Has `listener` told of each change of state of any breaker of the process: name, before, after.
#[napi]
pub(crate) fn on_circuit_change(env: Env, listener: Function<'_, Change, ()>) -> napi::Result<()> {
    let listener = Listener::new(env, &listener)?;
    CircuitBreakerRegistry::global()
        .on_state_change(move |name, from, to| listener.tell(name, from, to));
    Ok(())
}

/// A JavaScript function that hears of changes: at once when its thread makes them, else through a
/// queue.
struct Listener {
    direct: FunctionRef<Change, ()>,
    queue: Queue,
    owner: usize,
}

impl Listener {
    fn new(env: Env, function: &Function<'_, Change, ()>) -> napi::Result<Self> {
        Ok(Self {
            direct: function.create_ref()?,
            queue: function
                .build_threadsafe_function::<Change>()
                .callee_handled::<false>()
                .weak::<true>()
                .build()?,
            owner: env.raw() as usize,
        })
    }

    fn tell(&self, name: &str, from: CircuitState, to: CircuitState) {
        let change = (name.to_owned(), from.code().to_owned(), to.code().to_owned()).into();
        match entered_env().filter(|env| env.raw() as usize == self.owner) {
            // Listeners do not fail; an environment that is going away has none.
            Some(env) => {
                let _ = self.direct.borrow_back(&env).and_then(|listener| listener.call(change));
            }
            None => {
                self.queue.call(change, ThreadsafeFunctionCallMode::NonBlocking);
            }
        }
    }
}

fn encode(view: &impl Serialize) -> napi::Result<String> {
    serde_json::to_string(view).map_err(|error| {
        to_js(Error::new(ErrorKind::Internal, format!("status cannot be encoded: {error}")))
    })
}
