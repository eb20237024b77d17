//! Users' multi-step strategies.

mod plan;
mod router;

pub use plan::plan_strategy;
pub use router::StrategyRouter;
