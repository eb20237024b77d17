//! Settings of the HTTP calls.

use std::time::Duration;

use http::HeaderMap;

/// How long each phase of a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection stands. Default 10 s.
    pub connect: Duration,
    /// From sending until the first piece of a streamed answer. Default 180 s: reasoning models
    /// think before they speak.
    pub first_token: Duration,
    /// Between two pieces of an answer; signs of life count. Default 120 s.
    pub between_chunks: Duration,
    /// For the whole call, retries included. Default 600 s; a request's own time left is shorter
    /// wherever it is given and shorter.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_token: Duration::from_mins(3),
            between_chunks: Duration::from_mins(2),
            total: Duration::from_mins(10),
        }
    }
}

/// When and how often a temporary failure is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Calls in all, the first included. Default 3; 1 never retries.
    pub max_attempts: u32,
    /// Upper end of the first random wait; it doubles with each further one. Default 500 ms.
    pub base_delay: Duration,
    /// Limit of that upper end. Default 8 s.
    pub max_delay: Duration,
    /// Longest wait that a provider may ask for; a longer one ends the call at once. Default 30 s.
    pub max_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(8),
            max_retry_after: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// Never tries again.
    pub const fn never() -> Self {
        Self {
            max_attempts: 1,
            base_delay: Duration::ZERO,
            max_delay: Duration::ZERO,
            max_retry_after: Duration::ZERO,
        }
    }
}

/// Most bytes accepted from a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimits {
    /// Of an answer, plain or streamed, after decompression. Default 64 MiB.
    pub body: usize,
    /// Of one message of a stream. Default 16 MiB.
    pub event: usize,
}

impl Default for SizeLimits {
    fn default() -> Self {
        Self { body: 64 << 20, event: 16 << 20 }
    }
}

/// Settings of the HTTP calls of one or all providers.
#[derive(Debug, Clone, Default)]
pub struct HttpConfig {
    /// How long each phase may take.
    pub timeouts: Timeouts,
    /// When to try again.
    pub retry: RetryPolicy,
    /// How much is accepted.
    pub limits: SizeLimits,
    /// Further headers of every request; they replace the provider's own of the same name.
    pub headers: HeaderMap,
}
