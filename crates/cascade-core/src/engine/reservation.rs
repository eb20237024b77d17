//! The money set aside for a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use serde_json::{Map, Value};

use crate::ports::{Charge, Ledger, Reservation};
use crate::types::{Attempt, BudgetScope, RunId, Usd};

/// A run's reservation and what its charges are booked under.
pub(super) struct Account {
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) reservation: Reservation,
    pub(super) scope: Arc<BudgetScope>,
    pub(super) run: RunId,
    pub(super) metadata: Map<String, Value>,
}

/// Books every call of a run, and releases the rest of its reservation when the run ends, however
/// it ends: an answer, an error, or a dropped future.
pub(super) struct Guard<'a> {
    account: Option<Account>,
    counted: AtomicBool,
    warnings: Mutex<Vec<String>>,
    tally: Option<&'a Mutex<Usd>>,
}

impl<'a> Guard<'a> {
    /// A guard that holds nothing yet; what is spent is added to `tally` too.
    pub(super) fn new(tally: Option<&'a Mutex<Usd>>) -> Self {
        Self { account: None, counted: AtomicBool::new(false), warnings: Mutex::default(), tally }
    }

    pub(super) fn hold(&mut self, account: Account) {
        self.account = Some(account);
    }

    /// Books one call at once, so that it counts whatever becomes of the run.
    pub(super) fn spend(&self, attempt: &Attempt) {
        if let Some(tally) = self.tally {
            *tally.lock() += attempt.cost;
        }
        let Some(account) = &self.account else { return };
        let first = !self.counted.swap(true, Ordering::Relaxed);
        let warnings = account.ledger.commit(
            &account.reservation,
            Charge {
                run: account.run,
                scope: &account.scope,
                attempt,
                requests: u64::from(first),
                metadata: &account.metadata,
            },
        );
        if !warnings.is_empty() {
            self.warnings.lock().extend(warnings);
        }
    }

    /// Whose budgets are charged, and the thresholds that charges passed since the last call.
    pub(super) fn take_warnings(&self) -> Option<(Arc<BudgetScope>, Vec<String>)> {
        let warnings = std::mem::take(&mut *self.warnings.lock());
        let scope = &self.account.as_ref().filter(|_| !warnings.is_empty())?.scope;
        Some((Arc::clone(scope), warnings))
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(account) = self.account.take() {
            account.ledger.release(account.reservation);
        }
    }
}
