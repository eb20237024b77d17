use std::collections::BTreeMap;

use cascade_core::{BudgetOwner, Error, OwnerKind, Result, Usd};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::BudgetConfig;

/// What happens when a budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnforcementMode {
    /// Warnings only: nothing is refused, limits of requests and tokens included.
    #[default]
    Warn,
    /// The cheapest model answers from the degrade threshold on; refused is what even that cannot
    /// pay for.
    Degrade,
    /// Refused is what could pass the budget.
    Block,
}

impl EnforcementMode {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Degrade => "degrade",
            Self::Block => "block",
        }
    }
}

/// Whose budgets there are and how they are enforced.
///
/// A run draws on every budget of its user, tenant, key and session, of its tier as a whole and of
/// everything together; the tightest decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetPolicy {
    /// USD that everything together may cost, ever; `None` has no such limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_limit: Option<Usd>,
    /// Limits of everything together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub global: Option<BudgetConfig>,
    /// Limits of each user: by user id, or by a tier for each user of it. The id goes first.
    pub user_budgets: BTreeMap<String, BudgetConfig>,
    /// Limits of each user of a tier, where `user_budgets` names neither user nor tier.
    pub tier_budgets: BTreeMap<String, BudgetConfig>,
    /// Limits of each user that nothing else is said of; `None` leaves them unlimited.
    #[serde(alias = "default_budget", skip_serializing_if = "Option::is_none")]
    pub default_user_budget: Option<BudgetConfig>,
    /// Limits of all users of a tier together, by tier.
    pub shared_tier_budgets: BTreeMap<String, BudgetConfig>,
    /// Limits by API key, named by its name or id.
    pub key_budgets: BTreeMap<String, BudgetConfig>,
    /// Limits of each session that `session_budgets` does not name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_session_budget: Option<BudgetConfig>,
    /// Limits by session.
    pub session_budgets: BTreeMap<String, BudgetConfig>,
    /// Limits of each tenant that `tenant_budgets` does not name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_tenant_budget: Option<BudgetConfig>,
    /// Limits by tenant.
    pub tenant_budgets: BTreeMap<String, BudgetConfig>,
    /// What happens when a budget is used up.
    #[serde(alias = "mode")]
    pub enforcement_mode: EnforcementMode,
    /// Share of a limit from which there are warnings, in [0, 1].
    #[serde(alias = "warning_threshold", alias = "warn_at")]
    pub warn_threshold: f64,
    /// Share of a limit from which the mode `degrade` degrades, in [0, 1].
    #[serde(alias = "degradation_threshold", alias = "degrade_threshold")]
    pub degrade_at: f64,
    /// Share of a limit that nothing may pass, above 0 and up to 10.
    #[serde(alias = "block_threshold")]
    pub block_at: f64,
    /// IANA name of the time zone whose calendar windows follow.
    #[serde(alias = "timezone")]
    pub time_zone: String,
    /// Seconds after which what a run has set aside returns by itself: longer than any run lasts.
    pub reservation_seconds: u32,
    /// SQLite file that keeps the ledger, made where there is none, relative to the working
    /// directory; several agents and processes may share one. `None` keeps it in memory, for one
    /// agent and as long as it lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Default for BudgetPolicy {
    fn default() -> Self {
        Self {
            budget_limit: None,
            global: None,
            user_budgets: BTreeMap::new(),
            tier_budgets: BTreeMap::new(),
            default_user_budget: None,
            shared_tier_budgets: BTreeMap::new(),
            key_budgets: BTreeMap::new(),
            default_session_budget: None,
            session_budgets: BTreeMap::new(),
            default_tenant_budget: None,
            tenant_budgets: BTreeMap::new(),
            enforcement_mode: EnforcementMode::Warn,
            warn_threshold: 0.8,
            degrade_at: 0.9,
            block_at: 1.0,
            time_zone: "UTC".to_owned(),
            reservation_seconds: 3_600,
            path: None,
        }
    }
}

impl BudgetPolicy {
    /// Checks every value but the time zone.
    ///
    /// # Errors
    /// A config error that names the field and the remedy.
    pub fn validate(&self) -> Result<()> {
        if let Some(limit) = self.budget_limit.filter(|limit| limit.is_negative()) {
            return Err(Error::config(
                "budget_limit",
                format!("a budget cannot be negative: `{limit}`"),
                "give an amount in USD from zero on, or leave it out for no limit",
            ));
        }
        share("warn_threshold", self.warn_threshold, 1.0)?;
        share("degrade_at", self.degrade_at, 1.0)?;
        share("block_at", self.block_at, 10.0)?;
        if self.block_at <= 0.0 {
            return Err(Error::config(
                "block_at",
                "block_at is zero, which refuses everything",
                "give the share of a limit that may be used, 1 for all of it",
            ));
        }
        if self.enforcement_mode == EnforcementMode::Degrade && self.degrade_at > self.block_at {
            return Err(Error::config(
                "degrade_at",
                format!("degrade_at is above block_at: `{}`", self.degrade_at),
                format!("give a number up to block_at: `{}`", self.block_at),
            ));
        }
        if self.reservation_seconds == 0 {
            return Err(Error::config(
                "reservation_seconds",
                "reservation_seconds is zero: nothing would stay set aside",
                "give the seconds that the longest run may take, such as 3600",
            ));
        }
        let single = [
            ("global", &self.global),
            ("default_user_budget", &self.default_user_budget),
            ("default_session_budget", &self.default_session_budget),
            ("default_tenant_budget", &self.default_tenant_budget),
        ];
        for (field, budget) in single {
            if let Some(budget) = budget {
                budget.validate(field)?;
            }
        }
        let maps = [
            ("user_budgets", &self.user_budgets),
            ("tier_budgets", &self.tier_budgets),
            ("shared_tier_budgets", &self.shared_tier_budgets),
            ("key_budgets", &self.key_budgets),
            ("session_budgets", &self.session_budgets),
            ("tenant_budgets", &self.tenant_budgets),
        ];
        for (field, budgets) in maps {
            for (owner, budget) in budgets {
                budget.validate(&format!("{field}.{owner}"))?;
            }
        }
        Ok(())
    }

    /// The limits of everything together, `budget_limit` among them.
    pub fn global_budget(&self) -> BudgetConfig {
        let mut budget = self.global.clone().unwrap_or_default();
        budget.total = match (budget.total, self.budget_limit) {
            (Some(total), Some(limit)) => Some(total.min(limit)),
            (total, limit) => total.or(limit),
        };
        budget
    }

    /// The limits of an owner; of a user, with the tier they belong to. `None` when nothing limits
    /// them.
    pub fn budget_of(&self, owner: &BudgetOwner, tier: Option<&str>) -> Option<BudgetConfig> {
        let id = &*owner.id;
        let found = match owner.kind {
            OwnerKind::Global => {
                return Some(self.global_budget()).filter(BudgetConfig::has_any_limit);
            }
            OwnerKind::Tenant => {
                self.tenant_budgets.get(id).or(self.default_tenant_budget.as_ref())
            }
            OwnerKind::Tier => self.shared_tier_budgets.get(id),
            OwnerKind::Key => self.key_budgets.get(id),
            OwnerKind::User => self.user_budget(id, tier),
            OwnerKind::Session => {
                self.session_budgets.get(id).or(self.default_session_budget.as_ref())
            }
        };
        found.cloned()
    }

    /// The limits of a user, who is looked up by id, then by tier; `None` when nothing limits them.
    pub fn user_budget(&self, user_id: &str, tier: Option<&str>) -> Option<&BudgetConfig> {
        let by_id = self.user_budgets.get(user_id);
        let tier = || tier.or_else(|| by_id.and_then(|budget| budget.tier.as_deref()));
        by_id
            .or_else(|| tier().and_then(|tier| self.user_budgets.get(tier)))
            .or_else(|| tier().and_then(|tier| self.tier_budgets.get(tier)))
            .or(self.default_user_budget.as_ref())
    }
}

fn share(field: &str, value: f64, most: f64) -> Result<()> {
    if (0.0..=most).contains(&value) {
        return Ok(());
    }
    Err(Error::config(
        field,
        format!("{field} is out of range: `{value}`"),
        format!("give a share of the limit from 0 to {most}, such as 0.9 for 90 %"),
    ))
}
