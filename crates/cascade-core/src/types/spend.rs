//! What is spent, and by whom.

use serde::{Deserialize, Serialize};

use super::Usd;

/// An amount of everything that budgets count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spend {
    /// Money in USD.
    pub cost: Usd,
    /// Requests: runs that called a model.
    pub requests: u64,
    /// Tokens, those of the prompt and of the answer together.
    pub tokens: u64,
}

impl Spend {
    /// Nothing.
    pub const ZERO: Self = Self { cost: Usd::ZERO, requests: 0, tokens: 0 };

    /// The sum; counts saturate.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            cost: self.cost + other.cost,
            requests: self.requests.saturating_add(other.requests),
            tokens: self.tokens.saturating_add(other.tokens),
        }
    }

    /// The difference, nothing of it below zero.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let cost = self.cost - other.cost;
        Self {
            cost: if cost.is_negative() { Usd::ZERO } else { cost },
            requests: self.requests.saturating_sub(other.requests),
            tokens: self.tokens.saturating_sub(other.tokens),
        }
    }
}

/// Whose budgets a run draws on; `None` means that the run names no such owner.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct BudgetScope {
    /// The person.
    pub user_id: Option<String>,
    /// The organisation.
    pub tenant_id: Option<String>,
    /// The person's tier.
    pub tier: Option<String>,
    /// The API key, by its name or id, never the key itself.
    pub key_id: Option<String>,
    /// The session.
    pub session_id: Option<String>,
}
