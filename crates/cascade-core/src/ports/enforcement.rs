use super::{BoxFuture, BudgetScope};
use crate::error::Result;
use crate::types::Usd;

/// What a hook is asked about.
#[derive(Debug, Clone, Copy)]
pub struct EnforcementRequest<'a> {
    /// Whose budgets the run draws on.
    pub scope: &'a BudgetScope,
    /// Worst-case cost of the run in USD.
    pub estimated_cost: Usd,
}

/// What a hook decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnforcementAction {
    /// Go on.
    Allow,
    /// Go on, and tell the caller.
    Warn(String),
    /// Go on with the cheapest model only.
    Degrade(String),
    /// Refuse the run.
    Block(String),
}

/// Decides whether a run may spend.
pub trait EnforcementHook: Send + Sync {
    /// Decides about one run.
    fn check<'a>(
        &'a self,
        request: EnforcementRequest<'a>,
    ) -> BoxFuture<'a, Result<EnforcementAction>>;
}
