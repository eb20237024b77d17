//! The client vanishes, streaming or not.

use std::time::Duration;

use cascade_core::ports::Provider;
use cascade_testkit::http::{LoopbackServer, Script};
use futures_util::StreamExt;

use crate::support::{SOON, ask, openai_chunks, provider};

const A_SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_stream_dropped_is_cancelled_at_the_upstream() {
    let server = LoopbackServer::sequence([Script::sse(&openai_chunks(&["a", "b"])[..3]).hang()]);
    let mut stream = provider("openai", &server).stream(&ask("?")).await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert_eq!(server.counts().disconnects, 0);
    drop(stream);
    assert!(server.wait_for(A_SECOND, |counts| counts.disconnects == 1).await);
}

#[tokio::test]
async fn a_call_dropped_is_cancelled_at_the_upstream() {
    let waiting = Script::json(200, &serde_json::json!({})).delay_head(Duration::MAX);
    let server = LoopbackServer::sequence([waiting]);
    let provider = provider("openai", &server);
    let request = ask("?");
    let mut call = provider.complete(&request);
    tokio::select! {
        biased;
        _ = &mut call => panic!("nothing was answered"),
        arrived = server.wait_for(SOON, |counts| counts.requests == 1) => assert!(arrived),
    }
    drop(call);
    assert!(server.wait_for(A_SECOND, |counts| counts.disconnects == 1).await);
    assert_eq!(server.counts().requests, 1, "no task is left that tries again");
}

#[tokio::test]
async fn a_call_dropped_between_two_tries_makes_no_second_one() {
    let busy = Script::json(503, &serde_json::json!({})).header("retry-after", "1");
    let server = LoopbackServer::sequence([busy]);
    let provider = provider("openai", &server);
    let request = ask("?");
    let call = tokio::time::timeout(Duration::from_millis(300), provider.complete(&request)).await;
    assert!(call.is_err(), "it was waiting");
    assert!(!server.wait_for(Duration::from_millis(1500), |counts| counts.requests > 1).await);
}
