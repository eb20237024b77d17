//! Keeps what was spent within its budgets.

mod affordability;
mod cost_tracker;
mod ledger;
mod record;
mod refusal;
mod session;
mod standing;
mod summary;
mod waiting;
mod warning;

pub use affordability::{Affordability, BudgetAction};
pub use cost_tracker::CostTracker;
pub use record::CostRecord;
pub use session::budget_session_json;
pub use standing::BudgetStanding;
pub use summary::{CostSummary, UserCostSummary};
pub use waiting::wait_for;
pub use warning::{BudgetWarning, WarningLevel};
