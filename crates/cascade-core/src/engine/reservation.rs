//! The money set aside for a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use serde_json::{Map, Value};

use crate::ports::{Charge, Ledger, Reservation};
use crate::types::{Attempt, BudgetScope, RunId, Spend, Usd};

/// Where a run's charges go, and what they are booked under.
pub(super) struct Account {
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) scope: Arc<BudgetScope>,
    pub(super) run: RunId,
    pub(super) metadata: Map<String, Value>,
}

/// A reservation and what the run has not spent of it.
struct Holding {
    reservation: Reservation,
    left: Spend,
}

/// Books every call of a run, and releases the rest of its reservations when the run ends, however
/// it ends: an answer, an error, or a dropped future.
pub(super) struct Guard<'a> {
    account: Option<Account>,
    /// The plan's reservation first, then those for what the conversation grew by.
    holdings: Mutex<Vec<Holding>>,
    counted: AtomicBool,
    warnings: Mutex<Vec<String>>,
    tally: Option<&'a Mutex<Usd>>,
}

impl<'a> Guard<'a> {
    /// A guard that holds nothing yet; what is spent is added to `tally` too.
    pub(super) fn new(tally: Option<&'a Mutex<Usd>>) -> Self {
        Self {
            account: None,
            holdings: Mutex::default(),
            counted: AtomicBool::new(false),
            warnings: Mutex::default(),
            tally,
        }
    }

    /// Takes the reservation of the plan.
    pub(super) fn hold(&mut self, account: Account, reservation: Reservation) {
        self.account = Some(account);
        self.hold_more(reservation);
    }

    /// Takes a further reservation of the same budgets.
    pub(super) fn hold_more(&mut self, reservation: Reservation) {
        let left = reservation.amount;
        self.holdings.get_mut().push(Holding { reservation, left });
    }

    /// What is left of the reservations, and whose budgets they are of; `None` without any.
    pub(super) fn left(&self) -> Option<(Spend, Arc<BudgetScope>)> {
        let account = self.account.as_ref()?;
        let holdings = self.holdings.lock();
        let left = holdings.iter().map(|holding| holding.left).fold(Spend::ZERO, Spend::plus);
        Some((left, Arc::clone(&account.scope)))
    }

    /// Books one call at once, so that it counts whatever becomes of the run.
    pub(super) fn spend(&self, attempt: &Attempt) {
        if let Some(tally) = self.tally {
            *tally.lock() += attempt.cost;
        }
        let Some(account) = &self.account else { return };
        let first = !self.counted.swap(true, Ordering::Relaxed);
        let (requests, tokens) = (u64::from(first), attempt.usage.total_tokens());
        let Some(reservation) = self.draw(Spend { cost: attempt.cost, requests, tokens }) else {
            return;
        };
        let charge = Charge {
            run: account.run,
            scope: &account.scope,
            attempt,
            requests,
            metadata: &account.metadata,
        };
        let warnings = account.ledger.commit(&reservation, charge);
        if !warnings.is_empty() {
            self.warnings.lock().extend(warnings);
        }
    }

    /// The reservation that covers `spend`, or that most of it is left of, less the spending.
    fn draw(&self, spend: Spend) -> Option<Reservation> {
        let mut holdings = self.holdings.lock();
        let covers = |holding: &Holding| {
            spend.cost <= holding.left.cost && spend.tokens <= holding.left.tokens
        };
        let at = holdings.iter().position(covers).or_else(|| {
            let most = holdings.iter().enumerate();
            most.max_by_key(|(_, holding)| (holding.left.cost, holding.left.tokens))
                .map(|(at, _)| at)
        })?;
        holdings[at].left = holdings[at].left.minus(spend);
        Some(holdings[at].reservation.clone())
    }

    /// Whose budgets are charged, and the thresholds that charges passed since the last call.
    pub(super) fn take_warnings(&self) -> Option<(Arc<BudgetScope>, Vec<String>)> {
        let warnings = std::mem::take(&mut *self.warnings.lock());
        let scope = &self.account.as_ref().filter(|_| !warnings.is_empty())?.scope;
        Some((Arc::clone(scope), warnings))
    }

    /// Keeps words about thresholds for [`Self::take_warnings`].
    pub(super) fn keep_warnings(&self, warnings: Vec<String>) {
        self.warnings.lock().extend(warnings);
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let Some(account) = self.account.take() else { return };
        for holding in self.holdings.get_mut().drain(..) {
            account.ledger.release(holding.reservation);
        }
    }
}
