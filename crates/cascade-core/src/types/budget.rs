//! Budgets: whose, over which time, and how they stand.

use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Spend, Usd};

/// The kind of a budget's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerKind {
    /// Everything together.
    Global,
    /// An organisation.
    Tenant,
    /// All people of a tier together.
    Tier,
    /// An API key.
    Key,
    /// A person.
    User,
    /// A session.
    Session,
}

impl OwnerKind {
    /// Every kind, the widest first.
    pub const ALL: [Self; 6] =
        [Self::Global, Self::Tenant, Self::Tier, Self::Key, Self::User, Self::Session];

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Tenant => "tenant",
            Self::Tier => "tier",
            Self::Key => "key",
            Self::User => "user",
            Self::Session => "session",
        }
    }
}

/// Whose budget it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BudgetOwner {
    /// Its kind.
    pub kind: OwnerKind,
    /// Its id; empty for the global one.
    pub id: Arc<str>,
}

/// The time a limit counts over. Windows follow the calendar of the budgets' time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetWindow {
    /// From one full minute to the next.
    Minute,
    /// From one full hour to the next.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday.
    Week,
    /// From the first of the month to its last day.
    Month,
    /// For ever.
    Lifetime,
}

impl BudgetWindow {
    /// Every window, shortest first.
    pub const ALL: [Self; 6] =
        [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Lifetime];

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Lifetime => "lifetime",
        }
    }
}

/// One window of one owner: the unit that balances are kept for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// Whose it is.
    pub owner: BudgetOwner,
    /// The window.
    pub window: BudgetWindow,
    /// When it began, since the Unix epoch; zero for a lifetime.
    pub starts_at: Duration,
    /// When it ends, since the Unix epoch; `None` for a lifetime.
    pub ends_at: Option<Duration>,
}

/// Limits of one account; `None` counts without a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Limit {
    /// Money in USD.
    pub cost: Option<Usd>,
    /// Requests.
    pub requests: Option<u64>,
    /// Tokens.
    pub tokens: Option<u64>,
}

impl Limit {
    /// Without any limit: the account is only counted.
    pub const NONE: Self = Self { cost: None, requests: None, tokens: None };

    /// The first measure that does not have room for `amount` beside `balance`. A measure of which
    /// nothing is asked has room always: what is free passes a budget that is used up.
    pub fn refuses(&self, balance: &Balance, amount: &Spend) -> Option<Measure> {
        let (committed, reserved) = (&balance.committed, &balance.reserved);
        let lacks = |limit: Option<u64>, used: u64, held: u64, asked: u64| {
            let total = used.saturating_add(held).saturating_add(asked);
            asked > 0 && limit.is_some_and(|limit| total > limit)
        };
        if amount.cost.is_positive()
            && self.cost.is_some_and(|most| committed.cost + reserved.cost + amount.cost > most)
        {
            return Some(Measure::Cost);
        }
        if lacks(self.requests, committed.requests, reserved.requests, amount.requests) {
            return Some(Measure::Requests);
        }
        if lacks(self.tokens, committed.tokens, reserved.tokens, amount.tokens) {
            return Some(Measure::Tokens);
        }
        None
    }
}

/// What of an account is spent, and what is set aside for runs under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    /// Committed.
    pub committed: Spend,
    /// Reserved and neither committed nor released yet.
    pub reserved: Spend,
}

impl Balance {
    /// Committed and reserved together.
    pub fn total(&self) -> Spend {
        self.committed.plus(self.reserved)
    }
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// USD.
    Cost,
    /// Requests.
    Requests,
    /// Tokens.
    Tokens,
}

impl Measure {
    /// The unit in words.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Cost => "USD",
            Self::Requests => "requests",
            Self::Tokens => "tokens",
        }
    }

    /// This measure of `spend`.
    pub fn of(self, spend: &Spend) -> Decimal {
        match self {
            Self::Cost => spend.cost.decimal(),
            Self::Requests => Decimal::from(spend.requests),
            Self::Tokens => Decimal::from(spend.tokens),
        }
    }
}

/// How one budget stands. Amounts are in the unit of `measure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BudgetStatus {
    /// Whose it is.
    pub owner: BudgetOwner,
    /// The window it counts over.
    pub window: BudgetWindow,
    /// What it counts.
    pub measure: Measure,
    /// The limit.
    pub limit: Decimal,
    /// Committed in this window.
    pub used: Decimal,
    /// Set aside for runs under way.
    pub reserved: Decimal,
    /// Requests counted in this window.
    pub requests: u64,
    /// When the window ends, since the Unix epoch; `None` for a lifetime.
    pub resets_at: Option<Duration>,
}

impl BudgetStatus {
    /// What is left for new runs, zero at least.
    pub fn remaining(&self) -> Decimal {
        (self.limit - self.used - self.reserved).max(Decimal::ZERO)
    }

    /// The part used or set aside, 1 at the limit; 1 of a limit of zero.
    pub fn used_share(&self) -> f64 {
        self.share_with(Decimal::ZERO)
    }

    /// The part used or set aside when `more` is too.
    pub fn share_with(&self, more: Decimal) -> f64 {
        if self.limit.is_zero() {
            return 1.0;
        }
        let share = (self.used + self.reserved + more) / self.limit;
        rust_decimal::prelude::ToPrimitive::to_f64(&share).unwrap_or(f64::MAX)
    }
}
