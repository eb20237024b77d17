use cascade_core::{Error, Result, Usd};

/// Whom and what spending is for; `None` leaves the label out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageDimensions {
    /// The person.
    pub user_id: Option<String>,
    /// The person's tier.
    pub user_tier: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Its provider.
    pub provider: Option<String>,
    /// The domain of the question.
    pub domain: Option<String>,
}

/// What one call or run used, for calls that no agent makes.
#[derive(Debug, Clone, PartialEq)]
pub struct UsageRecord {
    /// Cost in USD.
    pub cost: Usd,
    /// Prompt tokens.
    pub input_tokens: u64,
    /// Completion tokens.
    pub output_tokens: u64,
    /// Duration in milliseconds; `None` when it is not known.
    pub latency_ms: Option<f64>,
    /// Whom and what for.
    pub dimensions: UsageDimensions,
}

/// Refuses what a counter cannot hold.
///
/// # Errors
/// A validation error about `cost`.
pub(super) fn check_cost(cost: Usd) -> Result<()> {
    if cost.is_negative() {
        return Err(Error::validation(
            "cost",
            format!("cost is negative: `{cost}`"),
            "give what was spent, in USD",
        ));
    }
    Ok(())
}

impl UsageRecord {
    /// Checks the numbers.
    ///
    /// # Errors
    /// A validation error about `cost` or `latency_ms`.
    pub(super) fn validate(&self) -> Result<()> {
        check_cost(self.cost)?;
        match self.latency_ms {
            Some(latency) if !(latency >= 0.0 && latency.is_finite()) => Err(Error::validation(
                "latency_ms",
                format!("latency_ms is no duration: `{latency}`"),
                "give milliseconds, zero or more",
            )),
            _ => Ok(()),
        }
    }
}
