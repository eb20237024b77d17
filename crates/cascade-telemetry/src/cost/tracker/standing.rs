use cascade_core::ports::LimitedAccount;
use cascade_core::{Balance, BudgetStatus, BudgetWindow, Limit, Measure, OwnerKind};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

use crate::budget::limit_name;

pub(super) const MEASURES: [Measure; 3] = [Measure::Cost, Measure::Requests, Measure::Tokens];

/// The limit of a measure.
pub(super) fn measured(limit: &Limit, measure: Measure) -> Option<Decimal> {
    match measure {
        Measure::Cost => limit.cost.map(cascade_core::Usd::decimal),
        Measure::Requests => limit.requests.map(Decimal::from),
        Measure::Tokens => limit.tokens.map(Decimal::from),
    }
}

pub(super) fn status_of(
    limited: &LimitedAccount,
    balance: &Balance,
    measure: Measure,
) -> BudgetStatus {
    let account = &limited.account;
    BudgetStatus {
        owner: account.owner.clone(),
        window: account.window,
        measure,
        limit: measured(&limited.nominal, measure).unwrap_or_default(),
        used: measure.of(&balance.committed),
        reserved: measure.of(&balance.reserved),
        requests: balance.committed.requests,
        resets_at: account.ends_at,
    }
}

/// How every limit of the accounts stands.
pub(super) fn statuses<'a>(
    accounts: &'a [LimitedAccount],
    balances: &'a [Balance],
) -> impl Iterator<Item = BudgetStatus> + 'a {
    accounts.iter().zip(balances).flat_map(|(limited, balance)| {
        MEASURES
            .into_iter()
            .filter(|measure| measured(&limited.nominal, *measure).is_some())
            .map(|measure| status_of(limited, balance, measure))
    })
}

/// How one limit stands, for people to read. Amounts are in the unit of `measure`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BudgetStanding {
    /// The limit's name in a budget's configuration, such as `daily` or `requests_per_hour`.
    pub name: &'static str,
    /// The kind of its owner.
    pub owner_kind: OwnerKind,
    /// Its owner's id; empty for everything together.
    pub owner_id: String,
    /// The window it counts over.
    pub window: BudgetWindow,
    /// What it counts.
    pub measure: Measure,
    /// The limit.
    pub limit: Decimal,
    /// Used in this window.
    pub used: Decimal,
    /// Set aside for runs under way.
    pub reserved: Decimal,
    /// Left for new runs, zero at least.
    pub remaining: Decimal,
    /// The part used, in percent; 0 of a limit of zero of which nothing is used.
    pub used_pct: f64,
    /// Whether more than the limit is used.
    pub exceeded: bool,
    /// When the window ends, in seconds since the Unix epoch; `None` for a lifetime.
    pub resets_at: Option<f64>,
}

impl From<BudgetStatus> for BudgetStanding {
    fn from(status: BudgetStatus) -> Self {
        let remaining = status.remaining().normalize();
        Self {
            name: limit_name(status.window, status.measure),
            owner_kind: status.owner.kind,
            owner_id: status.owner.id.to_string(),
            window: status.window,
            measure: status.measure,
            used_pct: percent(status.used, status.limit),
            exceeded: status.used > status.limit,
            remaining,
            limit: status.limit.normalize(),
            used: status.used.normalize(),
            reserved: status.reserved.normalize(),
            resets_at: status.resets_at.map(|at| at.as_secs_f64()),
        }
    }
}

/// `used` of `limit` in percent.
pub(super) fn percent(used: Decimal, limit: Decimal) -> f64 {
    if used.is_zero() {
        return 0.0;
    }
    let part = (used * Decimal::ONE_HUNDRED).checked_div(limit);
    part.and_then(|part| part.to_f64()).unwrap_or(100.0)
}
