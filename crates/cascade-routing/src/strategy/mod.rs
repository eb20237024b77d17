//! Users' multi-step strategies.

mod plan;
mod router;

pub(crate) use plan::place;
pub use plan::plan_strategy;
pub use router::StrategyRouter;
