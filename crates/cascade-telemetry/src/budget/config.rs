use cascade_core::{BudgetWindow, Error, Limit, Measure, Result, Usd};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Limits of one owner of budgets. `None` is no limit; a limit of zero leaves only what is free.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetConfig {
    /// USD an hour.
    #[serde(alias = "hourly_budget", skip_serializing_if = "Option::is_none")]
    pub hourly: Option<Usd>,
    /// USD a day.
    #[serde(alias = "daily_budget", skip_serializing_if = "Option::is_none")]
    pub daily: Option<Usd>,
    /// USD a week, from Monday to Sunday.
    #[serde(alias = "weekly_budget", skip_serializing_if = "Option::is_none")]
    pub weekly: Option<Usd>,
    /// USD a calendar month.
    #[serde(alias = "monthly_budget", skip_serializing_if = "Option::is_none")]
    pub monthly: Option<Usd>,
    /// USD altogether.
    #[serde(alias = "total_budget", alias = "lifetime", skip_serializing_if = "Option::is_none")]
    pub total: Option<Usd>,
    /// Requests a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u64>,
    /// Requests an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_hour: Option<u64>,
    /// Requests a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_day: Option<u64>,
    /// Tokens a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_minute: Option<u64>,
    /// Tokens an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_hour: Option<u64>,
    /// Tokens a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_day: Option<u64>,
    /// Tier of the person these limits are for, where a run names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
}

impl BudgetConfig {
    /// Whether anything is limited.
    pub fn has_any_limit(&self) -> bool {
        BudgetWindow::ALL.into_iter().any(|window| self.limit(window) != Limit::NONE)
    }

    /// The limits of one window.
    pub const fn limit(&self, window: BudgetWindow) -> Limit {
        let (cost, requests, tokens) = match window {
            BudgetWindow::Minute => (None, self.requests_per_minute, self.tokens_per_minute),
            BudgetWindow::Hour => (self.hourly, self.requests_per_hour, self.tokens_per_hour),
            BudgetWindow::Day => (self.daily, self.requests_per_day, self.tokens_per_day),
            BudgetWindow::Week => (self.weekly, None, None),
            BudgetWindow::Month => (self.monthly, None, None),
            BudgetWindow::Lifetime => (self.total, None, None),
        };
        Limit { cost, requests, tokens }
    }

    /// Checks the amounts; `field` is where the configuration stands, empty where it stands alone.
    ///
    /// # Errors
    /// A config error that names the field and the remedy when an amount is negative or the tier is
    /// empty.
    pub fn validate(&self, field: &str) -> Result<()> {
        let at = |name: &str| {
            if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") }
        };
        for window in BudgetWindow::ALL {
            let Some(cost) = self.limit(window).cost.filter(|cost| cost.is_negative()) else {
                continue;
            };
            let name = limit_name(window, Measure::Cost);
            return Err(Error::config(
                at(name),
                format!("a budget cannot be negative: `{cost}`"),
                "give an amount in USD from zero on, or leave it out for no limit",
            ));
        }
        if self.tier.as_deref().is_some_and(|tier| tier.trim().is_empty()) {
            return Err(Error::config(
                at("tier"),
                "the tier has no name",
                "name a tier, or leave it out",
            ));
        }
        Ok(())
    }
}

/// The field of [`BudgetConfig`] that limits a measure over a window.
pub(crate) const fn limit_name(window: BudgetWindow, measure: Measure) -> &'static str {
    match (measure, window) {
        (Measure::Cost, BudgetWindow::Minute) => "minutely",
        (Measure::Cost, BudgetWindow::Hour) => "hourly",
        (Measure::Cost, BudgetWindow::Day) => "daily",
        (Measure::Cost, BudgetWindow::Week) => "weekly",
        (Measure::Cost, BudgetWindow::Month) => "monthly",
        (Measure::Cost, BudgetWindow::Lifetime) => "total",
        (Measure::Requests, BudgetWindow::Minute) => "requests_per_minute",
        (Measure::Requests, BudgetWindow::Hour) => "requests_per_hour",
        (Measure::Requests, BudgetWindow::Day) => "requests_per_day",
        (Measure::Requests, BudgetWindow::Week) => "requests_per_week",
        (Measure::Requests, BudgetWindow::Month) => "requests_per_month",
        (Measure::Requests, BudgetWindow::Lifetime) => "requests_total",
        (Measure::Tokens, BudgetWindow::Minute) => "tokens_per_minute",
        (Measure::Tokens, BudgetWindow::Hour) => "tokens_per_hour",
        (Measure::Tokens, BudgetWindow::Day) => "tokens_per_day",
        (Measure::Tokens, BudgetWindow::Week) => "tokens_per_week",
        (Measure::Tokens, BudgetWindow::Month) => "tokens_per_month",
        (Measure::Tokens, BudgetWindow::Lifetime) => "tokens_total",
    }
}
