use std::sync::Arc;

use super::{BoxFuture, LimitedAccount};
use crate::error::Result;
use crate::types::{Attempt, BudgetScope, BudgetStatus, RunId, Spend};

/// What a run asks for before its first byte leaves.
#[derive(Debug, Clone, Copy)]
pub struct SpendRequest<'a> {
    /// Whose budgets it draws on.
    pub scope: &'a BudgetScope,
    /// The most it can spend: every step, retry and fallback asked, every token used.
    pub worst_case: Spend,
    /// Whether it has been degraded already, so that nothing cheaper is left to ask for.
    pub degraded: bool,
}

/// What the ledger decides of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Go on: the worst case is set aside.
    Granted {
        /// What was set aside.
        reservation: Reservation,
        /// Thresholds that were passed and that nobody heard of yet, in words.
        warnings: Vec<String>,
    },
    /// Nothing is set aside: ask again with a cheaper plan.
    Degrade {
        /// Why.
        reason: String,
    },
}

/// What is set aside for one run until it is committed or released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// The ledger's id of it.
    pub id: u64,
    /// The amount set aside.
    pub amount: Spend,
    /// The accounts it was set aside in, for charges after it expired; empty when the ledger needs
    /// none.
    pub accounts: Arc<[LimitedAccount]>,
}

/// One call of a model that was paid for.
#[derive(Debug, Clone, Copy)]
pub struct Charge<'a> {
    /// The run it belongs to.
    pub run: RunId,
    /// Whose budgets it draws on.
    pub scope: &'a Arc<BudgetScope>,
    /// The call; its outcome is provisional, since a draft is paid for before it is judged.
    pub attempt: &'a Attempt,
    /// Requests to count: 1 for the first call of a run, else 0.
    pub requests: u64,
    /// Key-value pairs of the run.
    pub metadata: &'a serde_json::Map<String, serde_json::Value>,
}

/// Decides whether runs may spend, and keeps what they spent: reserve the worst case, commit each
/// call, release the rest.
pub trait Ledger: Send + Sync {
    /// How the tightest budget of `scope` stands; `None` when no budget applies.
    ///
    /// # Errors
    /// What the store fails with.
    fn status<'a>(&'a self, scope: &'a BudgetScope) -> BoxFuture<'a, Result<Option<BudgetStatus>>>;

    /// Sets the worst case aside in every budget of the scope, or in none. A future that is dropped
    /// before it answers, by a deadline or a cancelled run, leaves nothing set aside.
    ///
    /// # Errors
    /// A budget error with [`crate::Error::budget`] when some budget does not have it, a rate limit
    /// error when a limit of requests or tokens does not; what the store fails with.
    fn reserve<'a>(&'a self, request: SpendRequest<'a>) -> BoxFuture<'a, Result<Admission>>;

    /// Books one call against `reservation`. Takes effect when called: the run may be gone by the
    /// time anything could be awaited.
    ///
    /// Gives the thresholds that this call is the first to pass, in words.
    fn commit(&self, reservation: &Reservation, charge: Charge<'_>) -> Vec<String>;

    /// Gives back what is left of `reservation`. Takes effect when called.
    fn release(&self, reservation: Reservation);

    /// Waits until what was booked so far is as safe as the ledger makes it. The engine waits for it
    /// before it hands on how a run ended. A ledger in memory has nothing to wait for.
    ///
    /// # Errors
    /// What writing failed with. A run's answer is paid for, so it is handed on all the same.
    fn settled(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
