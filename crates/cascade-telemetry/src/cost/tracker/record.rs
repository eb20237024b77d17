use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::LedgerEntry;
use cascade_core::{BudgetScope, Error, Priced, Result, Usage, Usd};
use serde_json::{Map, Value};

/// A cost from outside a run, to be booked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CostRecord {
    /// Model id.
    pub model: String,
    /// Provider name.
    pub provider: String,
    /// Tokens altogether.
    pub tokens: u64,
    /// Cost in USD.
    pub cost: Usd,
    /// Whose budgets it draws on.
    pub scope: BudgetScope,
    /// Id of the query; `None` names none.
    pub query_id: Option<String>,
    /// When it was spent, since the Unix epoch; `None` is now. What was spent in a window that is
    /// over counts in the sums only.
    pub at: Option<Duration>,
    /// Tokens by kind; `None` when only their number is known.
    pub usage: Option<Usage>,
    /// Requests it counts as; `None` counts as one.
    pub requests: Option<u64>,
    /// Key-value pairs kept with it.
    pub metadata: Map<String, Value>,
}

impl CostRecord {
    pub(super) fn entry(self, now: Duration) -> Result<LedgerEntry> {
        if self.cost.is_negative() {
            return Err(Error::validation(
                "cost",
                format!("a cost cannot be negative: `{}`", self.cost),
                "give USD from zero on",
            ));
        }
        for (field, value) in [("model", &self.model), ("provider", &self.provider)] {
            if value.is_empty() {
                return Err(Error::validation(
                    field,
                    format!("the {field} has no name"),
                    format!("name the {field} that was paid for"),
                ));
            }
        }
        Ok(LedgerEntry {
            id: 0,
            at: self.at.unwrap_or(now),
            scope: Arc::new(self.scope),
            query_id: self.query_id.map(Into::into),
            model: self.model.into(),
            provider: self.provider.into(),
            role: None,
            requests: self.requests.unwrap_or(1),
            usage: self.usage.unwrap_or_default(),
            tokens: self.tokens,
            cost: self.cost,
            priced: Priced::Reported,
            metadata: self.metadata,
        })
    }
}
