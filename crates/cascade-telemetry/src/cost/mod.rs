//! What a call will cost, and what a cascade did.

mod breakdown;
mod estimate;
mod tracker;

pub use breakdown::{CascadeTokens, CostBreakdown, CostCalculator};
pub use estimate::{CostEstimate, CostEstimator};
pub use tracker::{
    Affordability, BudgetAction, BudgetStanding, BudgetWarning, CostRecord, CostSummary,
    CostTracker, UserCostSummary, WarningLevel, budget_session_json, wait_for,
};
