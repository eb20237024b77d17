use cascade_core::Result;
use cascade_core::ports::{BoxFuture, EnforcementAction};
use serde::{Deserialize, Serialize};

use super::{EnforcementCallback, EnforcementContext};

/// Ready-made callbacks. Shares are of the tightest budget.
///
/// | callback | 80 % | 90 % | used up |
/// |---|---|---|---|
/// | `strict` | warn | warn | block |
/// | `graceful` | warn | degrade | block |
/// | `tier_based`, tier `free` | warn | warn | block |
/// | `tier_based`, tier `pro` | allow | warn | degrade |
/// | `tier_based`, tier `enterprise` | allow | warn | warn |
/// | `tier_based`, other tiers and none | allow | allow | allow |
/// | `default` | allow | warn | block |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuiltInEnforcement {
    /// Blocks when the budget is used up.
    Strict,
    /// Degrades before it blocks.
    Graceful,
    /// By the person's tier.
    TierBased,
    /// What a set of callbacks without a budget check does when asked on its own.
    Default,
}

const WARN: f64 = 0.8;
const NEARLY: f64 = 0.9;

impl BuiltInEnforcement {
    /// Decides.
    pub fn decide(self, context: &EnforcementContext) -> EnforcementAction {
        use EnforcementAction::{Allow, Block, Degrade, Warn};
        let share = context.budget_share;
        let exceeded = context.budget_exceeded;
        let used = || format!("{:.0}% of the {} budget is used", share * 100.0, context.period);
        let exhausted = || format!("the {} budget is used up", context.period);
        match (self, context.user_tier.as_deref()) {
            (Self::Strict, _) | (Self::TierBased, Some("free")) => {
                if exceeded {
                    Block(exhausted())
                } else if share >= WARN {
                    Warn(used())
                } else {
                    Allow
                }
            }
            (Self::Graceful, _) => {
                if exceeded {
                    Block(exhausted())
                } else if share >= NEARLY {
                    Degrade(used())
                } else if share >= WARN {
                    Warn(used())
                } else {
                    Allow
                }
            }
            (Self::TierBased, Some("pro")) => {
                if exceeded {
                    Degrade(exhausted())
                } else if share >= NEARLY {
                    Warn(used())
                } else {
                    Allow
                }
            }
            (Self::TierBased, Some("enterprise")) if share >= NEARLY => Warn(used()),
            (Self::TierBased, _) => Allow,
            (Self::Default, _) => {
                if context.budget_remaining.is_some_and(|left| left <= cascade_core::Usd::ZERO) {
                    Block(exhausted())
                } else if share >= NEARLY {
                    Warn(used())
                } else {
                    Allow
                }
            }
        }
    }
}

impl EnforcementCallback for BuiltInEnforcement {
    fn check<'a>(
        &'a self,
        context: &'a EnforcementContext,
    ) -> BoxFuture<'a, Result<EnforcementAction>> {
        Box::pin(std::future::ready(Ok(self.decide(context))))
    }
}
