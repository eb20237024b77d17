use std::collections::BTreeMap;

use cascade_core::ports::{EntryTotal, TotalsBy};
use cascade_core::{BudgetScope, OwnerKind, Result, Usd};
use serde::Serialize;

use super::standing::{BudgetStanding, percent, statuses};
use super::{CostTracker, wait_for};
use crate::budget::{BudgetConfig, EnforcementMode};

/// What was spent altogether.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CostSummary {
    /// USD.
    pub total_cost: Usd,
    /// Entries.
    pub total_entries: u64,
    /// Tokens.
    pub total_tokens: u64,
    /// USD by model id.
    pub by_model: BTreeMap<String, Usd>,
    /// USD by provider name.
    pub by_provider: BTreeMap<String, Usd>,
    /// USD by user id.
    pub by_user: BTreeMap<String, Usd>,
    /// What everything together may cost, ever; `None` without such a limit.
    pub budget_limit: Option<Usd>,
    /// What is left of it, zero at least; `None` without it.
    pub budget_remaining: Option<Usd>,
    /// The part of it that is used, in percent; `None` without it.
    pub budget_used_pct: Option<f64>,
    /// Whether more than it is used.
    pub budget_exceeded: bool,
    /// What happens when a budget is used up.
    pub enforcement_mode: EnforcementMode,
    /// How the limits of everything together stand.
    pub budgets: Vec<BudgetStanding>,
}

/// What a user spent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UserCostSummary {
    /// The user.
    pub user_id: String,
    /// USD.
    pub total_cost: Usd,
    /// Entries.
    pub total_entries: u64,
    /// Tokens.
    pub total_tokens: u64,
    /// The tier whose limits apply; `None` when none is known.
    pub user_tier: Option<String>,
    /// The user's limits; `None` when nothing limits them.
    pub budget: Option<BudgetConfig>,
    /// How each limit of the user stands.
    pub budgets: Vec<BudgetStanding>,
    /// Whether more than some limit is used.
    pub budget_exceeded: bool,
}

impl CostTracker {
    /// What was spent altogether. Waits for the store.
    ///
    /// # Errors
    /// What the store fails with.
    pub fn summary(&self) -> Result<CostSummary> {
        let all = wait_for(self.store().totals(TotalsBy::All))?;
        let (entries, spend) = all.first().map(|all| (all.entries, all.spend)).unwrap_or_default();
        let limit = self.policy().global_budget().total;
        Ok(CostSummary {
            total_cost: spend.cost,
            total_entries: entries,
            total_tokens: spend.tokens,
            by_model: self.costs(TotalsBy::Model)?,
            by_provider: self.costs(TotalsBy::Provider)?,
            by_user: self.costs(TotalsBy::User)?,
            budget_limit: limit,
            budget_remaining: limit.map(|limit| (limit - spend.cost).max(Usd::ZERO)),
            budget_used_pct: limit.map(|limit| percent(spend.cost.decimal(), limit.decimal())),
            budget_exceeded: limit.is_some_and(|limit| spend.cost > limit),
            enforcement_mode: self.policy().enforcement_mode,
            budgets: self.standings(&BudgetScope::default())?,
        })
    }

    /// What a user spent; zeros for one who is not known. `tier` is where to look for limits when
    /// the user has none of their own. Waits for the store.
    ///
    /// # Errors
    /// What the store fails with.
    pub fn user_summary(&self, user_id: &str, tier: Option<&str>) -> Result<UserCostSummary> {
        let found = wait_for(self.store().totals(TotalsBy::UserId(user_id)))?;
        let (entries, spend) =
            found.first().map(|total| (total.entries, total.spend)).unwrap_or_default();
        let tier = tier.or_else(|| self.tier_of(user_id));
        let scope = BudgetScope {
            user_id: Some(user_id.to_owned()),
            tier: tier.map(ToOwned::to_owned),
            ..BudgetScope::default()
        };
        let mut budgets = self.standings(&scope)?;
        budgets.retain(|standing| standing.owner_kind == OwnerKind::User);
        Ok(UserCostSummary {
            user_id: user_id.to_owned(),
            total_cost: spend.cost,
            total_entries: entries,
            total_tokens: spend.tokens,
            user_tier: tier.map(ToOwned::to_owned),
            budget: self.policy().user_budget(user_id, tier).cloned(),
            budget_exceeded: budgets.iter().any(|standing| standing.exceeded),
            budgets,
        })
    }

    /// How every limit that a scope draws on stands. Waits for the store.
    ///
    /// # Errors
    /// What the store fails with.
    pub fn standings(&self, scope: &BudgetScope) -> Result<Vec<BudgetStanding>> {
        let (accounts, balances) = self.balances(scope)?;
        Ok(statuses(&accounts, &balances).map(Into::into).collect())
    }

    /// Sums by model, provider or user. Waits for the store.
    ///
    /// # Errors
    /// What the store fails with.
    pub fn totals(&self, by: TotalsBy<'_>) -> Result<Vec<EntryTotal>> {
        wait_for(self.store().totals(by))
    }

    fn costs(&self, by: TotalsBy<'_>) -> Result<BTreeMap<String, Usd>> {
        let totals = self.totals(by)?.into_iter();
        Ok(totals.map(|total| (total.name.to_string(), total.spend.cost)).collect())
    }
}
