//! Why a run may not spend.

use std::time::Duration;

use cascade_core::ports::LimitedAccount;
use cascade_core::{Balance, BudgetStatus, Error, ErrorKind, Measure, Spend};

use super::standing::status_of;
use super::warning::name_of;
use crate::budget::limit_name;

/// The limit that refuses an amount. Of several, the one that resets last, the longest of those:
/// waiting for another would be in vain.
pub(super) fn refusing(
    accounts: &[LimitedAccount],
    balances: &[Balance],
    amount: &Spend,
) -> Option<BudgetStatus> {
    let mut found: Option<BudgetStatus> = None;
    for (limited, balance) in accounts.iter().zip(balances) {
        let Some(measure) = limited.limit.refuses(balance, amount) else { continue };
        let resets_at = limited.account.ends_at;
        let later = found.as_ref().is_none_or(|found| match (found.resets_at, resets_at) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(earlier), Some(this)) => this >= earlier,
        });
        if later {
            found = Some(status_of(limited, balance, measure));
        }
    }
    found
}

/// The refusal in words.
pub(super) fn words(status: &BudgetStatus, amount: &Spend) -> String {
    let reserved = if status.reserved.is_zero() {
        String::new()
    } else {
        format!(" and {} set aside", status.reserved.normalize())
    };
    format!(
        "{} does not allow this: {} of {} {} used{reserved}, up to {} more needed",
        name_of(&status.owner, status.window, status.measure),
        status.used.normalize(),
        status.limit.normalize(),
        status.measure.unit(),
        status.measure.of(amount).normalize(),
    )
}

/// The error of a refused run.
pub(super) fn error(status: BudgetStatus, amount: &Spend, now: Duration) -> Error {
    let kind = match status.measure {
        Measure::Cost => ErrorKind::Budget,
        Measure::Requests | Measure::Tokens => ErrorKind::RateLimit,
    };
    let limit = limit_name(status.window, status.measure);
    let wait = status.resets_at.map(|at| at.saturating_sub(now));
    let hint = match wait {
        Some(wait) => format!("wait {} s until it resets, or raise `{limit}`", seconds(wait)),
        None => format!("raise `{limit}`: it does not reset"),
    };
    let error = Error::new(kind, words(&status, amount)).with_field(limit).with_hint(hint);
    let error = match wait {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    };
    error.with_budget(status)
}

/// Whole seconds, rounded up.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// Why a run is degraded, in words.
pub(super) fn degraded(status: &BudgetStatus, share: rust_decimal::Decimal) -> String {
    format!(
        "{} has passed {} %: {} of {} {} used and {} set aside",
        name_of(&status.owner, status.window, status.measure),
        (share * rust_decimal::Decimal::ONE_HUNDRED).normalize(),
        status.used.normalize(),
        status.limit.normalize(),
        status.measure.unit(),
        status.reserved.normalize(),
    )
}
