//! Keeps budgets in memory.

mod accounts;
mod entries;
mod named_totals;
mod reservations;
mod shared;
mod store;

pub use store::{MemoryBudgetStore, MemoryStoreLimits};
