use std::sync::LazyLock;

use cascade_core::{Error, Result, Usd, nearest};
use serde::{Deserialize, Serialize};

/// What people of a tier may do. `None` means no limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierConfig {
    /// The tier's name.
    pub name: String,
    /// USD a day.
    #[serde(default)]
    pub daily_budget: Option<Usd>,
    /// USD a week.
    #[serde(default)]
    pub weekly_budget: Option<Usd>,
    /// USD a month.
    #[serde(default)]
    pub monthly_budget: Option<Usd>,
    /// Requests an hour.
    #[serde(default)]
    pub requests_per_hour: Option<u64>,
    /// Requests a day.
    #[serde(default)]
    pub requests_per_day: Option<u64>,
    /// Tokens a minute.
    #[serde(default)]
    pub tokens_per_minute: Option<u64>,
    /// Whether answers may be streamed.
    #[serde(default = "yes")]
    pub enable_streaming: bool,
    /// Whether batches may be run.
    #[serde(default)]
    pub enable_batch: bool,
    /// Whether embeddings may be made.
    #[serde(default)]
    pub enable_embeddings: bool,
    /// The least quality of an answer, in [0, 1].
    #[serde(default = "min_quality")]
    pub min_quality: f64,
    /// The quality aimed at, in [0, 1].
    #[serde(default = "target_quality")]
    pub target_quality: f64,
    /// The only models allowed; `None` allows all.
    #[serde(default)]
    pub allowed_models: Option<Vec<String>>,
    /// Models not allowed, even where [`Self::allowed_models`] names them; `None` forbids none.
    #[serde(default)]
    pub blocked_models: Option<Vec<String>>,
    /// How fast a human answers questions: a word for the caller's own use.
    #[serde(default = "community")]
    pub support_priority: String,
}

const fn yes() -> bool {
    true
}

const fn min_quality() -> f64 {
    0.6
}

const fn target_quality() -> f64 {
    0.8
}

fn community() -> String {
    "community".to_owned()
}

impl TierConfig {
    /// The tiers that come with the crate, smallest first.
    pub fn presets() -> &'static [Self] {
        static PRESETS: LazyLock<Vec<TierConfig>> = LazyLock::new(|| {
            serde_json::from_str(include_str!("../../data/tiers.json")).unwrap_or_default()
        });
        &PRESETS
    }

    /// The preset called `name`.
    ///
    /// # Errors
    /// A validation error that lists the presets.
    pub fn preset(name: &str) -> Result<&'static Self> {
        let found = Self::presets().iter().find(|tier| tier.name == name);
        found.ok_or_else(|| {
            let names = || Self::presets().iter().map(|tier| tier.name.as_str());
            let hint = match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("give one of: {}", names().collect::<Vec<_>>().join(", ")),
            };
            Error::validation("tier", format!("unknown tier: `{name}`"), hint)
        })
    }

    /// Checks every amount and share.
    ///
    /// # Errors
    /// A validation error that names the field.
    pub fn validate(&self) -> Result<()> {
        let budgets = [
            ("daily_budget", self.daily_budget),
            ("weekly_budget", self.weekly_budget),
            ("monthly_budget", self.monthly_budget),
        ];
        for (field, budget) in budgets {
            if let Some(amount) = budget.filter(|amount| amount.is_negative()) {
                return Err(Error::validation(
                    field,
                    format!("a budget is negative: `{amount}`"),
                    "give USD, 0 or more, or leave it out for no limit",
                ));
            }
        }
        for (field, share) in
            [("min_quality", self.min_quality), ("target_quality", self.target_quality)]
        {
            if !(0.0..=1.0).contains(&share) {
                return Err(Error::validation(
                    field,
                    format!("a quality is out of range: `{share}`"),
                    "give a number from 0 to 1",
                ));
            }
        }
        Ok(())
    }

    /// Whether people of the tier may use `model`.
    pub fn allows_model(&self, model: &str) -> bool {
        let names = |list: &Option<Vec<String>>| {
            list.as_ref().map(|list| list.iter().any(|name| name == model))
        };
        !names(&self.blocked_models).unwrap_or(false) && names(&self.allowed_models).unwrap_or(true)
    }
}
