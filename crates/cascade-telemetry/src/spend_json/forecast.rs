use cascade_core::chat_json::Fields;
use cascade_core::{Error, Result};
use serde_json::Value;

use super::source::{Source, to_json};
use crate::forecast::{BudgetPosition, Forecaster};

/// Days forecast where none are named.
const DAYS: u32 = 7;

/// The [`Forecast`](crate::Forecast) that `request` asks for: `series` (`first_day`, `totals`,
/// `running`) or `entries` (each `timestamp`, `cost`, `user_id`) with `now`, `utc_offset_seconds` and
/// `user_id`; `days`, 7 when absent; `options` as [`ForecastOptions`](crate::ForecastOptions).
///
/// # Errors
/// A validation error that names the field at fault.
pub fn forecast_json(request: Value) -> Result<Value> {
    let mut fields = Fields::new("request", request)?;
    let source = Source::take(&mut fields)?;
    let user: Option<String> = fields.take("user_id")?;
    let days: Option<u32> = fields.take("days")?;
    let forecaster = Forecaster::new(fields.take_or_default("options")?)?;
    fields.finish()?;
    let series = source.days(user.as_deref())?;
    to_json(&forecaster.forecast(&series, days.unwrap_or(DAYS))?)
}

/// The [`BudgetOutlook`](crate::BudgetOutlook) that `request` asks for: spending and `options` as
/// [`forecast_json`] takes them, and `budget` (`limit`, `used`, `period_end`, `level`).
///
/// # Errors
/// As [`forecast_json`].
pub fn budget_outlook_json(request: Value) -> Result<Value> {
    let mut fields = Fields::new("request", request)?;
    let source = Source::take(&mut fields)?;
    let user: Option<String> = fields.take("user_id")?;
    let forecaster = Forecaster::new(fields.take_or_default("options")?)?;
    let budget: BudgetPosition = fields.take("budget")?.ok_or_else(|| {
        Error::validation("budget", "there is no budget", "give `limit` and `used` in USD")
    })?;
    fields.finish()?;
    to_json(&forecaster.budget_outlook(&source.days(user.as_deref())?, &budget)?)
}
