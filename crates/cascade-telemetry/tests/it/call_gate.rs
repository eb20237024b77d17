use std::sync::Arc;
use std::time::Duration;

use cascade_telemetry::{CallGate, CallLimits};
use cascade_testkit::FakeClock;

fn gate(limits: CallLimits) -> (CallGate, FakeClock) {
    let clock = FakeClock::new();
    (CallGate::new(limits, Arc::new(clock.clone())).unwrap(), clock)
}

#[test]
fn only_so_many_calls_are_under_way_at_once() {
    let (gate, _) = gate(CallLimits { concurrency: Some(2), ..CallLimits::default() });
    assert!(gate.start(0).allowed && gate.start(0).allowed);
    let refused = gate.start(0);
    assert!(!refused.allowed && !gate.check(0).allowed);
    assert_eq!(refused.reason.as_deref(), Some("2 calls are under way, as many as may be"));
    assert_eq!(refused.retry_after_ms, None);
    gate.end();
    assert!(gate.check(0).allowed && gate.start(0).allowed && !gate.start(0).allowed);
    for _ in 0..5 {
        gate.end();
    }
    assert!(gate.start(0).allowed && gate.start(0).allowed && !gate.start(0).allowed);
}

#[test]
fn calls_and_tokens_count_for_a_minute() {
    let limits = CallLimits {
        requests_per_minute: Some(2),
        tokens_per_minute: Some(100),
        concurrency: None,
    };
    let (gate, clock) = gate(limits);
    assert!(gate.start(60).allowed);
    clock.advance(Duration::from_secs(20));
    let refused = gate.start(50);
    assert_eq!((refused.allowed, refused.retry_after_ms), (false, Some(40_000)));
    assert!(gate.start(40).allowed, "what was refused counts for nothing");
    let refused = gate.check(0);
    assert_eq!((refused.allowed, refused.retry_after_ms), (false, Some(40_000)));
    assert!(refused.reason.is_some());
    assert_eq!(gate.check(101).retry_after_ms, None, "it alone needs more than the limit");
    clock.advance(Duration::from_secs(40));
    assert!(gate.start(60).allowed);
}

#[test]
fn a_gate_without_limits_lets_everything_through() {
    let (gate, _) = gate(CallLimits::default());
    assert!((0..1_000).all(|_| gate.start(1_000_000).allowed));
}

#[test]
fn a_concurrency_of_zero_is_refused() {
    let limits = CallLimits { concurrency: Some(0), ..CallLimits::default() };
    let error = CallGate::new(limits, Arc::new(FakeClock::new())).unwrap_err();
    assert_eq!(error.field(), Some("concurrency"));
}
