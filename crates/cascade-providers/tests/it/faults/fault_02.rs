//! The first event of a stream is an error, on status 200.

use cascade_core::ErrorKind;
use cascade_core::ports::Provider;
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::json;

use crate::support::{ask, hear_all, openai_chunks, provider};

#[tokio::test]
async fn it_is_retried_unseen() {
    let overloaded = [
        ("openai", json!({"error": {"message": "try later", "type": "server_error", "code": 503}})),
        ("openrouter", json!({"error": {"message": "Provider returned error", "code": 502}})),
    ];
    for (name, event) in overloaded {
        let good = Script::sse(openai_chunks(&["Paris."]));
        let server = LoopbackServer::sequence([Script::sse([event.to_string()]), good]);
        let heard = hear_all(&provider(name, &server), &ask("?")).await;
        assert_eq!((&*heard.text, server.counts().requests), ("Paris.", 2), "{name}");
        assert!(heard.error.is_none());
    }
}

#[tokio::test]
async fn one_that_will_not_pass_comes_out_before_any_text() {
    let event = json!({"type": "error",
        "error": {"type": "invalid_request_error", "message": "max_tokens: too large"}});
    let script =
        Script::stream("text/event-stream").piece(format!("event: error\ndata: {event}\n\n"));
    let server = LoopbackServer::sequence([script]);
    let error = provider("anthropic", &server).stream(&ask("?")).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(server.counts().requests, 1);
}
