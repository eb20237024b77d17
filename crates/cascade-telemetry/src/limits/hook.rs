use std::collections::HashMap;
use std::sync::Arc;

use cascade_core::ports::{BoxFuture, EnforcementAction, EnforcementHook, EnforcementRequest};
use cascade_core::{BudgetScope, Result};
use serde::{Deserialize, Serialize};

use super::{RateDecision, RateLimiter, RateLimits};

/// Whose limits are which: those of the user, else those of the tier, else the default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitTable {
    /// By user id.
    pub users: HashMap<String, RateLimits>,
    /// By tier, for each person of the tier on their own.
    pub tiers: HashMap<String, RateLimits>,
    /// For everybody else; `None` is unlimited.
    pub default: Option<RateLimits>,
}

impl RateLimitTable {
    /// The limits that hold for `scope`.
    pub fn limits_of(&self, scope: &BudgetScope) -> Option<&RateLimits> {
        let own = scope.user_id.as_ref().and_then(|user| self.users.get(user));
        let of_tier = || scope.tier.as_ref().and_then(|tier| self.tiers.get(tier));
        own.or_else(of_tier).or(self.default.as_ref())
    }
}

/// Refuses runs of people who are over their limits.
///
/// A run counts when it is admitted, with its worst case of tokens and cost, as providers count
/// theirs. Runs that name no user share one count.
#[derive(Debug)]
pub struct RateLimitHook {
    limiter: Arc<RateLimiter>,
    table: RateLimitTable,
}

impl RateLimitHook {
    /// A hook that counts in `limiter`.
    ///
    /// # Errors
    /// A validation error of limits that can only be a mistake.
    pub fn new(limiter: Arc<RateLimiter>, table: RateLimitTable) -> Result<Self> {
        let all = table.users.values().chain(table.tiers.values()).chain(&table.default);
        for limits in all {
            limits.validate()?;
        }
        Ok(Self { limiter, table })
    }
}

impl EnforcementHook for RateLimitHook {
    fn check<'a>(
        &'a self,
        request: EnforcementRequest<'a>,
    ) -> BoxFuture<'a, Result<EnforcementAction>> {
        let user = request.scope.user_id.as_deref().unwrap_or_default();
        let spend = request.worst_case;
        let decision = self
            .table
            .limits_of(request.scope)
            .map(|limits| self.limiter.acquire(user, limits, spend.cost, spend.tokens));
        Box::pin(std::future::ready(match decision {
            Some(RateDecision::Refused(refusal)) => Err(refusal.into()),
            Some(RateDecision::Allowed) | None => Ok(EnforcementAction::Allow),
        }))
    }
}
