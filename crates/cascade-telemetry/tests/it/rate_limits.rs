use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use cascade_core::{BudgetScope, BudgetWindow, Error, ErrorKind, Usd};
use cascade_telemetry::{
    RateDecision, RateLimitTable, RateLimiter, RateLimiterConfig, RateLimits, RateMeasure,
    RateRefusal,
};
use cascade_testkit::FakeClock;
use proptest::prelude::*;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn limiter() -> (RateLimiter, FakeClock) {
    let clock = FakeClock::new();
    (RateLimiter::new(Arc::new(clock.clone()), RateLimiterConfig::default()), clock)
}

fn refusal(decision: RateDecision) -> RateRefusal {
    match decision {
        RateDecision::Refused(refusal) => refusal,
        RateDecision::Allowed => panic!("a refusal was expected"),
    }
}

#[test]
fn a_request_counts_for_exactly_the_length_of_the_window() {
    let (limiter, clock) = limiter();
    let limits = RateLimits { requests_per_hour: Some(2), ..RateLimits::default() };
    assert!(limiter.acquire("ann", &limits, Usd::ZERO, 0).is_allowed());
    clock.advance(Duration::from_mins(10));
    assert!(limiter.acquire("ann", &limits, Usd::ZERO, 0).is_allowed());
    let refused = refusal(limiter.acquire("ann", &limits, Usd::ZERO, 0));
    assert_eq!((refused.measure, refused.window), (RateMeasure::Requests, BudgetWindow::Hour));
    assert_eq!((refused.limit, refused.used), (usd("2"), usd("2")));
    assert_eq!(refused.retry_after_ms, Some(3_000_000));
    assert_eq!(refused.message, "hourly rate limit exceeded (2 req/hour), retry after 3000 s");
    assert!(limiter.acquire("bob", &limits, Usd::ZERO, 0).is_allowed(), "others go on");
    clock.advance(Duration::from_millis(2_999_999));
    assert!(!limiter.check("ann", &limits, Usd::ZERO, 0).is_allowed());
    clock.advance(Duration::from_millis(1));
    assert!(limiter.check("ann", &limits, Usd::ZERO, 0).is_allowed());
    assert_eq!(limiter.usage("ann").requests_last_hour, 1);
    assert_eq!(limiter.usage("ann").requests_last_day, 2);
}

#[test]
fn of_several_limits_the_one_that_holds_longest_answers() {
    let (limiter, _) = limiter();
    let limits = RateLimits {
        requests_per_minute: Some(1),
        requests_per_day: Some(1),
        ..RateLimits::default()
    };
    limiter.record("ann", &limits, Usd::ZERO, 0);
    let refused = refusal(limiter.check("ann", &limits, Usd::ZERO, 0));
    assert_eq!(refused.window, BudgetWindow::Day);
    let error = Error::from(refused);
    assert_eq!(error.kind(), ErrorKind::RateLimit);
    assert_eq!(error.retry_after(), Some(Duration::from_hours(24)));
}

#[test]
fn tokens_count_and_a_request_above_the_limit_never_fits() {
    let (limiter, clock) = limiter();
    let limits = RateLimits { tokens_per_minute: Some(1_000), ..RateLimits::default() };
    assert!(limiter.acquire("ann", &limits, Usd::ZERO, 700).is_allowed());
    let refused = refusal(limiter.acquire("ann", &limits, Usd::ZERO, 301));
    assert_eq!((refused.used, refused.retry_after_ms), (usd("700"), Some(60_000)));
    assert!(limiter.acquire("ann", &limits, Usd::ZERO, 300).is_allowed());
    let never = refusal(limiter.check("ann", &limits, Usd::ZERO, 1_001));
    assert_eq!(never.retry_after_ms, None);
    assert_eq!(Error::from(never).retry_after(), None);
    clock.advance(Duration::from_mins(1));
    assert!(limiter.acquire("ann", &limits, Usd::ZERO, 1_000).is_allowed());
}

#[test]
fn the_daily_budget_allows_what_is_left_and_begins_anew_after_24_hours() {
    let (limiter, clock) = limiter();
    let limits = RateLimits { daily_budget: Some(usd("0.10")), ..RateLimits::default() };
    assert!(limiter.acquire("ann", &limits, usd("0.05"), 0).is_allowed());
    assert!(limiter.check("ann", &limits, usd("0.05"), 0).is_allowed(), "equal is affordable");
    let refused = refusal(limiter.check("ann", &limits, usd("0.06"), 0));
    assert_eq!(refused.message, "daily budget exceeded ($0.1/day), remaining: $0.05");
    assert_eq!(Error::from(refused).kind(), ErrorKind::Budget);
    clock.advance(Duration::from_hours(24));
    assert!(limiter.check("ann", &limits, usd("0.10"), 0).is_allowed());
}

#[test]
fn a_burst_is_spread_over_time() {
    let (limiter, clock) = limiter();
    let limits =
        RateLimits { requests_per_minute: Some(60), burst: Some(3), ..RateLimits::default() };
    for _ in 0..3 {
        assert!(limiter.acquire("ann", &limits, Usd::ZERO, 0).is_allowed());
    }
    let refused = refusal(limiter.acquire("ann", &limits, Usd::ZERO, 0));
    assert_eq!((refused.measure, refused.retry_after_ms), (RateMeasure::Burst, Some(1_000)));
    clock.advance(Duration::from_millis(999));
    assert!(!limiter.check("ann", &limits, Usd::ZERO, 0).is_allowed());
    clock.advance(Duration::from_millis(1));
    assert!(limiter.acquire("ann", &limits, Usd::ZERO, 0).is_allowed());
    assert!(!limiter.check("ann", &limits, Usd::ZERO, 0).is_allowed());
}

#[test]
fn limits_that_can_only_be_mistakes_are_refused_by_name() {
    let negative = RateLimits { daily_budget: Some(usd("-1")), ..RateLimits::default() };
    assert_eq!(negative.validate().unwrap_err().field(), Some("daily_budget"));
    for burst in [0, 5] {
        let alone = RateLimits { burst: Some(burst), ..RateLimits::default() };
        assert_eq!(alone.validate().unwrap_err().field(), Some("burst"));
    }
}

#[test]
fn people_beyond_the_cap_push_out_those_who_count_nothing_and_then_the_oldest() {
    let clock = FakeClock::new();
    let limiter = RateLimiter::new(Arc::new(clock.clone()), RateLimiterConfig { max_users: 100 });
    let limits = RateLimits { requests_per_day: Some(5), ..RateLimits::default() };
    for user in 0..1_000 {
        clock.advance(Duration::from_secs(1));
        limiter.acquire(&format!("user {user}"), &limits, Usd::ZERO, 0);
        assert!(limiter.len() <= 100);
    }
    let knows = |user| limiter.usage(user).requests_last_day == 1;
    assert!(knows("user 999") && knows("user 920") && !knows("user 0"));
    let before = limiter.len();
    assert!(before > 90);
    assert_eq!(limiter.forget_idle(Duration::from_secs(10)), before - 10);
    limiter.reset("user 999");
    assert!(!knows("user 999") && knows("user 998"));
}

#[test]
fn the_table_looks_up_the_user_then_the_tier_then_the_default() {
    let per_day = |count| RateLimits { requests_per_day: Some(count), ..RateLimits::default() };
    let table = RateLimitTable {
        users: [("ann".to_owned(), per_day(1))].into(),
        tiers: [("pro".to_owned(), per_day(2))].into(),
        default: Some(per_day(3)),
    };
    let of = |user: Option<&str>, tier: Option<&str>| {
        let scope = BudgetScope {
            user_id: user.map(str::to_owned),
            tier: tier.map(str::to_owned),
            ..BudgetScope::default()
        };
        table.limits_of(&scope).unwrap().requests_per_day
    };
    assert_eq!(of(Some("ann"), Some("pro")), Some(1));
    assert_eq!(of(Some("bob"), Some("pro")), Some(2));
    assert_eq!(of(Some("bob"), Some("free")), Some(3));
    assert_eq!(of(None, None), Some(3));
}

proptest! {
    /// Beside a plain list of all requests: never more than the limit in any window, and never a
    /// refusal that the list does not explain, as long as there are few enough to keep one by one.
    #[test]
    fn the_window_decides_like_a_plain_list(
        limit in 1_u64..20,
        steps in prop::collection::vec(0_u64..20_000, 1..300),
    ) {
        let (limiter, clock) = limiter();
        let limits = RateLimits { requests_per_minute: Some(limit), ..RateLimits::default() };
        let mut list = VecDeque::new();
        let mut now = 0_u64;
        for step in steps {
            clock.advance(Duration::from_millis(step));
            now += step;
            while list.front().is_some_and(|at| at + 60_000 <= now) {
                list.pop_front();
            }
            let allowed = limiter.acquire("ann", &limits, Usd::ZERO, 0).is_allowed();
            prop_assert_eq!(allowed, (list.len() as u64) < limit);
            if allowed {
                list.push_back(now);
            }
        }
    }

    /// With many more requests than are kept one by one, no window ever holds more than the limit.
    #[test]
    fn merged_events_never_count_too_little(steps in prop::collection::vec(0_u64..300, 2_000)) {
        let (limiter, clock) = limiter();
        let limits = RateLimits { requests_per_minute: Some(700), ..RateLimits::default() };
        let mut list = VecDeque::new();
        let mut now = 0_u64;
        for step in steps {
            clock.advance(Duration::from_millis(step));
            now += step;
            while list.front().is_some_and(|at| at + 60_000 <= now) {
                list.pop_front();
            }
            if limiter.acquire("ann", &limits, Usd::ZERO, 0).is_allowed() {
                list.push_back(now);
            }
            prop_assert!(list.len() <= 700);
            prop_assert!(limiter.usage("ann").requests_last_minute >= list.len() as u64);
        }
        prop_assert!(list.len() > 300, "merging may not refuse most of what is allowed");
    }

    /// Waiting as long as a refusal says is enough.
    #[test]
    fn retry_after_is_enough(
        limit in 1_u64..10,
        steps in prop::collection::vec(0_u64..15_000, 1..60),
    ) {
        let (limiter, clock) = limiter();
        let limits = RateLimits {
            requests_per_minute: Some(limit),
            burst: Some(limit.div_ceil(2)),
            ..RateLimits::default()
        };
        for step in steps {
            clock.advance(Duration::from_millis(step));
            if let RateDecision::Refused(refused) = limiter.acquire("ann", &limits, Usd::ZERO, 0) {
                clock.advance(Duration::from_millis(refused.retry_after_ms.unwrap()));
                prop_assert!(limiter.acquire("ann", &limits, Usd::ZERO, 0).is_allowed());
            }
        }
    }
}
