//! How often and how much each person may ask, within sliding times.

mod call_gate;
mod hook;
mod limiter;
mod rates;
mod sliding_window;
mod token_bucket;
mod usage;

pub use call_gate::{CallDecision, CallGate, CallLimits};
pub use hook::{RateLimitHook, RateLimitTable};
pub use limiter::{RateLimiter, RateLimiterConfig};
pub use rates::{RateDecision, RateLimits, RateMeasure, RateRefusal};
pub use usage::RateUsage;
