use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{BudgetStore, Clock, EntryFilter, LedgerEntry, LimitedAccount};
use cascade_core::{Balance, BudgetScope, BudgetStatus, Measure, Result, Spend, Usd};
use parking_lot::{Mutex, RwLock};

use super::affordability::{Affordability, BudgetAction};
use super::standing::statuses;
use super::warning::{BudgetWarning, Told, news};
use super::{CostRecord, refusal, wait_for};
use crate::budget::{
    BudgetPolicy, Ceilings, EnforcementMode, MemoryBudgetStore, OwnerLimits, Windows,
};

/// Hears of thresholds that are passed.
type Listener = Arc<dyn Fn(&BudgetWarning) + Send + Sync>;

/// Entries read at once by [`CostTracker::each_entry`].
const PAGE: usize = 1_000;

/// Keeps what was spent, and decides by its budgets whether more may be.
///
/// Works by itself (book with [`Self::add_cost`], ask with [`Self::can_afford`]) and as the ledger
/// of agents, which reserve the worst case of every run before its first byte. A clone is the same
/// tracker: the agent and its caller hold one each.
#[derive(Clone)]
pub struct CostTracker {
    inner: Arc<Inner>,
}

struct Inner {
    policy: BudgetPolicy,
    ceilings: Ceilings,
    limits: OwnerLimits,
    windows: Windows,
    store: Arc<dyn BudgetStore>,
    told: Mutex<Told>,
    listeners: RwLock<Vec<Listener>>,
}

impl CostTracker {
    /// A tracker by `policy` over any store, whatever [`BudgetPolicy::path`] says.
    ///
    /// # Errors
    /// A config error that names the field of the policy and the remedy.
    pub fn new(
        policy: BudgetPolicy,
        store: Arc<dyn BudgetStore>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        Self::over(policy, clock, |_| Ok(store))
    }

    /// A tracker by `policy` that keeps the ledger where the policy says: in the file
    /// [`BudgetPolicy::path`], or in memory.
    ///
    /// # Errors
    /// As [`Self::new`], and about `path` when the file cannot be opened or is no ledger.
    pub fn open(policy: BudgetPolicy, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::over(policy, clock, |policy| match &policy.path {
            None => Ok(Arc::new(MemoryBudgetStore::default())),
            Some(path) => file(path),
        })
    }

    /// The store is made once the policy is known to be good, so that a fault leaves no file.
    fn over(
        policy: BudgetPolicy,
        clock: Arc<dyn Clock>,
        store: impl FnOnce(&BudgetPolicy) -> Result<Arc<dyn BudgetStore>>,
    ) -> Result<Self> {
        policy.validate()?;
        let ceilings = Ceilings::of(&policy)?;
        let windows = Windows::new(&policy.time_zone, clock)?;
        let store = store(&policy)?;
        Ok(Self {
            inner: Arc::new(Inner {
                limits: OwnerLimits::of(&policy, ceilings),
                windows,
                policy,
                ceilings,
                store,
                told: Mutex::default(),
                listeners: RwLock::default(),
            }),
        })
    }

    /// A tracker by `policy` that keeps everything in memory, whatever [`BudgetPolicy::path`] says.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn in_memory(policy: BudgetPolicy, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::new(policy, Arc::new(MemoryBudgetStore::default()), clock)
    }

    /// The policy.
    pub fn policy(&self) -> &BudgetPolicy {
        &self.inner.policy
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn BudgetStore> {
        &self.inner.store
    }

    /// Has `listener` hear of every threshold that is passed for the first time in its window. It is
    /// called by whoever books the cost; no lock is held.
    pub fn on_warning(&self, listener: impl Fn(&BudgetWarning) + Send + Sync + 'static) {
        self.inner.listeners.write().push(Arc::new(listener));
    }

    /// Books a cost from outside a run. Refuses nothing, in any mode: it was spent. Gives the
    /// thresholds it is the first to pass.
    ///
    /// # Errors
    /// A validation error that names the field: a negative cost, a model or provider without name.
    pub fn add_cost(&self, record: CostRecord) -> Result<Vec<BudgetWarning>> {
        let wall = self.windows().wall_clock();
        let given = record.at;
        let mut entry = record.entry(wall)?;
        entry.scope = self.with_tier(&entry.scope);
        let moment = self.moment();
        let accounts = match given {
            Some(at) if at < moment.time => {
                let spans = self.windows().at(at);
                self.limits().accounts(&entry.scope, &spans, Some(moment.time))
            }
            _ => self.limits().accounts(&entry.scope, &moment.spans, None),
        };
        Ok(self.book(None, &accounts, entry))
    }

    /// Whether `estimate` and one request more fit every budget of `scope`. What is free always fits
    /// budgets of money. Changes nothing, and promises nothing: only a reservation does. Waits for
    /// the store; one in memory answers at once.
    ///
    /// # Errors
    /// What the store fails with.
    pub fn can_afford(&self, scope: &BudgetScope, estimate: Usd) -> Result<Affordability> {
        let (mut accounts, balances) = self.balances(scope)?;
        if accounts.is_empty() {
            return Ok(Affordability::FREE);
        }
        let mode = self.policy().enforcement_mode;
        let amount = Spend { cost: estimate, requests: 1, tokens: 0 };
        if mode == EnforcementMode::Warn {
            // The mode refuses nothing; the question is whether the amount fits.
            let limits = accounts
                .iter()
                .map(|limited| LimitedAccount { limit: limited.nominal, ..limited.clone() });
            accounts = limits.collect();
        }
        if let Some(status) = refusal::refusing(&accounts, &balances, &amount) {
            let nothing_left = status.used + status.reserved >= status.limit;
            let action = match mode {
                EnforcementMode::Warn => BudgetAction::Warn,
                EnforcementMode::Degrade if !nothing_left => BudgetAction::Degrade,
                EnforcementMode::Degrade | EnforcementMode::Block => BudgetAction::Block,
            };
            let message = Some(refusal::words(&status, &amount));
            return Ok(Affordability { allowed: false, action, message, status: Some(status) });
        }
        let ceilings = self.ceilings();
        let near = statuses(&accounts, &balances).find(|status| {
            let used = status.used + status.reserved;
            !used.is_zero() && used >= status.limit.saturating_mul(ceilings.warn)
        });
        let Some(status) = near else { return Ok(Affordability::FREE) };
        let degrades = mode == EnforcementMode::Degrade
            && !estimate.is_zero()
            && statuses(&accounts, &balances).any(|status| {
                status.measure == Measure::Cost
                    && status.used + status.reserved
                        >= status.limit.saturating_mul(ceilings.degrade)
            });
        let (action, share) = if degrades {
            (BudgetAction::Degrade, ceilings.degrade)
        } else {
            (BudgetAction::Warn, ceilings.warn)
        };
        let message = Some(refusal::degraded(&status, share));
        Ok(Affordability { allowed: true, action, message, status: Some(status) })
    }

    /// How the tightest budget of `scope` stands; `None` when no budget applies. Waits for the
    /// store.
    ///
    /// # Errors
    /// What the store fails with.
    pub fn budget_status(&self, scope: &BudgetScope) -> Result<Option<BudgetStatus>> {
        wait_for(cascade_core::ports::Ledger::status(self, scope))
    }

    /// Entries that are kept and match, in the order of booking. Waits for the store.
    ///
    /// # Errors
    /// What the store fails with.
    pub fn entries(&self, filter: &EntryFilter) -> Result<Vec<LedgerEntry>> {
        wait_for(self.store().entries(filter))
    }

    /// Gives every entry that matches to `visit`, in the order of booking, without holding them all
    /// at once. Waits for the store.
    ///
    /// # Errors
    /// What the store or `visit` fails with.
    pub fn each_entry(
        &self,
        filter: &EntryFilter,
        mut visit: impl FnMut(LedgerEntry) -> Result<()>,
    ) -> Result<()> {
        let mut page = EntryFilter { newest: false, ..filter.clone() };
        let mut left = filter.limit.unwrap_or(usize::MAX);
        if filter.newest && filter.limit.is_some() {
            return self.entries(filter)?.into_iter().try_for_each(visit);
        }
        loop {
            page.limit = Some(left.min(PAGE));
            let entries = self.entries(&page)?;
            let read = entries.len();
            for entry in entries {
                page.after = Some(entry.id);
                visit(entry)?;
            }
            left -= read;
            if read < PAGE || left == 0 {
                return Ok(());
            }
        }
    }

    /// Ids of the users with entries, sorted. Waits for the store.
    ///
    /// # Errors
    /// What the store fails with.
    pub fn all_users(&self) -> Result<Vec<Arc<str>>> {
        wait_for(self.store().users(None))
    }

    /// Ids of the users whose last cost was booked under `tier`, sorted. Waits for the store.
    ///
    /// # Errors
    /// What the store fails with.
    pub fn users_by_tier(&self, tier: &str) -> Result<Vec<Arc<str>>> {
        wait_for(self.store().users(Some(tier)))
    }

    /// Forgets what was spent: entries, sums, used parts of budgets, warnings. Runs under way keep
    /// what they have set aside. Waits for the store.
    ///
    /// # Errors
    /// What the store fails with.
    pub fn reset(&self) -> Result<()> {
        wait_for(self.store().reset())?;
        self.inner.told.lock().clear();
        Ok(())
    }

    /// Waits until everything booked so far is durable.
    ///
    /// # Errors
    /// What a write since the last flush failed with.
    pub async fn flush(&self) -> Result<()> {
        self.store().flush().await
    }

    /// Gives back what expired reservations still hold; how many there were. The store does it by
    /// itself whenever a run asks for money.
    ///
    /// # Errors
    /// What the store fails with.
    pub async fn expire(&self) -> Result<u64> {
        self.store().expire(self.windows().steady()).await
    }

    /// The tier of a user whose limits name one; `None` for the others.
    pub fn tier_of(&self, user_id: &str) -> Option<&str> {
        self.limits().tier_of(user_id)
    }

    pub(super) fn balances(
        &self,
        scope: &BudgetScope,
    ) -> Result<(Arc<[LimitedAccount]>, Vec<Balance>)> {
        let moment = self.moment();
        let accounts = self.limits().accounts(scope, &moment.spans, None);
        if accounts.is_empty() {
            return Ok((accounts, Vec::new()));
        }
        let balances = match self.store().balances_now(&accounts) {
            Some(balances) => balances,
            None => wait_for(self.store().balances(&accounts))?,
        };
        Ok((accounts, balances))
    }

    /// Finds thresholds passed for the first time, and tells the listeners.
    pub(super) fn warn(
        &self,
        accounts: &[LimitedAccount],
        balances: &[Balance],
        tier: Option<&str>,
    ) -> Vec<BudgetWarning> {
        let mode = self.policy().enforcement_mode;
        let warnings = news(&self.inner.told, accounts, balances, self.ceilings(), mode, tier);
        if !warnings.is_empty() {
            let listeners = self.inner.listeners.read().clone();
            for warning in &warnings {
                for listener in &listeners {
                    listener(warning);
                }
            }
        }
        warnings
    }

    /// The scope with the tier that the user's limits name, where it names none.
    pub(super) fn with_tier(&self, scope: &Arc<BudgetScope>) -> Arc<BudgetScope> {
        let named = || self.tier_of(scope.user_id.as_deref()?);
        match (&scope.tier, named()) {
            (None, Some(tier)) => {
                Arc::new(BudgetScope { tier: Some(tier.to_owned()), ..(**scope).clone() })
            }
            _ => Arc::clone(scope),
        }
    }

    pub(super) fn limits(&self) -> &OwnerLimits {
        &self.inner.limits
    }

    pub(super) fn ceilings(&self) -> &Ceilings {
        &self.inner.ceilings
    }

    pub(super) fn windows(&self) -> &Windows {
        &self.inner.windows
    }

    pub(super) fn reservation_time(&self) -> Duration {
        Duration::from_secs(u64::from(self.policy().reservation_seconds))
    }
}

/// The ledger in a file.
#[cfg(feature = "sqlite")]
fn file(path: &str) -> Result<Arc<dyn BudgetStore>> {
    Ok(Arc::new(crate::sqlite::SqliteStore::open(path)?))
}

/// The ledger in a file, of a program that has no SQLite.
#[cfg(not(feature = "sqlite"))]
fn file(_: &str) -> Result<Arc<dyn BudgetStore>> {
    Err(cascade_core::Error::config(
        "path",
        "this program was built without SQLite",
        "build it with the feature `sqlite`, or leave `path` out to keep budgets in memory",
    ))
}

impl std::fmt::Debug for CostTracker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CostTracker").field("policy", self.policy()).finish_non_exhaustive()
    }
}
