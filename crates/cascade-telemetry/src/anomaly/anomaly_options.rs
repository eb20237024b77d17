use cascade_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// What a value is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnomalyMethod {
    /// The mean, in standard deviations.
    #[default]
    ZScore,
    /// The median, in standard deviations by the median absolute deviation: what is wild does not
    /// hide itself or others.
    Robust,
    /// What trend and weekday let expect, robust too. Of single amounts: the others of the same weekday.
    Seasonal,
}

impl AnomalyMethod {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::ZScore, Self::Robust, Self::Seasonal];

    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ZScore => "z_score",
            Self::Robust => "robust",
            Self::Seasonal => "seasonal",
        }
    }

    /// Standard deviations from which a value stands out, where nothing else is asked for.
    pub const fn default_sensitivity(self) -> f64 {
        match self {
            Self::ZScore => 2.5,
            Self::Robust | Self::Seasonal => 3.5,
        }
    }
}

/// How anomalies are looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnomalyOptions {
    /// What values are compared with. Default `z_score`.
    pub method: AnomalyMethod,
    /// Standard deviations from which a value stands out, above 0; `None`, the default, takes the
    /// method's: 2.5 for `z_score`, else 3.5.
    pub sensitivity: Option<f64>,
    /// Fewest values to compare with; nothing stands out among fewer. Default 10.
    pub min_data_points: usize,
    /// Days, the latest, of which anomalies are told; `None`, the default, tells all.
    pub lookback_days: Option<u32>,
}

impl Default for AnomalyOptions {
    fn default() -> Self {
        Self {
            method: AnomalyMethod::default(),
            sensitivity: None,
            min_data_points: 10,
            lookback_days: None,
        }
    }
}

impl AnomalyOptions {
    /// The sensitivity in force.
    pub fn sensitivity(&self) -> f64 {
        self.sensitivity.unwrap_or_else(|| self.method.default_sensitivity())
    }

    pub(super) fn checked(self) -> Result<Self> {
        match self.sensitivity.filter(|value| !(value.is_finite() && *value > 0.0)) {
            Some(value) => Err(Error::validation(
                "sensitivity",
                format!("not a number of standard deviations: {value}"),
                "give a number above 0, such as 2.5",
            )),
            None => Ok(self),
        }
    }
}
