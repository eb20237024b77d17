use std::time::Duration;

use cascade_core::ports::Provider;
use cascade_testkit::http::{LoopbackServer, Script};
use futures_util::StreamExt;

use crate::support::{SOON, ask, openai_answer, openai_chunks, provider};

#[tokio::test]
async fn dropping_a_plain_call_closes_its_connection() {
    let script = Script::json(200, &openai_answer("late")).delay_head(Duration::MAX);
    let server = LoopbackServer::sequence([script]);
    let provider = provider("openai", &server);
    let request = ask("?");
    let mut call = provider.complete(&request);
    tokio::select! {
        _ = &mut call => panic!("the server does not answer"),
        seen = server.wait_for(SOON, |counts| counts.requests == 1) => assert!(seen),
    }
    drop(call);
    assert!(server.wait_for(SOON, |counts| counts.disconnects == 1).await);
}

#[tokio::test]
async fn dropping_a_stream_closes_its_connection() {
    for name in ["openai", "anthropic", "ollama"] {
        let script = if name == "ollama" {
            Script::stream("application/x-ndjson")
                .piece("{\"message\":{\"content\":\"a\"},\"done\":false}\n")
        } else if name == "anthropic" {
            Script::sse([
                r#"{"type":"message_start","message":{"content":[]}}"#,
                r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a"}}"#,
            ])
        } else {
            Script::sse(&openai_chunks(&["a"])[..2])
        };
        let server = LoopbackServer::sequence([script.hang()]);
        let mut stream = provider(name, &server).stream(&ask("?")).await.unwrap();
        assert!(stream.next().await.unwrap().is_ok());
        assert_eq!(server.counts().disconnects, 0);
        drop(stream);
        assert!(server.wait_for(SOON, |counts| counts.disconnects == 1).await, "{name}");
    }
}

#[tokio::test]
async fn dropping_a_call_that_waits_for_its_next_try_sends_nothing_more() {
    let server = LoopbackServer::sequence([
        Script::body(429, "application/json", "{}").header("retry-after-ms", "1000"),
        Script::json(200, &openai_answer("late")),
    ]);
    let provider = provider("openai", &server);
    let request = ask("?");
    let mut call = provider.complete(&request);
    tokio::select! {
        _ = &mut call => panic!("the wait is not over"),
        seen = server.wait_for(SOON, |counts| counts.completed == 1) => assert!(seen),
    }
    drop(call);
    assert!(!server.wait_for(Duration::from_millis(1400), |counts| counts.requests > 1).await);
}
