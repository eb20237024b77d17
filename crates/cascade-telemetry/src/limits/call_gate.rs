use std::sync::Arc;

use cascade_core::ports::Clock;
use cascade_core::{Error, Result, Usd};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::{RateDecision, RateLimiter, RateLimiterConfig, RateLimits};

/// What a service allows all calls of it together; `None` is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallLimits {
    /// Calls in any minute.
    pub requests_per_minute: Option<u64>,
    /// Tokens in any minute.
    pub tokens_per_minute: Option<u64>,
    /// Calls under way at once.
    pub concurrency: Option<u32>,
}

/// Whether a call may begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallDecision {
    /// Whether it may.
    pub allowed: bool,
    /// Why not; `None` when it may.
    pub reason: Option<String>,
    /// Time until it may, if nothing else begins meanwhile, in milliseconds; `None` when it may now,
    /// when it has to wait for another call's end, and when it never may.
    pub retry_after_ms: Option<u64>,
}

/// Lets calls of one service begin as its limits allow, within sliding minutes.
#[derive(Debug)]
pub struct CallGate {
    limits: RateLimits,
    concurrency: Option<u32>,
    limiter: RateLimiter,
    /// Calls under way.
    open: Mutex<u32>,
}

/// All calls count together.
const ALL: &str = "";

impl CallGate {
    /// A gate that nothing has passed yet.
    ///
    /// # Errors
    /// A validation error on `concurrency` when it is zero, and those of the other limits.
    pub fn new(limits: CallLimits, clock: Arc<dyn Clock>) -> Result<Self> {
        if limits.concurrency == Some(0) {
            return Err(Error::validation(
                "concurrency",
                "no call may ever begin",
                "give 1 or more, or leave it out for no limit",
            ));
        }
        let rates = RateLimits {
            requests_per_minute: limits.requests_per_minute,
            tokens_per_minute: limits.tokens_per_minute,
            ..RateLimits::default()
        };
        rates.validate()?;
        Ok(Self {
            limits: rates,
            concurrency: limits.concurrency,
            limiter: RateLimiter::new(clock, RateLimiterConfig { max_users: 1 }),
            open: Mutex::default(),
        })
    }

    /// Whether a call of `tokens` may begin now. Counts nothing.
    pub fn check(&self, tokens: u64) -> CallDecision {
        let open = self.open.lock();
        self.full(*open)
            .unwrap_or_else(|| decision(self.limiter.check(ALL, &self.limits, Usd::ZERO, tokens)))
    }

    /// Counts a call of `tokens` when it may begin, in one step; [`Self::end`] tells of its end.
    pub fn start(&self, tokens: u64) -> CallDecision {
        let mut open = self.open.lock();
        if let Some(refused) = self.full(*open) {
            return refused;
        }
        let found = decision(self.limiter.acquire(ALL, &self.limits, Usd::ZERO, tokens));
        *open += u32::from(found.allowed);
        found
    }

    /// Tells that a call that began is over; without one it does nothing.
    pub fn end(&self) {
        let mut open = self.open.lock();
        *open = open.saturating_sub(1);
    }

    fn full(&self, open: u32) -> Option<CallDecision> {
        let most = self.concurrency.filter(|most| open >= *most)?;
        Some(CallDecision {
            allowed: false,
            reason: Some(format!("{most} calls are under way, as many as may be")),
            retry_after_ms: None,
        })
    }
}

fn decision(found: RateDecision) -> CallDecision {
    match found {
        RateDecision::Allowed => CallDecision { allowed: true, reason: None, retry_after_ms: None },
        RateDecision::Refused(refusal) => CallDecision {
            allowed: false,
            reason: Some(refusal.message),
            retry_after_ms: refusal.retry_after_ms,
        },
    }
}
