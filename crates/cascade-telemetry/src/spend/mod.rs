//! What was spent by day: the series that forecasts and anomaly detection read.

mod daily_series;
mod day;
mod decomposition;
mod robust;
mod spend_history;

pub use daily_series::DailySeries;
pub use day::Day;
pub use spend_history::{SpendEntry, SpendHistory};

pub(crate) use decomposition::Decomposition;
pub(crate) use robust::{deviation_scale, median, theil_sen};
