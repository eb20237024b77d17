use std::time::{Duration, Instant};

use cascade_core::ErrorKind;
use cascade_core::ports::Provider;
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::{Value, json};

use crate::support::{
    ask, fail, hear_all, openai_answer, openai_chunks, provider, provider_with, quick,
};

fn error(status: u16) -> Script {
    Script::json(status, &json!({"error": {"message": "later"}}))
}

fn paris() -> Script {
    Script::json(200, &openai_answer("Paris."))
}

#[tokio::test]
async fn temporary_failures_are_tried_again() {
    let page = Script::body(200, "text/html", "<html>");
    let cut = Script::body(200, "application/json", "{").header("content-length", "90").cut();
    for failure in [error(429), error(500), error(529), error(408), page, cut] {
        let server = LoopbackServer::sequence([failure.clone(), failure, paris()]);
        let response = provider("openai", &server).complete(&ask("?")).await.unwrap();
        assert_eq!(response.content, "Paris.");
        assert_eq!(server.counts().requests, 3);
    }
}

#[tokio::test]
async fn attempts_are_limited_and_the_last_error_comes_out() {
    let server = LoopbackServer::sequence([error(500), error(500), error(429), paris()]);
    let error = fail(&provider("openai", &server), &ask("?")).await;
    assert_eq!(error.kind(), ErrorKind::RateLimit);
    assert_eq!(server.counts().requests, 3);
}

#[tokio::test]
async fn permanent_failures_are_not_tried_again() {
    let quota = json!({"error": {"code": "insufficient_quota", "message": "used up"}});
    let quota = Script::json(429, &quota).header("x-should-retry", "true");
    let told = error(500).header("x-should-retry", "false");
    for failure in [error(400), error(401), error(403), error(404), quota, told] {
        let server = LoopbackServer::sequence([failure, paris()]);
        fail(&provider("openai", &server), &ask("?")).await;
        assert_eq!(server.counts().requests, 1);
    }
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept() {
    let asked = Duration::from_millis(150);
    let server = LoopbackServer::sequence([error(429).header("retry-after-ms", "150"), paris()]);
    let start = Instant::now();
    provider("openai", &server).complete(&ask("?")).await.unwrap();
    assert!(start.elapsed() >= asked, "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_wait_of_days_is_passed_on_at_once() {
    let server = LoopbackServer::sequence([error(429).header("retry-after", "259200"), paris()]);
    let start = Instant::now();
    let error = fail(&provider("openai", &server), &ask("?")).await;
    assert_eq!(error.retry_after(), Some(Duration::from_hours(72)));
    assert_eq!(server.counts().requests, 1);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_wait_beyond_the_time_left_is_passed_on_at_once() {
    let server = LoopbackServer::sequence([error(429).header("retry-after", "8"), paris()]);
    let mut request = ask("?");
    request.time_left = Some(Duration::from_secs(4));
    let start = Instant::now();
    let error = fail(&provider("openai", &server), &request).await;
    assert_eq!(error.kind(), ErrorKind::RateLimit);
    assert_eq!(server.counts().requests, 1);
    assert!(start.elapsed() < Duration::from_secs(3), "no sleep in vain");
}

#[tokio::test]
async fn the_time_left_ends_a_call_that_hangs() {
    let server = LoopbackServer::sequence([paris().delay_head(Duration::MAX)]);
    let mut request = ask("?");
    request.time_left = Some(Duration::from_millis(80));
    let error = fail(&provider("openai", &server), &request).await;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.provider(), Some("openai"));
    assert_eq!(server.counts().requests, 1, "nothing is tried when no time is left");
}

#[tokio::test]
async fn an_error_as_first_event_of_a_stream_is_tried_again_unseen() {
    let overloaded = json!({"type": "error", "error": {"type": "overloaded_error",
        "message": "Overloaded"}});
    let first: [(&str, Value); 2] = [
        ("openai", json!({"error": {"message": "overloaded", "code": 503}})),
        ("vllm", overloaded),
    ];
    for (name, error) in first {
        let server = LoopbackServer::sequence([
            Script::sse([error.to_string()]),
            Script::sse(openai_chunks(&["Paris."])),
        ]);
        let heard = hear_all(&provider(name, &server), &ask("?")).await;
        assert_eq!(heard.text, "Paris.");
        assert!(heard.error.is_none());
        assert_eq!(server.counts().requests, 2);
    }
    let event = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\
                 \"message\":\"Overloaded\"}}\n\n";
    let server = LoopbackServer::sequence([Script::stream("text/event-stream").piece(event)]);
    let error = provider("anthropic", &server).stream(&ask("?")).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    assert_eq!(server.counts().requests, 3);
}

#[tokio::test]
async fn a_first_event_that_is_a_permanent_error_is_not_tried_again() {
    let error = json!({"error": {"code": "insufficient_quota", "message": "used up"}});
    let server = LoopbackServer::sequence([Script::sse([error.to_string()])]);
    let error = provider("openai", &server).stream(&ask("?")).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Quota);
    assert_eq!(server.counts().requests, 1);
}

#[tokio::test]
async fn a_stream_that_never_begins_is_tried_again() {
    let server = LoopbackServer::sequence([
        Script::stream("text/event-stream").piece(": nothing\n\n").cut(),
        Script::stream("text/event-stream").piece(": nothing\n\n").hang(),
        // The end of the answer counts, not that of the connection.
        Script::sse(openai_chunks(&["Paris."])).hang(),
    ]);
    let mut config = quick();
    config.timeouts.first_token = Duration::from_secs(1);
    let heard = hear_all(&provider_with("openai", &server, config), &ask("?")).await;
    assert_eq!(heard.text, "Paris.");
    assert!(heard.done.is_some());
    assert_eq!(server.counts().requests, 3);
}
