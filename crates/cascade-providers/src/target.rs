//! What one provider, model and key share over all calls: breaker and retry budget.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};

use cascade_core::{ApiKey, Error, ErrorKind};
use parking_lot::Mutex;

use crate::circuit_breaker::{CircuitBreaker, CircuitOpen, CircuitPermit};
use crate::http_config::HttpConfig;
use crate::retry_budget::RetryBudget;

/// Budgets kept. Beyond it, those that nobody uses go.
const MAX_BUDGETS: usize = 4096;

type Budgets = HashMap<(String, u32, u32), Arc<RetryBudget>>;

static BUDGETS: LazyLock<Mutex<Budgets>> = LazyLock::new(Mutex::default);
/// Secret of the process, so that a fingerprint tells nothing about its key.
static FINGERPRINTS: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// What calls of one provider, model and key share.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// `None` when breakers are turned off.
    breaker: Option<Arc<CircuitBreaker>>,
    budget: Arc<RetryBudget>,
}

impl Target {
    /// The target of calls of `model` at `place`, which is the provider's name, with the address
    /// where it is not the provider's own.
    pub(crate) fn of(config: &HttpConfig, place: &str, model: &str, key: Option<&ApiKey>) -> Self {
        let name = match key {
            Some(key) => {
                let fingerprint = FINGERPRINTS.hash_one(key.expose()) & 0xffff_ffff;
                format!("{place}/{model}#{fingerprint:08x}")
            }
            None => format!("{place}/{model}"),
        };
        let breaker =
            config.circuit.map(|circuit| config.breakers.get_or_create(&name, Some(circuit)));
        let (percent, reserve) = (config.retry.budget_percent, config.retry.budget_reserve);
        let mut budgets = BUDGETS.lock();
        if budgets.len() >= MAX_BUDGETS {
            budgets.retain(|_, budget| Arc::strong_count(budget) > 1);
        }
        let budget = budgets
            .entry((name, percent, reserve))
            .or_insert_with(|| Arc::new(RetryBudget::new(percent, reserve)));
        Self { breaker, budget: Arc::clone(budget) }
    }

    /// What watches the calls; `None` when breakers are turned off.
    pub(crate) fn breaker(&self) -> Option<Arc<CircuitBreaker>> {
        self.breaker.clone()
    }

    /// Leave for one attempt.
    ///
    /// # Errors
    /// An overloaded error, with [`CircuitOpen`] as its source, when the breaker is open.
    pub(crate) fn admit(&self) -> Result<Admission, Error> {
        let Some(breaker) = &self.breaker else { return Ok(Admission { permit: None }) };
        if let Some(permit) = breaker.try_acquire() {
            return Ok(Admission { permit: Some(permit) });
        }
        let retry_in = breaker.time_until_retry().unwrap_or_default();
        let open = CircuitOpen { name: breaker.name().to_owned(), retry_in };
        Err(Error::new(ErrorKind::Overloaded, "not called: it has failed too often of late")
            .with_hint("wait until the circuit breaker lets a probe through, or reset it")
            .with_retry_after(retry_in)
            .with_source(open))
    }

    /// Counts a call for the budget.
    pub(crate) fn count_call(&self) {
        self.budget.deposit();
    }

    /// Takes one retry from the budget; false when none is left.
    pub(crate) fn take_retry(&self) -> bool {
        self.budget.withdraw()
    }

    /// Counts a failure after an attempt had begun well, as when a stream breaks.
    pub(crate) fn record_late_failure(&self, error: &Error) {
        if let (Some(breaker), true) = (&self.breaker, counts(error.kind())) {
            breaker.record_failure();
        }
    }
}

/// Leave for one attempt.
pub(crate) struct Admission {
    permit: Option<CircuitPermit>,
}

impl Admission {
    pub(crate) fn succeed(self) {
        if let Some(permit) = self.permit {
            permit.succeed();
        }
    }

    /// Counts the failure where its kind says something about the service, which has answered
    /// otherwise.
    pub(crate) fn fail(self, error: &Error, by_caller: bool) {
        let Some(permit) = self.permit else { return };
        if counts(error.kind()) {
            if !by_caller {
                permit.fail();
            }
        } else if error.status().is_some() {
            permit.succeed();
        }
    }
}

/// Whether a failure of this kind says that the service is in trouble.
const fn counts(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Overloaded | ErrorKind::Timeout | ErrorKind::Connection | ErrorKind::Protocol
    )
}
