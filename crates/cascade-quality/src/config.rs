//! Thresholds of the judge.

use cascade_core::PerComplexity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a draft must reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QualityConfig {
    /// Confidence required at each complexity, in [0, 1].
    pub confidence_thresholds: PerComplexity<f64>,
    /// Characters required at each complexity.
    pub min_length_thresholds: PerComplexity<u32>,
}

impl QualityConfig {
    /// The thresholds of a cascade, the agent's default: .25/.40/.55/.70/.80.
    pub fn for_cascade() -> Self {
        Self {
            confidence_thresholds: PerComplexity::new(0.25, 0.40, 0.55, 0.70, 0.80),
            min_length_thresholds: PerComplexity::new(1, 8, 20, 40, 80),
        }
    }
}

impl Default for QualityConfig {
    fn default() -> Self {
        Self::for_cascade()
    }
}
