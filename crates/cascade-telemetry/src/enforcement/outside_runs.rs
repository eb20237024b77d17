//! Callbacks where no run asks them.

use cascade_core::ports::EnforcementAction;
use cascade_core::{BudgetScope, Measure, Result, Usd};

use super::{EnforcementChain, EnforcementContext};
use crate::cost::{Affordability, BudgetAction, BudgetWarning, CostTracker};

impl EnforcementChain {
    /// Whether `estimate` fits every budget of `scope`, and the callbacks allow it: their `block` and
    /// `degrade` count in every mode. Without callbacks it is what the tracker says.
    ///
    /// # Errors
    /// What the tracker's store fails with.
    pub async fn can_afford(
        &self,
        tracker: &CostTracker,
        scope: &BudgetScope,
        estimate: Usd,
    ) -> Result<Affordability> {
        let mut found = tracker.can_afford(scope, estimate)?;
        if self.is_empty() {
            return Ok(found);
        }
        let mut context = EnforcementContext {
            user_id: scope.user_id.clone().unwrap_or_default(),
            user_tier: scope.tier.clone(),
            estimated_cost: estimate,
            period: "lifetime".to_owned(),
            ..EnforcementContext::default()
        };
        if let Some(status) = tracker.budget_status(scope)?
            && status.measure == Measure::Cost
        {
            context.set_budget(&status);
        }
        let (action, message) = match self.decide(&context).await {
            EnforcementAction::Allow => return Ok(found),
            EnforcementAction::Warn(message) => (BudgetAction::Warn, message),
            EnforcementAction::Degrade(message) => (BudgetAction::Degrade, message),
            EnforcementAction::Block(message) => (BudgetAction::Block, message),
        };
        if action == BudgetAction::Block {
            found.allowed = false;
        }
        if action > found.action || action == BudgetAction::Block {
            found.action = action;
            found.message = Some(message);
        }
        Ok(found)
    }

    /// Tells the callbacks of a threshold that a cost from outside a run passed.
    pub fn warn(&self, warning: &BudgetWarning) {
        let owner = &warning.status.owner;
        let is_user = owner.kind == cascade_core::OwnerKind::User;
        let mut context = EnforcementContext {
            user_id: if is_user { owner.id.to_string() } else { String::new() },
            user_tier: warning.tier.clone(),
            period: "lifetime".to_owned(),
            ..EnforcementContext::default()
        };
        if warning.status.measure == Measure::Cost {
            context.set_budget(&warning.status);
        }
        for callback in self.callbacks() {
            callback.on_warning(&context, &warning.message);
        }
    }
}
