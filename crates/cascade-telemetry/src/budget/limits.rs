//! The limits of a policy, ready to be looked up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::LimitedAccount;
use cascade_core::{
    Account, BudgetOwner, BudgetScope, BudgetWindow, Limit, OwnerKind, Result, Usd,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::{BudgetConfig, BudgetPolicy, EnforcementMode, Spans};

use crate::quick_map::QuickMap;

/// Shares of a limit as exact numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ceilings {
    pub(crate) warn: Decimal,
    pub(crate) degrade: Decimal,
    pub(crate) block: Decimal,
    /// The lowest of them: below it, nothing is to be said.
    pub(crate) lowest: Decimal,
}

/// Limits of one owner: windows without a limit are left out.
#[derive(Debug)]
struct Limited {
    /// The owner's id where it is the key of the policy.
    id: Arc<str>,
    windows: Vec<(BudgetWindow, Limit, Limit)>,
}

/// Every owner's limits.
pub(crate) struct OwnerLimits {
    global: Option<Limited>,
    users: Owners,
    tiers_of_users: Owners,
    tiers: Owners,
    keys: Owners,
    sessions: Owners,
    tenants: Owners,
    /// Tier of a user whose limits name one.
    user_tiers: QuickMap<String, String>,
}

/// Stands for everybody whose run names no user: together they have what one person has.
const NOBODY: &str = "(unnamed)";

/// Limits by owner id, and of owners that are not named.
#[derive(Default)]
struct Owners {
    named: QuickMap<String, Limited>,
    default: Option<Limited>,
}

impl Owners {
    fn get(&self, id: &str) -> Option<&Limited> {
        self.named.get(id).or(self.default.as_ref())
    }

    fn find<'a>(
        &'a self,
        kind: OwnerKind,
        id: Option<&'a str>,
    ) -> (OwnerKind, Option<&'a str>, Option<&'a Limited>) {
        (kind, id, id.and_then(|id| self.get(id)))
    }
}

impl Ceilings {
    pub(crate) fn of(policy: &BudgetPolicy) -> Result<Self> {
        let exact = |share: f64| Usd::from_f64(share).map(Usd::decimal);
        let warn = exact(policy.warn_threshold)?;
        let degrade = exact(policy.degrade_at)?;
        let block = exact(policy.block_at)?;
        Ok(Self { warn, degrade, block, lowest: warn.min(degrade).min(block) })
    }
}

/// `limit` times `share`; counts are rounded down.
fn scaled(limit: &Limit, share: Decimal) -> Limit {
    let count = |count: u64| {
        let product = Decimal::from_u64(count)?.checked_mul(share)?;
        product.floor().to_u64()
    };
    Limit {
        cost: limit.cost.map(|cost| Usd::from_decimal(cost.decimal().saturating_mul(share))),
        requests: limit.requests.map(|requests| count(requests).unwrap_or(u64::MAX)),
        tokens: limit.tokens.map(|tokens| count(tokens).unwrap_or(u64::MAX)),
    }
}

impl OwnerLimits {
    /// The limits of a policy that was checked.
    pub(crate) fn of(policy: &BudgetPolicy, ceilings: Ceilings) -> Self {
        let limited = |id: &str, budget: &BudgetConfig| {
            let windows = BudgetWindow::ALL.into_iter().filter_map(|window| {
                let nominal = budget.limit(window);
                let refuse = match policy.enforcement_mode {
                    EnforcementMode::Warn => Limit::NONE,
                    _ => scaled(&nominal, ceilings.block),
                };
                (nominal != Limit::NONE).then_some((window, refuse, nominal))
            });
            Limited { id: id.into(), windows: windows.collect() }
        };
        let owners = |budgets: &BTreeMap<String, BudgetConfig>, other: Option<&BudgetConfig>| {
            let named = budgets.iter().map(|(id, budget)| (id.clone(), limited(id, budget)));
            Owners { named: named.collect(), default: other.map(|budget| limited("", budget)) }
        };
        let global = policy.global_budget();
        let user_tiers = policy
            .user_budgets
            .iter()
            .filter_map(|(user, budget)| Some((user.clone(), budget.tier.clone()?)));
        Self {
            global: global.has_any_limit().then(|| limited("", &global)),
            users: owners(&policy.user_budgets, None),
            tiers_of_users: owners(&policy.tier_budgets, policy.default_user_budget.as_ref()),
            tiers: owners(&policy.shared_tier_budgets, None),
            keys: owners(&policy.key_budgets, None),
            sessions: owners(&policy.session_budgets, policy.default_session_budget.as_ref()),
            tenants: owners(&policy.tenant_budgets, policy.default_tenant_budget.as_ref()),
            user_tiers: user_tiers.collect(),
        }
    }

    /// The tier of a user whose limits name one.
    pub(crate) fn tier_of(&self, user_id: &str) -> Option<&str> {
        self.user_tiers.get(user_id).map(String::as_str)
    }

    /// The accounts a scope draws on, the widest owner first. With `after`, only those whose window
    /// ends later.
    pub(crate) fn accounts(
        &self,
        scope: &BudgetScope,
        spans: &Spans,
        after: Option<Duration>,
    ) -> Arc<[LimitedAccount]> {
        let tier = scope
            .tier
            .as_deref()
            .or_else(|| scope.user_id.as_deref().and_then(|user| self.tier_of(user)));
        let named = scope.user_id.as_deref().and_then(|user| self.users.named.get(user));
        let by_tier = || tier.and_then(|tier| self.users.named.get(tier));
        let user = named.or_else(by_tier).or_else(|| self.tiers_of_users.get(tier.unwrap_or("")));
        // Leaving the name out is no way round a limit.
        let user_id = scope.user_id.as_deref().unwrap_or(NOBODY);
        let found = [
            (OwnerKind::Global, Some(""), self.global.as_ref()),
            self.tenants.find(OwnerKind::Tenant, scope.tenant_id.as_deref()),
            self.tiers.find(OwnerKind::Tier, tier),
            self.keys.find(OwnerKind::Key, scope.key_id.as_deref()),
            (OwnerKind::User, Some(user_id), user),
            self.sessions.find(OwnerKind::Session, scope.session_id.as_deref()),
        ];
        let mut accounts = Vec::new();
        for (kind, id, limited) in found {
            let (Some(id), Some(limited)) = (id, limited) else { continue };
            let id = if *limited.id == *id { Arc::clone(&limited.id) } else { Arc::from(id) };
            for (window, limit, nominal) in &limited.windows {
                let span = spans.of(*window);
                if after.is_some_and(|after| span.ends_at.is_some_and(|end| end <= after)) {
                    continue;
                }
                accounts.push(LimitedAccount {
                    account: Account {
                        owner: BudgetOwner { kind, id: Arc::clone(&id) },
                        window: *window,
                        starts_at: span.starts_at,
                        ends_at: span.ends_at,
                    },
                    limit: *limit,
                    nominal: *nominal,
                });
            }
        }
        accounts.into()
    }
}
