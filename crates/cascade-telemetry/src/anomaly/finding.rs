use std::fmt;

use serde::Serialize;

use super::{AnomalyMethod, AnomalySeverity};
use crate::spend::Day;

/// Something that stands out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Anomaly {
    /// When, in seconds since the Unix epoch; of a day its beginning.
    pub timestamp: f64,
    /// Its day, of UTC where nothing else was asked for.
    pub day: Day,
    /// What was spent, in USD.
    pub value: f64,
    /// What was expected, in USD.
    pub expected: f64,
    /// The distance between them in standard deviations, never negative.
    pub z_score: f64,
    /// How far that is.
    pub severity: AnomalySeverity,
    /// What was measured: `cost`, of a day or of one amount.
    pub metric: String,
    /// Whose spending it is; `None` of all together.
    pub user_id: Option<String>,
    /// What it was compared with.
    pub method: AnomalyMethod,
    /// The standard deviation, in USD, or as a fraction where factors are compared.
    pub std_dev: f64,
    /// Values that it was compared with.
    pub data_points: usize,
    /// Its position among them.
    pub index: usize,
}

impl Anomaly {
    /// The distance from what was expected in percent of it; 0 where nothing was expected.
    pub fn deviation_percent(&self) -> f64 {
        if self.expected == 0.0 {
            0.0
        } else {
            (self.value - self.expected).abs() / self.expected * 100.0
        }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} anomaly", self.severity.as_str().to_uppercase(), self.metric)?;
        if let Some(user) = &self.user_id {
            write!(f, " (user: {user})")?;
        }
        write!(
            f,
            " - observed ${:.4}, expected ${:.4} (z-score: {:.2}, {:.0}% deviation)",
            self.value,
            self.expected,
            self.z_score,
            self.deviation_percent()
        )
    }
}
