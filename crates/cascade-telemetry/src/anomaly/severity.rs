use std::fmt;
use std::str::FromStr;

use cascade_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// How far out of the ordinary something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnomalySeverity {
    /// Below three standard deviations.
    Low,
    /// From three.
    Medium,
    /// From four.
    High,
    /// From five.
    Critical,
}

impl AnomalySeverity {
    /// Every severity, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The severity of a distance in standard deviations, whichever way.
    pub fn of(z_score: f64) -> Self {
        match z_score.abs() {
            z if z >= 5.0 => Self::Critical,
            z if z >= 4.0 => Self::High,
            z if z >= 3.0 => Self::Medium,
            _ => Self::Low,
        }
    }

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for AnomalySeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AnomalySeverity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == text).ok_or_else(|| {
            Error::validation(
                "severity",
                format!("unknown severity: `{text}`"),
                "give `low`, `medium`, `high` or `critical`",
            )
        })
    }
}
