//! How often and how much each person may ask.

use cascadeflow::telemetry::{RateDecision, RateLimiter, RateLimiterConfig, RateLimits};
use cascadeflow::{Error, Result, Usd};
use napi_derive::napi;

use super::text::{amount, count, read, span, write};
use crate::clock::{NativeClock, clock_of};
use crate::error::to_js;

/// Counts what each person used, and holds them to their limits. Limits are the JSON text of the
/// fields `requests_per_hour`, `requests_per_day`, `tokens_per_minute`, `daily_budget` and the like.
#[napi]
pub struct NativeRateLimiter {
    limiter: RateLimiter,
}

/// What a request is held to and counts as.
fn request(limits: &str, cost: f64, tokens: f64) -> Result<(RateLimits, Usd, u64)> {
    let limits: RateLimits = read("limits", limits)?;
    limits.validate()?;
    let cost = amount("cost", cost)?;
    if cost.is_negative() {
        let message = format!("a cost cannot be negative: `{cost}`");
        return Err(Error::validation("cost", message, "give USD from zero on"));
    }
    Ok((limits, cost, count("tokens", tokens)?))
}

#[napi]
impl NativeRateLimiter {
    /// Remembers at most so many people.
    #[napi(constructor)]
    pub fn new(max_users: u32, clock: Option<&NativeClock>) -> Self {
        let config = RateLimiterConfig { max_users: max_users as usize };
        Self { limiter: RateLimiter::new(clock_of(clock), config) }
    }

    /// What refuses a request, as JSON text; null when it may be made. Counts nothing, or, with
    /// `acquire`, counts it when it may be made.
    #[napi]
    pub fn check(
        &self,
        user_id: String,
        limits: String,
        cost: f64,
        tokens: f64,
        acquire: bool,
    ) -> napi::Result<Option<String>> {
        let ask = || {
            let (limits, cost, tokens) = request(&limits, cost, tokens)?;
            let decision = if acquire {
                self.limiter.acquire(&user_id, &limits, cost, tokens)
            } else {
                self.limiter.check(&user_id, &limits, cost, tokens)
            };
            match decision {
                RateDecision::Allowed => Ok(None),
                RateDecision::Refused(refusal) => write(&refusal).map(Some),
            }
        };
        ask().map_err(to_js)
    }

    /// Counts a request, whether or not it may be made.
    #[napi]
    pub fn record(
        &self,
        user_id: String,
        limits: String,
        cost: f64,
        tokens: f64,
    ) -> napi::Result<()> {
        let (limits, cost, tokens) = request(&limits, cost, tokens).map_err(to_js)?;
        self.limiter.record(&user_id, &limits, cost, tokens);
        Ok(())
    }

    /// What `user_id` used, as JSON text.
    #[napi]
    pub fn usage(&self, user_id: String) -> napi::Result<String> {
        write(&self.limiter.usage(&user_id)).map_err(to_js)
    }

    /// Forgets what `user_id` used.
    #[napi]
    pub fn reset(&self, user_id: String) {
        self.limiter.reset(&user_id);
    }

    /// Forgets everybody.
    #[napi]
    pub fn clear(&self) {
        self.limiter.clear();
    }

    /// Forgets those who asked for nothing for so many milliseconds; how many they were.
    #[napi]
    pub fn forget_idle(&self, milliseconds: f64) -> napi::Result<u32> {
        let idle = span("milliseconds", milliseconds).map_err(to_js)?;
        Ok(u32::try_from(self.limiter.forget_idle(idle)).unwrap_or(u32::MAX))
    }

    /// How many people are remembered.
    #[napi]
    pub fn size(&self) -> u32 {
        u32::try_from(self.limiter.len()).unwrap_or(u32::MAX)
    }
}
