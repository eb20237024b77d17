//! What will be spent: exponential smoothing chosen from the data, with intervals, and when a budget
//! is used up.

mod budget_outlook;
mod fitting;
mod forecast_options;
mod forecaster;
mod minimiser;
mod paths;
mod prediction;
mod preparation;
mod smoothing;

pub use budget_outlook::{BudgetOutlook, BudgetPosition};
pub use forecast_options::ForecastOptions;
pub use forecaster::Forecaster;
pub use prediction::{Forecast, ForecastDay, ForecastMethod, Interval, SpendTrend};
