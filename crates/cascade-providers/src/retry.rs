//! The one owner of retries.

use std::time::Duration;

use cascade_core::{Error, Result};

use crate::deadline::Deadline;
use crate::http_config::RetryPolicy;
use crate::target::Target;

/// A failed try.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What went wrong.
    pub(crate) error: Error,
    /// What the provider itself says about trying again; `None` when it says nothing.
    pub(crate) provider_says: Option<bool>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, provider_says: None }
    }
}

impl Failure {
    fn may_be_retried(&self) -> bool {
        self.provider_says.unwrap_or_else(|| self.error.kind().is_temporary())
    }
}

/// Tries until success, a permanent failure, the last allowed attempt, an empty retry budget, an
/// open circuit breaker, or a wait that does not fit into the time left. Never sleeps in vain: a
/// wait that does not fit ends the call at once.
pub(crate) async fn retry<T, F>(
    policy: RetryPolicy,
    deadline: Deadline,
    target: &Target,
    mut attempt: impl FnMut() -> F,
) -> Result<T>
where
    F: Future<Output = std::result::Result<T, Failure>>,
{
    target.count_call();
    let mut tries = 0;
    let mut last = None;
    loop {
        let admission = match target.admit() {
            Ok(admission) => admission,
            // What opened the breaker says more than that it is open.
            Err(open) => return Err(last.unwrap_or(open)),
        };
        let failure = match attempt().await {
            Ok(value) => {
                admission.succeed();
                return Ok(value);
            }
            Err(failure) => failure,
        };
        admission.fail(&failure.error, deadline.is_over_by_caller());
        tries += 1;
        if tries >= policy.max_attempts || !failure.may_be_retried() {
            return Err(failure.error);
        }
        let Some(delay) = next_delay(policy, tries, failure.error.retry_after()) else {
            return Err(failure.error);
        };
        if delay >= deadline.remaining() || !target.take_retry() {
            return Err(failure.error);
        }
        tracing::debug!(
            provider = failure.error.provider(),
            model = failure.error.model(),
            kind = failure.error.kind().code(),
            tries,
            delay_ms = delay.as_millis(),
            "retrying"
        );
        last = Some(failure.error);
        tokio::time::sleep(delay).await;
    }
}

/// The wait before the next try: what the provider asks for plus up to a tenth, so that clients do
/// not return together; otherwise full jitter, a random time up to `base_delay · 2^(tries − 1)`.
/// `None` when the provider asks for more than the policy allows.
pub(crate) fn next_delay(
    policy: RetryPolicy,
    tries: u32,
    retry_after: Option<Duration>,
) -> Option<Duration> {
    if let Some(asked) = retry_after {
        return (asked <= policy.max_retry_after)
            .then(|| asked + asked.min(Duration::from_secs(1)).mul_f64(0.1 * fastrand::f64()));
    }
    let doubled = policy.base_delay.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)));
    Some(doubled.min(policy.max_delay).mul_f64(fastrand::f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_is_full_and_bounded() {
        let policy = RetryPolicy::default();
        for tries in 1..12 {
            let ceiling = (policy.base_delay * 2_u32.pow(tries - 1)).min(policy.max_delay);
            let delays: Vec<_> = (0..400).filter_map(|_| next_delay(policy, tries, None)).collect();
            assert!(delays.iter().all(|delay| *delay <= ceiling));
            assert!(delays.iter().any(|delay| *delay < ceiling / 4), "spread reaches down");
            assert!(delays.iter().any(|delay| *delay > ceiling / 4 * 3), "spread reaches up");
        }
    }

    #[test]
    fn a_provider_is_given_what_it_asks_for_up_to_the_limit() {
        let policy = RetryPolicy::default();
        let asked = Duration::from_secs(7);
        let delay = next_delay(policy, 1, Some(asked)).unwrap();
        assert!(delay >= asked && delay <= asked + Duration::from_millis(100));
        assert_eq!(next_delay(policy, 1, Some(Duration::from_secs(31))), None);
        assert_eq!(next_delay(policy, 1, Some(Duration::MAX)), None);
    }
}
