use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::Clock;
use cascade_testkit::FakeClock;
use futures_util::FutureExt;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_sleep_ends_when_the_clock_is_moved_far_enough() {
    let clock = FakeClock::new().with_epoch(SECOND * 100);
    let mut sleep = clock.sleep(SECOND * 3);
    assert!(sleep.as_mut().now_or_never().is_none());
    clock.advance(SECOND * 2);
    assert!(sleep.as_mut().now_or_never().is_none());
    clock.advance(SECOND);
    assert!(sleep.as_mut().now_or_never().is_some());
    assert_eq!(clock.monotonic(), SECOND * 3);
    assert_eq!(clock.since_epoch(), SECOND * 103);
    assert_eq!(clock.sleeps(), [SECOND * 3]);
}

#[tokio::test]
async fn moving_the_clock_wakes_the_sleeper() {
    let clock = FakeClock::new();
    let sleeper: Arc<dyn Clock> = Arc::new(clock.clone());
    let sleeping = async move { sleeper.sleep(SECOND).await };
    let moving = async {
        tokio::task::yield_now().await;
        clock.advance(SECOND);
    };
    tokio::join!(sleeping, moving);
}

#[test]
fn a_jumping_clock_never_waits() {
    let clock = FakeClock::jumping();
    assert!(clock.sleep(SECOND).now_or_never().is_some());
    assert!(clock.sleep(SECOND).now_or_never().is_some());
    assert_eq!(clock.monotonic(), SECOND * 2);
}
