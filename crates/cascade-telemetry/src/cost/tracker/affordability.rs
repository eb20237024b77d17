use cascade_core::BudgetStatus;
use serde::{Deserialize, Serialize};

/// What the budgets' mode makes of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetAction {
    /// Nothing stands in the way.
    Allow,
    /// It would run; somebody should know.
    Warn,
    /// The cheapest model would answer.
    Degrade,
    /// It would be refused.
    Block,
}

impl BudgetAction {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Degrade => "degrade",
            Self::Block => "block",
        }
    }
}

/// Whether an amount fits the budgets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Affordability {
    /// Whether it fits every budget, whatever the mode does when it does not.
    pub allowed: bool,
    /// What the mode makes of it.
    pub action: BudgetAction,
    /// Why; `None` when nothing stands in the way.
    pub message: Option<String>,
    /// The budget that decides; `None` when none is near its end.
    pub status: Option<BudgetStatus>,
}

impl Affordability {
    pub(super) const FREE: Self =
        Self { allowed: true, action: BudgetAction::Allow, message: None, status: None };
}
