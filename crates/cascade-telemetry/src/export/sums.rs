//! Sums over the entries of a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use cascade_core::Usd;
use cascade_core::ports::LedgerEntry;

/// Costs by what they were spent on.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) entries: u64,
    pub(super) cost: Usd,
    pub(super) by_model: BTreeMap<Arc<str>, Usd>,
    pub(super) by_provider: BTreeMap<Arc<str>, Usd>,
    pub(super) by_user: BTreeMap<Arc<str>, Usd>,
}

impl Sums {
    pub(super) fn add(&mut self, entry: &LedgerEntry) {
        self.entries += 1;
        self.cost += entry.cost;
        *self.by_model.entry(Arc::clone(&entry.model)).or_default() += entry.cost;
        *self.by_provider.entry(Arc::clone(&entry.provider)).or_default() += entry.cost;
        if let Some(user) = entry.scope.user_id.as_deref() {
            match self.by_user.get_mut(user) {
                Some(sum) => *sum += entry.cost,
                None => drop(self.by_user.insert(user.into(), entry.cost)),
            }
        }
    }
}
