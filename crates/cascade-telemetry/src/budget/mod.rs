//! Budgets: their limits, the windows they count over and where balances are kept.

mod config;
mod limits;
mod memory_store;
mod policy;
mod windows;

pub use config::BudgetConfig;
pub(crate) use config::limit_name;
pub(crate) use limits::{Ceilings, OwnerLimits};
pub use memory_store::{MemoryBudgetStore, MemoryStoreLimits};
pub use policy::{BudgetPolicy, EnforcementMode};
pub(crate) use windows::{Moment, Spans, Windows};
