//! The money set aside for a run.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::ports::{BudgetStore, Reservation};
use crate::types::Usd;

/// Holds a run's reservation and commits what was spent when the run ends, however it ends: an
/// answer, an error, or a dropped future.
pub(super) struct Guard<'a> {
    held: Option<(Arc<dyn BudgetStore>, Reservation)>,
    spent: Mutex<Usd>,
    tally: Option<&'a Mutex<Usd>>,
}

impl<'a> Guard<'a> {
    /// A guard that holds nothing yet; what is spent is added to `tally` too.
    pub(super) fn new(tally: Option<&'a Mutex<Usd>>) -> Self {
        Self { held: None, spent: Mutex::default(), tally }
    }

    pub(super) fn hold(&mut self, store: Arc<dyn BudgetStore>, reservation: Reservation) {
        self.held = Some((store, reservation));
    }

    pub(super) fn spend(&self, cost: Usd) {
        *self.spent.lock() += cost;
        if let Some(tally) = self.tally {
            *tally.lock() += cost;
        }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some((store, reservation)) = self.held.take() {
            store.commit(reservation, *self.spent.lock());
        }
    }
}
