use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::BoxFuture;
use crate::error::Result;
use crate::types::{Account, AttemptRole, Balance, BudgetScope, Limit, Priced, Spend, Usage, Usd};

/// An account and its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitedAccount {
    /// The account.
    pub account: Account,
    /// What the store refuses beyond; without any, the account is only counted.
    pub limit: Limit,
    /// The limits as they are configured, which the store has no use for.
    pub nominal: Limit,
}

/// An amount to set aside in several accounts at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The accounts, each with its limits; none twice.
    pub accounts: Arc<[LimitedAccount]>,
    /// The amount.
    pub amount: Spend,
    /// The present, since the Unix epoch. Does not jump with the wall clock.
    pub now: Duration,
    /// When what was not committed returns by itself, on the time line of `now`.
    pub expires_at: Duration,
}

/// What came of a [`Hold`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// It is set aside in every account.
    Granted {
        /// The store's id of it, never 0.
        id: u64,
        /// Balances of the accounts in their order, the hold included.
        balances: Vec<Balance>,
    },
    /// It is set aside in none: some account refuses it, see [`Limit::refuses`].
    Refused {
        /// Balances of the accounts in their order, without the hold.
        balances: Vec<Balance>,
    },
}

/// One spending on record.
#[derive(Debug, Clone, PartialEq)]
pub struct LedgerEntry {
    /// The store's number of it, growing in the order of booking; 0 of one that is not booked yet.
    pub id: u64,
    /// When, since the Unix epoch.
    pub at: Duration,
    /// Whose budgets it drew on.
    pub scope: Arc<BudgetScope>,
    /// Id of the run or query; `None` of an entry that names none.
    pub query_id: Option<Box<str>>,
    /// Model id.
    pub model: Arc<str>,
    /// Provider name.
    pub provider: Arc<str>,
    /// Its part in the run; `None` of an entry from outside a run.
    pub role: Option<AttemptRole>,
    /// Requests it counts as: 1 for the first call of a run, 0 for the others.
    pub requests: u64,
    /// Tokens used, by kind.
    pub usage: Usage,
    /// Tokens altogether.
    pub tokens: u64,
    /// Cost in USD.
    pub cost: Usd,
    /// How the cost is known.
    pub priced: Priced,
    /// Key-value pairs kept with it.
    pub metadata: Map<String, Value>,
}

impl LedgerEntry {
    /// What it spent.
    pub const fn spend(&self) -> Spend {
        Spend { cost: self.cost, requests: self.requests, tokens: self.tokens }
    }
}

/// Which entries to read; every condition that is `Some` must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Of this person.
    pub user_id: Option<String>,
    /// Booked under this tier.
    pub tier: Option<String>,
    /// Of this model.
    pub model: Option<String>,
    /// Of this provider.
    pub provider: Option<String>,
    /// Not before this moment, since the Unix epoch.
    pub from: Option<Duration>,
    /// Before this moment, since the Unix epoch.
    pub until: Option<Duration>,
    /// Booked after the entry of this id; how a long list is read in pages.
    pub after: Option<u64>,
    /// At most this many; `None` reads all.
    pub limit: Option<usize>,
    /// Whether a limit leaves the newest of them rather than the oldest.
    pub newest: bool,
}

/// What sums are made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotalsBy<'a> {
    /// Everything together: one sum.
    All,
    /// Each model.
    Model,
    /// Each provider.
    Provider,
    /// Each person; what names none is left out.
    User,
    /// One person: one sum, or none when nothing was booked.
    UserId(&'a str),
}

/// A sum over entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryTotal {
    /// Of what: a model id, provider name or user id; empty for everything together.
    pub name: Arc<str>,
    /// Entries.
    pub entries: u64,
    /// What they spent.
    pub spend: Spend,
}

/// Keeps balances, reservations and entries; knows nothing of policy.
///
/// Every operation is atomic over all accounts it names, among all users of the same store.
/// Accounts whose window is over and that hold nothing may be forgotten once an account of a later
/// window was asked for: a ledger that was granted something makes sure that its windows are not
/// over.
pub trait BudgetStore: Send + Sync {
    /// Sets an amount aside in every account, or in none when one refuses it. What has expired goes
    /// back first. A future that is dropped before it answers leaves nothing set aside.
    ///
    /// # Errors
    /// When the store cannot be reached, is damaged or full.
    fn hold(&self, hold: Hold) -> BoxFuture<'_, Result<Held>>;

    /// Books an entry: moves what it spent from the reservation `hold` to committed; what it spent
    /// beyond the reservation is committed all the same. Without a reservation, or when it has
    /// expired, commits to `accounts` directly. Ordered, and takes effect when called; a durable
    /// store may write it a moment later (see [`Self::flush`]).
    ///
    /// Gives the balances of `accounts` after it, in their order, when they are known at once.
    fn commit(
        &self,
        hold: Option<u64>,
        accounts: &[LimitedAccount],
        entry: LedgerEntry,
    ) -> Option<Vec<Balance>>;

    /// Gives back what is left of a reservation; one that has expired is left alone.
    fn release(&self, hold: u64);

    /// Balances of accounts, in their order; zero for unknown ones.
    ///
    /// # Errors
    /// When the store cannot be reached or is damaged.
    fn balances<'a>(
        &'a self,
        accounts: &'a [LimitedAccount],
    ) -> BoxFuture<'a, Result<Vec<Balance>>>;

    /// As [`Self::balances`], without waiting; `None` when that takes waiting.
    fn balances_now(&self, accounts: &[LimitedAccount]) -> Option<Vec<Balance>> {
        let _ = accounts;
        None
    }

    /// Gives back reservations that expired before `now`; how many there were.
    ///
    /// # Errors
    /// When the store cannot be reached or is damaged.
    fn expire(&self, now: Duration) -> BoxFuture<'_, Result<u64>>;

    /// Entries that are kept and match, in the order of booking. A bounded store keeps the newest.
    ///
    /// # Errors
    /// When the store cannot be reached or is damaged.
    fn entries<'a>(&'a self, filter: &'a EntryFilter) -> BoxFuture<'a, Result<Vec<LedgerEntry>>>;

    /// Sums over all entries since the last reset, also those no longer kept, by name.
    ///
    /// # Errors
    /// When the store cannot be reached or is damaged.
    fn totals<'a>(&'a self, by: TotalsBy<'a>) -> BoxFuture<'a, Result<Vec<EntryTotal>>>;

    /// Ids of the people with entries, sorted; with a tier, of those last booked under it.
    ///
    /// # Errors
    /// When the store cannot be reached or is damaged.
    fn users<'a>(&'a self, tier: Option<&'a str>) -> BoxFuture<'a, Result<Vec<Arc<str>>>>;

    /// Forgets entries, sums and committed amounts; reservations stay.
    ///
    /// # Errors
    /// When the store cannot be reached or is damaged.
    fn reset(&self) -> BoxFuture<'_, Result<()>>;

    /// Waits until everything committed so far is durable.
    ///
    /// # Errors
    /// What a write since the last flush failed with.
    fn flush(&self) -> BoxFuture<'_, Result<()>>;
}
