//! A connection of which the other side is gone without a word.

use std::time::{Duration, Instant};

use cascade_core::ErrorKind;
use cascade_core::ports::Provider;
use cascade_testkit::http::{LoopbackServer, Script};

use crate::support::{SOON, ask, hear_all, once, openai_answer, openai_chunks, provider_with};

#[tokio::test]
async fn silence_in_the_middle_ends_the_stream_and_frees_the_connection() {
    let server = LoopbackServer::sequence([Script::sse(&openai_chunks(&["Half"])[..2]).hang()]);
    let mut config = once();
    config.timeouts.between_chunks = Duration::from_millis(150);
    let start = Instant::now();
    let heard = hear_all(&provider_with("openai", &server, config), &ask("?")).await;
    assert_eq!(heard.text, "Half");
    let error = heard.error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(start.elapsed() < SOON);
    assert!(server.wait_for(SOON, |counts| counts.disconnects == 1).await, "the slot is freed");
}

#[tokio::test]
async fn silence_in_a_plain_answer_ends_it_too() {
    let body = openai_answer("Paris.").to_string();
    let script = Script::body(200, "application/json", &body.as_bytes()[..20])
        .header("content-length", &body.len().to_string())
        .hang();
    let server = LoopbackServer::sequence([script]);
    let mut config = once();
    config.timeouts.between_chunks = Duration::from_millis(150);
    let error = provider_with("openai", &server, config).complete(&ask("?")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(server.wait_for(SOON, |counts| counts.disconnects == 1).await, "the slot is freed");
}
