use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{
    BoxFuture, BudgetStore, EntryFilter, EntryTotal, Held, Hold, LedgerEntry, LimitedAccount,
    TotalsBy,
};
use cascade_core::{Balance, Error, ErrorKind, Result, Spend, Usd};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::accounts::Accounts;
use super::entries::Entries;
use super::named_totals::{Named, NamedTotals};
use super::reservations::{Ended, Reservations};

/// How much a [`MemoryBudgetStore`] keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "each says what it is the most of")]
pub struct MemoryStoreLimits {
    /// Entries: the newest are kept. Sums stay exact whatever is dropped.
    pub max_entries: usize,
    /// Users with a sum of their own; those not seen for longest go on in the sum of all others.
    pub max_users: usize,
    /// Balances of budgets in running windows. Those cannot be dropped without giving the budget
    /// anew: beyond this number, runs of further owners with budgets are refused.
    pub max_accounts: usize,
}

impl Default for MemoryStoreLimits {
    fn default() -> Self {
        Self { max_entries: 1_000_000, max_users: 200_000, max_accounts: 1_000_000 }
    }
}

/// Model ids and provider names with a sum of their own.
const MAX_NAMES: usize = 10_000;

/// Keeps budgets in memory, for one process and for as long as it runs. Every operation ends at
/// once. Memory is bounded, see [`MemoryStoreLimits`].
pub struct MemoryBudgetStore {
    state: Mutex<State>,
    limits: MemoryStoreLimits,
}

struct State {
    accounts: Accounts,
    reservations: Reservations,
    entries: Entries,
    all: (u64, Spend),
    models: NamedTotals,
    providers: NamedTotals,
    users: NamedTotals,
}

impl Default for MemoryBudgetStore {
    fn default() -> Self {
        Self::new(MemoryStoreLimits::default())
    }
}

impl MemoryBudgetStore {
    /// An empty store that keeps as much as `limits` says.
    pub fn new(limits: MemoryStoreLimits) -> Self {
        let state = State {
            accounts: Accounts::default(),
            reservations: Reservations::default(),
            entries: Entries::new(limits.max_entries),
            all: (0, Spend::ZERO),
            models: NamedTotals::new(MAX_NAMES),
            providers: NamedTotals::new(MAX_NAMES),
            users: NamedTotals::new(limits.max_users),
        };
        Self { state: Mutex::new(state), limits }
    }

    /// Reservations that are open.
    pub fn open_reservations(&self) -> usize {
        self.state.lock().reservations.len()
    }

    /// Accounts with a balance that is kept.
    pub fn accounts(&self) -> usize {
        self.state.lock().accounts.len()
    }

    /// Entries that are kept.
    pub fn kept_entries(&self) -> usize {
        self.state.lock().entries.len()
    }

    fn hold_now(&self, hold: &Hold) -> Result<Held> {
        let mut state = self.state.lock();
        let state = &mut *state;
        state.expire(hold.now);
        let mut balances = state.accounts.balances(&hold.accounts);
        let mut fits = hold.accounts.iter().zip(&balances);
        if !fits.all(|(limited, balance)| limited.limit.refuses(balance, &hold.amount).is_none()) {
            return Ok(Held::Refused { balances });
        }
        if !state.accounts.has_room(&hold.accounts, self.limits.max_accounts) {
            return Err(full(self.limits.max_accounts));
        }
        let mut list = state.reservations.list();
        list.extend(state.accounts.find_all(&hold.accounts).map(|at| at.unwrap_or(Accounts::NONE)));
        // What is held is not given up while room is made for the others.
        let known = list.iter().filter(|at| **at != Accounts::NONE);
        known.for_each(|at| state.accounts.add_hold(*at));
        for (limited, at) in hold.accounts.iter().zip(&mut list) {
            if *at == Accounts::NONE {
                *at = state.accounts.open(&limited.account);
                state.accounts.add_hold(*at);
            }
        }
        for (at, told) in list.iter().zip(&mut balances) {
            let balance = state.accounts.balance_mut(*at);
            balance.reserved = balance.reserved.plus(hold.amount);
            *told = *balance;
        }
        let id = state.reservations.open(hold.amount, hold.expires_at, list);
        Ok(Held::Granted { id, balances })
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> BoxFuture<'_, Result<T>>
    where
        T: Send + 'static,
    {
        let value = read(&self.state.lock());
        Box::pin(ready(Ok(value)))
    }
}

impl State {
    fn expire(&mut self, now: Duration) -> u64 {
        let mut expired = 0;
        while let Some(ended) = self.reservations.end_expired(now) {
            self.give_back(ended);
            expired += 1;
        }
        expired
    }

    fn give_back(&mut self, ended: Ended) {
        for at in &ended.accounts {
            let balance = self.accounts.balance_mut(*at);
            balance.reserved = balance.reserved.minus(ended.left);
            self.accounts.end_hold(*at);
        }
        self.reservations.recycle(ended);
    }

    fn commit(
        &mut self,
        hold: Option<u64>,
        accounts: &[LimitedAccount],
        entry: LedgerEntry,
        max_accounts: usize,
    ) -> Option<Vec<Balance>> {
        let spend = entry.spend();
        let mut balances = Vec::with_capacity(accounts.len());
        if let Some((left, held)) = hold.and_then(|id| self.reservations.get(id)) {
            let moved = least(*left, spend);
            *left = left.minus(moved);
            for at in held {
                let balance = self.accounts.balance_mut(*at);
                balance.reserved = balance.reserved.minus(moved);
                balance.committed = balance.committed.plus(spend);
                balances.push(*balance);
            }
        } else if self.accounts.has_room(accounts, max_accounts) {
            for limited in accounts {
                let at = self.accounts.open(&limited.account);
                let balance = self.accounts.balance_mut(at);
                balance.committed = balance.committed.plus(spend);
                balances.push(*balance);
            }
        }
        self.book(entry, spend);
        (balances.len() == accounts.len()).then_some(balances)
    }

    fn book(&mut self, entry: LedgerEntry, spend: Spend) {
        self.all = (self.all.0 + 1, self.all.1.plus(spend));
        self.models.add(&entry.model, spend);
        self.providers.add(&entry.provider, spend);
        let Some(user_id) = entry.scope.user_id.as_deref() else {
            self.entries.push(entry, 0);
            return;
        };
        let user = self.users.add(user_id, spend);
        let tier = entry.scope.tier.as_deref();
        if user.tier.as_deref() != tier && tier.is_some() {
            user.tier = tier.map(Into::into);
        }
        user.last_entry = self.entries.push(entry, user.last_entry);
    }
}

/// The smaller of both, measure by measure.
fn least(left: Spend, right: Spend) -> Spend {
    Spend {
        cost: if right.cost.is_negative() { Usd::ZERO } else { left.cost.min(right.cost) },
        requests: left.requests.min(right.requests),
        tokens: left.tokens.min(right.tokens),
    }
}

fn full(most: usize) -> Error {
    Error::new(ErrorKind::Budget, format!("balances of {most} budgets are kept, and no more"))
        .with_field("max_accounts")
        .with_hint("raise `max_accounts`, or keep budgets in a database")
}

impl BudgetStore for MemoryBudgetStore {
    fn hold(&self, hold: Hold) -> BoxFuture<'_, Result<Held>> {
        // Not before it is polled: of a future that is dropped nobody would release it.
        Box::pin(async move { self.hold_now(&hold) })
    }

    fn commit(
        &self,
        hold: Option<u64>,
        accounts: &[LimitedAccount],
        entry: LedgerEntry,
    ) -> Option<Vec<Balance>> {
        self.state.lock().commit(hold, accounts, entry, self.limits.max_accounts)
    }

    fn release(&self, hold: u64) {
        let mut state = self.state.lock();
        if let Some(ended) = state.reservations.end(hold) {
            state.give_back(ended);
        }
    }

    fn balances<'a>(
        &'a self,
        accounts: &'a [LimitedAccount],
    ) -> BoxFuture<'a, Result<Vec<Balance>>> {
        self.read(|state| state.accounts.balances(accounts))
    }

    fn balances_now(&self, accounts: &[LimitedAccount]) -> Option<Vec<Balance>> {
        Some(self.state.lock().accounts.balances(accounts))
    }

    fn expire(&self, now: Duration) -> BoxFuture<'_, Result<u64>> {
        Box::pin(ready(Ok(self.state.lock().expire(now))))
    }

    fn entries<'a>(&'a self, filter: &'a EntryFilter) -> BoxFuture<'a, Result<Vec<LedgerEntry>>> {
        self.read(|state| {
            let user = filter.user_id.as_deref().filter(|_| state.users.is_complete());
            let last = user.map(|user| state.users.get(user).map_or(0, |user| user.last_entry));
            state.entries.read(filter, last)
        })
    }

    fn totals<'a>(&'a self, by: TotalsBy<'a>) -> BoxFuture<'a, Result<Vec<EntryTotal>>> {
        self.read(|state| match by {
            TotalsBy::All => {
                let (entries, spend) = state.all;
                vec![EntryTotal { name: "".into(), entries, spend }]
            }
            TotalsBy::Model => state.models.totals(),
            TotalsBy::Provider => state.providers.totals(),
            TotalsBy::User => state.users.totals(),
            TotalsBy::UserId(user) => state.users.get(user).map(Named::total).into_iter().collect(),
        })
    }

    fn users<'a>(&'a self, tier: Option<&'a str>) -> BoxFuture<'a, Result<Vec<Arc<str>>>> {
        self.read(|state| {
            let users = state.users.iter();
            let of_tier = users.filter(|user| tier.is_none() || user.tier.as_deref() == tier);
            let mut users: Vec<Arc<str>> = of_tier.map(|user| Arc::clone(&user.name)).collect();
            users.sort_unstable();
            users
        })
    }

    fn reset(&self) -> BoxFuture<'_, Result<()>> {
        let mut state = self.state.lock();
        state.accounts.reset();
        state.entries.clear();
        state.all = (0, Spend::ZERO);
        state.models = NamedTotals::new(MAX_NAMES);
        state.providers = NamedTotals::new(MAX_NAMES);
        state.users = NamedTotals::new(self.limits.max_users);
        drop(state);
        Box::pin(ready(Ok(())))
    }

    fn flush(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(ready(Ok(())))
    }
}
