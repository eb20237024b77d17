use cascade_core::ports::EnforcementRequest;
use cascade_core::{BudgetStatus, Measure, Usd};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What an enforcement callback is told. Money is in USD.
///
/// `Default` is a context of nobody with no budget; callers fill in what they know.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EnforcementContext {
    /// The person; empty when the run names none.
    pub user_id: String,
    /// The person's tier.
    pub user_tier: Option<String>,
    /// Worst-case cost of this run.
    pub estimated_cost: Usd,
    /// Spent in the window of the tightest budget, this run not included.
    pub budget_used: Usd,
    /// Limit of the tightest budget; `None` when no budget applies.
    pub budget_limit: Option<Usd>,
    /// What is left of it for new runs; `None` when no budget applies.
    pub budget_remaining: Option<Usd>,
    /// The part of it used or set aside, 1 at the limit; zero without a budget.
    pub budget_share: f64,
    /// Whether it is used up: more is spent or set aside than it allows.
    pub budget_exceeded: bool,
    /// The window it counts over: `hour`, `day`, `week`, `month` or `lifetime`.
    pub period: String,
    /// Requests counted in that window.
    pub total_requests: u64,
    /// When that window ends, in seconds since the Unix epoch; `None` for a lifetime.
    pub resets_at: Option<f64>,
    /// The model that is asked first.
    pub model: Option<String>,
    /// Its provider.
    pub provider: Option<String>,
    /// The query.
    pub query: Option<String>,
    /// Worst-case tokens of this run.
    pub tokens: Option<u64>,
    /// Key-value pairs of the run.
    pub metadata: Map<String, Value>,
}

impl EnforcementContext {
    /// The context of a run that asks to be admitted.
    pub fn of(request: &EnforcementRequest<'_>) -> Self {
        let first = request.plan.steps.first().and_then(|step| step.models.first());
        let model = first.and_then(|index| request.models.get(*index));
        let mut context = Self {
            user_id: request.scope.user_id.clone().unwrap_or_default(),
            user_tier: request.scope.tier.clone(),
            estimated_cost: request.worst_case.cost,
            model: model.map(|model| model.name.clone()),
            provider: model.map(|model| model.provider.clone()),
            query: Some(request.query.to_owned()),
            tokens: Some(request.worst_case.tokens),
            metadata: request.metadata.clone(),
            period: "lifetime".to_owned(),
            ..Self::default()
        };
        if let Some(status) = request.budget.filter(|status| status.measure == Measure::Cost) {
            context.set_budget(status);
        }
        context
    }

    /// Takes over how the tightest budget of money stands.
    pub fn set_budget(&mut self, status: &BudgetStatus) {
        self.budget_used = Usd::from_decimal(status.used);
        self.budget_limit = Some(Usd::from_decimal(status.limit));
        self.budget_remaining = Some(Usd::from_decimal(status.remaining()));
        self.budget_share = status.used_share();
        let total = status.used + status.reserved;
        self.budget_exceeded = total > status.limit || status.limit == Decimal::ZERO;
        status.window.as_str().clone_into(&mut self.period);
        self.total_requests = status.requests;
        self.resets_at = status.resets_at.map(|at| at.as_secs_f64());
    }
}
