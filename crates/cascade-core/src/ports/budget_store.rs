use super::BoxFuture;
use crate::error::Result;
use crate::types::Usd;

/// Whose budgets a run draws on; `None` means that the run names no such owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct BudgetScope {
    /// The person.
    pub user_id: Option<String>,
    /// The organisation.
    pub tenant_id: Option<String>,
    /// The person's tier.
    pub tier: Option<String>,
}

/// Money set aside for one run until it is committed or released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// The store's id of it.
    pub id: u64,
    /// The amount set aside in USD.
    pub amount: Usd,
}

/// Keeps budgets as a ledger: reserve the worst case, commit what was used, release the rest.
pub trait BudgetStore: Send + Sync {
    /// Sets `amount` aside in every budget of `scope`, or in none.
    ///
    /// # Errors
    /// A budget error when some budget does not have it.
    fn reserve<'a>(
        &'a self,
        scope: &'a BudgetScope,
        amount: Usd,
    ) -> BoxFuture<'a, Result<Reservation>>;

    /// Books `spent` and releases the rest of `reservation`. Takes effect when called; the run may
    /// be gone by the time anything could be awaited.
    fn commit(&self, reservation: Reservation, spent: Usd);
}
