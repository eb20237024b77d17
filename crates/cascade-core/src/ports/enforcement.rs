use super::BoxFuture;
use crate::error::Result;
use crate::types::{BudgetScope, BudgetStatus, ModelConfig, Plan, Spend};

/// What a hook is asked about.
#[derive(Debug, Clone, Copy)]
pub struct EnforcementRequest<'a> {
    /// Whose budgets the run draws on.
    pub scope: &'a BudgetScope,
    /// The most the run can spend.
    pub worst_case: Spend,
    /// How the tightest budget stands; `None` when no budget applies.
    pub budget: Option<&'a BudgetStatus>,
    /// The plan.
    pub plan: &'a Plan,
    /// The agent's models, cheapest first; plans name them by position.
    pub models: &'a [std::sync::Arc<ModelConfig>],
    /// The query.
    pub query: &'a str,
    /// Key-value pairs of the run.
    pub metadata: &'a serde_json::Map<String, serde_json::Value>,
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

    /// The models that the run may use, as positions in [`EnforcementRequest::models`]; `None`
    /// leaves all of them, an empty list refuses the run.
    fn filter_models<'a>(
        &'a self,
        request: EnforcementRequest<'a>,
    ) -> BoxFuture<'a, Result<Option<Vec<usize>>>> {
        let _ = request;
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Hears of a threshold that was passed for the first time in a window.
    fn on_warning(&self, request: EnforcementRequest<'_>, warning: &str) {
        let _ = (request, warning);
    }
}
