use serde::{Deserialize, Serialize};

use super::smoothing::{Season, Shape, Trend};
use crate::spend::Day;

/// How a forecast was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForecastMethod {
    /// The history is shorter than asked for; nothing is forecast.
    InsufficientData,
    /// The mean of the few days there are.
    Mean,
    /// Simple exponential smoothing: a level.
    SimpleSmoothing,
    /// Holt's linear trend.
    HoltLinear,
    /// Holt's trend, ever flatter.
    HoltDamped,
    /// A level and a weekly season that adds amounts.
    SeasonalAdditive,
    /// A level and a weekly season that multiplies.
    SeasonalMultiplicative,
    /// Holt and Winters: a trend and a weekly season that adds amounts.
    HoltWintersAdditive,
    /// Holt and Winters: a trend and a weekly season that multiplies.
    HoltWintersMultiplicative,
}

impl ForecastMethod {
    pub(super) const fn of(shape: Shape) -> Self {
        match (shape.season, shape.trend) {
            (Season::None, Trend::None) => Self::SimpleSmoothing,
            (Season::None, Trend::Linear) => Self::HoltLinear,
            (Season::None, Trend::Damped) => Self::HoltDamped,
            (Season::Additive, Trend::None) => Self::SeasonalAdditive,
            (Season::Multiplicative, Trend::None) => Self::SeasonalMultiplicative,
            (Season::Additive, _) => Self::HoltWintersAdditive,
            (Season::Multiplicative, _) => Self::HoltWintersMultiplicative,
        }
    }

    /// What it does, in plain words.
    pub(super) const fn description(self) -> &'static str {
        match self {
            Self::InsufficientData => "there is too little history to forecast from",
            Self::Mean => "the mean day so far, as there are too few days to smooth",
            Self::SimpleSmoothing => "a level that follows the latest days",
            Self::HoltLinear => "a level with a steady trend",
            Self::HoltDamped => "a level with a trend that flattens",
            Self::SeasonalAdditive => "a level, and an amount more or less for each weekday",
            Self::SeasonalMultiplicative => "a level, and a factor for each weekday",
            Self::HoltWintersAdditive => {
                "a level with a trend, and an amount more or less for each weekday"
            }
            Self::HoltWintersMultiplicative => {
                "a level with a trend, and a factor for each weekday"
            }
        }
    }
}

/// Where daily spending is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SpendTrend {
    /// It grows.
    Increasing,
    /// It shrinks.
    Decreasing,
    /// It stays, as far as the noise lets see.
    Stable,
}

/// Where an amount lies with a probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The probability, between 0 and 1.
    pub level: f64,
    /// USD; never below zero.
    pub lower: f64,
    /// USD.
    pub upper: f64,
}

/// One day to come.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForecastDay {
    /// The day.
    pub day: Day,
    /// Expected spending in USD.
    pub cost: f64,
    /// Where it lies, for each level.
    pub intervals: Vec<Interval>,
}

/// What will be spent over the days to come. Amounts are estimates in USD, not for accounting.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Forecast {
    /// Expected spending of all days together.
    pub predicted_cost: f64,
    /// Where it lies, for each level.
    pub intervals: Vec<Interval>,
    /// How sure the sum is: 1 less half the width of its 80 % interval in parts of the sum, between 0
    /// and 1. 0 where there is no history or no spending.
    pub confidence: f64,
    /// Number of days.
    pub period_days: u32,
    /// How it was made.
    pub method: ForecastMethod,
    /// Why so, in plain words.
    pub reasons: Vec<String>,
    /// Mean of a day of the history.
    pub historical_average: f64,
    /// Where daily spending is going.
    pub trend: SpendTrend,
    /// What the trend makes of a day's spending within a week, as a fraction: 0.1 is 10 % more.
    pub weekly_change: f64,
    /// Days of history that were read.
    pub data_points: usize,
    /// Days of history asked for at least.
    pub required_data_points: usize,
    /// The weight of the newest day in the level; `None` where nothing was smoothed.
    pub alpha: Option<f64>,
    /// Every day.
    pub days: Vec<ForecastDay>,
}
