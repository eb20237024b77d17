//! A rate limit that asks to wait for days.

use std::time::{Duration, Instant};

use cascade_core::ErrorKind;
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::json;

use crate::support::{SOON, ask, fail, openai_answer, provider};

#[tokio::test]
async fn nobody_sleeps_and_the_wait_is_passed_on() {
    let days = Duration::from_hours(72);
    for (name, value) in [("retry-after", "259200"), ("retry-after-ms", "259200000")] {
        let script = Script::json(429, &json!({"error": {"message": "slow down"}}))
            .header(name, value)
            .header("x-request-id", "req_9");
        let server = LoopbackServer::sequence([script, Script::json(200, &openai_answer("late"))]);
        let start = Instant::now();
        let error = fail(&provider("openai", &server), &ask("?")).await;
        assert!(start.elapsed() < SOON);
        assert_eq!(error.kind(), ErrorKind::RateLimit);
        assert_eq!(error.retry_after(), Some(days));
        assert_eq!((error.status(), error.request_id()), (Some(429), Some("req_9")));
        assert_eq!(server.counts().requests, 1);
    }
}

#[tokio::test]
async fn a_date_in_the_far_future_is_such_a_wait_too() {
    let script = Script::json(503, &json!({}))
        .header("date", "Sat, 21 Nov 2026 10:00:00 GMT")
        .header("retry-after", "Tue, 24 Nov 2026 10:00:00 GMT");
    let server = LoopbackServer::sequence([script]);
    let error = fail(&provider("openai", &server), &ask("?")).await;
    assert_eq!(error.retry_after(), Some(Duration::from_hours(72)));
    assert_eq!(server.counts().requests, 1);
}
