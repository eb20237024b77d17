use cascade_core::{Error, Result};
use serde::{Deserialize, Serialize};

use super::ForecastMethod;

/// How forecasts are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForecastOptions {
    /// Probabilities of the intervals, each between 0 and 1, in rising order. Default 0.8 and 0.95.
    pub levels: Vec<f64>,
    /// Fewest days of history; shorter ones give a forecast of nothing with confidence 0, which says
    /// so. Default 1.
    pub min_data_points: usize,
    /// The weight of the newest day in the level, between 0 and 1; `None`, the default, fits it.
    pub alpha: Option<f64>,
    /// The method; `None`, the default, chooses by the data.
    pub method: Option<ForecastMethod>,
    /// Days of history that are read, the latest. Default 730.
    pub max_history_days: usize,
}

impl Default for ForecastOptions {
    fn default() -> Self {
        Self {
            levels: vec![0.8, 0.95],
            min_data_points: 1,
            alpha: None,
            method: None,
            max_history_days: 730,
        }
    }
}

impl ForecastOptions {
    /// Checks and orders what is given.
    pub(super) fn checked(mut self) -> Result<Self> {
        if let Some(level) = self.levels.iter().find(|level| !(**level > 0.0 && **level < 1.0)) {
            return Err(Error::validation(
                "levels",
                format!("an interval cannot have this probability: {level}"),
                "give probabilities between 0 and 1, such as 0.8",
            ));
        }
        if let Some(alpha) = self.alpha.filter(|alpha| !(*alpha > 0.0 && *alpha <= 1.0)) {
            return Err(Error::validation(
                "alpha",
                format!("not a weight: {alpha}"),
                "give a number above 0, at most 1, or leave it out to have it fitted",
            ));
        }
        if self.max_history_days == 0 {
            return Err(Error::validation(
                "max_history_days",
                "a forecast needs history",
                "give 1 or more",
            ));
        }
        if self.method == Some(ForecastMethod::InsufficientData) {
            return Err(Error::validation(
                "method",
                "`insufficient_data` is no method to choose",
                "name a method of smoothing, or leave it out",
            ));
        }
        self.levels.sort_by(f64::total_cmp);
        self.levels.dedup();
        Ok(self)
    }
}
