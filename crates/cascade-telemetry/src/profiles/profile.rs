use std::collections::BTreeMap;

use cascade_core::{Error, Result, Usd};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::TierConfig;
use crate::limits::RateLimits;

/// What a person would rather have, where there is a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostSensitivity {
    /// The cheaper answer.
    Aggressive,
    /// Something between.
    #[default]
    Balanced,
    /// The better answer.
    QualityFirst,
}

/// A person: the tier, and what was agreed with them alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserProfile {
    /// The person's id.
    pub user_id: String,
    /// Their tier.
    pub tier: TierConfig,
    /// USD a day, instead of the tier's; `None` leaves the tier's.
    #[serde(default)]
    pub custom_daily_budget: Option<Usd>,
    /// Requests an hour, instead of the tier's; `None` leaves the tier's.
    #[serde(default)]
    pub custom_requests_per_hour: Option<u64>,
    /// Requests a day, instead of the tier's; `None` leaves the tier's.
    #[serde(default)]
    pub custom_requests_per_day: Option<u64>,
    /// Models they prefer, most preferred first; `None` means no preference.
    #[serde(default)]
    pub preferred_models: Option<Vec<String>>,
    /// What they would rather have.
    #[serde(default)]
    pub cost_sensitivity: CostSensitivity,
    /// Domains they mostly ask about; `None` means no preference.
    #[serde(default)]
    pub preferred_domains: Option<Vec<String>>,
    /// Models they prefer by domain; `None` means no preference.
    #[serde(default)]
    pub domain_models: Option<BTreeMap<String, Vec<String>>>,
    /// Whether harmful content is looked for.
    #[serde(default)]
    pub enable_content_moderation: bool,
    /// Whether personal data is looked for.
    #[serde(default)]
    pub enable_pii_detection: bool,
    /// Further data of the caller.
    #[serde(default)]
    pub metadata: Map<String, Value>,
}

impl UserProfile {
    /// A person of `tier`, with nothing agreed beyond it.
    pub fn new(user_id: impl Into<String>, tier: TierConfig) -> Self {
        Self {
            user_id: user_id.into(),
            tier,
            custom_daily_budget: None,
            custom_requests_per_hour: None,
            custom_requests_per_day: None,
            preferred_models: None,
            cost_sensitivity: CostSensitivity::default(),
            preferred_domains: None,
            domain_models: None,
            enable_content_moderation: false,
            enable_pii_detection: false,
            metadata: Map::new(),
        }
    }

    /// Checks the id, the tier, and the amounts agreed.
    ///
    /// # Errors
    /// A validation error that names the field.
    pub fn validate(&self) -> Result<()> {
        if self.user_id.is_empty() {
            return Err(Error::validation("user_id", "a user id is empty", "give the person's id"));
        }
        if let Some(amount) = self.custom_daily_budget.filter(|amount| amount.is_negative()) {
            return Err(Error::validation(
                "custom_daily_budget",
                format!("a budget is negative: `{amount}`"),
                "give USD, 0 or more, or leave it out for the tier's",
            ));
        }
        self.tier.validate()
    }

    /// USD a day; `None` without a limit.
    pub fn daily_budget(&self) -> Option<Usd> {
        self.custom_daily_budget.or(self.tier.daily_budget)
    }

    /// Requests an hour; `None` without a limit.
    pub fn requests_per_hour(&self) -> Option<u64> {
        self.custom_requests_per_hour.or(self.tier.requests_per_hour)
    }

    /// Requests a day; `None` without a limit.
    pub fn requests_per_day(&self) -> Option<u64> {
        self.custom_requests_per_day.or(self.tier.requests_per_day)
    }

    /// What a [`crate::RateLimiter`] holds them to.
    pub fn rate_limits(&self) -> RateLimits {
        RateLimits {
            requests_per_hour: self.requests_per_hour(),
            requests_per_day: self.requests_per_day(),
            tokens_per_minute: self.tier.tokens_per_minute,
            daily_budget: self.daily_budget(),
            ..RateLimits::default()
        }
    }
}
