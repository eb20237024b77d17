//! What the standard router does.

use cascade_core::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the standard router does, as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RouterConfig {
    /// Whether the domain of a query is detected; false by default. A detected domain is told in
    /// the plan and keeps drafts from models meant for other domains.
    pub domain_detection: bool,
    /// Confidence from which a detected domain counts, in [0, 1]; 0.3 by default. Below it the domain
    /// is `general`.
    pub domain_confidence_threshold: f64,
    /// Whether tools make exceptions: easy ones may cascade, demanding ones go direct; true by
    /// default.
    pub tool_complexity: bool,
}

impl Default for RouterConfig {
    fn default() -> Self {
        Self { domain_detection: false, domain_confidence_threshold: 0.3, tool_complexity: true }
    }
}

impl RouterConfig {
    /// Checks every field.
    ///
    /// # Errors
    /// A config error that names the field out of range.
    pub fn validate(&self) -> Result<()> {
        let threshold = self.domain_confidence_threshold;
        if (0.0..=1.0).contains(&threshold) {
            return Ok(());
        }
        Err(Error::config(
            "router.domain_confidence_threshold",
            format!("domain_confidence_threshold is out of range: `{threshold}`"),
            "give a number from 0 to 1",
        ))
    }
}
