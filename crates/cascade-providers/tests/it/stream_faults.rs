use std::time::{Duration, Instant};

use cascade_core::ErrorKind;
use cascade_core::ports::Provider;
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::json;

use crate::support::{
    Heard, ask, hear, hear_all, once, openai_chunks, provider, provider_with, quick,
};

/// The first `count` events of a stream of five pieces.
fn beginning(count: usize) -> Script {
    Script::sse(&openai_chunks(&["a", "b", "c", "d", "e"])[..count])
}

async fn hear_provider(server: &LoopbackServer) -> Heard {
    hear_all(&provider("openai", server), &ask("?")).await
}

#[tokio::test]
async fn a_stream_cut_after_three_pieces_gives_them_and_an_error() {
    for script in [beginning(4).cut(), beginning(4)] {
        let server = LoopbackServer::sequence([script]);
        let heard = hear_provider(&server).await;
        assert_eq!(heard.text, "abc");
        let error = heard.error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Connection);
        assert_eq!((error.provider(), error.model()), (Some("openai"), Some("small")));
        assert_eq!(server.counts().requests, 1, "what was shown is not asked for again");
    }
}

#[tokio::test]
async fn an_anthropic_stream_without_its_end_is_an_error() {
    let events = [
        json!({"type": "message_start", "message": {"id": "m", "content": []}}),
        json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "text_delta", "text": "Half"}}),
    ];
    let script = Script::sse(events.iter().map(ToString::to_string));
    let server = LoopbackServer::sequence([script]);
    let heard = hear_all(&provider("anthropic", &server), &ask("?")).await;
    assert_eq!(heard.text, "Half");
    assert_eq!(heard.error.unwrap().kind(), ErrorKind::Connection);
}

#[tokio::test]
async fn silence_in_the_middle_ends_by_the_time_between_chunks() {
    let server = LoopbackServer::sequence([beginning(3).hang()]);
    let mut config = quick();
    config.timeouts.between_chunks = Duration::from_secs(1);
    let start = Instant::now();
    let heard = hear_all(&provider_with("openai", &server, config), &ask("?")).await;
    assert_eq!(heard.text, "ab");
    let error = heard.error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("1000 ms"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10));
    let freed = server.wait_for(Duration::from_secs(5), |counts| counts.disconnects == 1).await;
    assert!(freed, "the connection is closed");
}

#[tokio::test]
async fn signs_of_life_keep_a_stream_alive() {
    let mut script = beginning(2);
    for _ in 0..8 {
        script = script.wait(Duration::from_millis(300)).piece(": ping\n\n");
    }
    for event in &openai_chunks(&["a", "b"])[2..] {
        script = script.piece(format!("data: {event}\n\n"));
    }
    let server = LoopbackServer::sequence([script]);
    let mut config = quick();
    config.timeouts.between_chunks = Duration::from_secs(2);
    let heard = hear_all(&provider_with("openai", &server, config), &ask("?")).await;
    assert_eq!(heard.text, "ab");
    assert!(heard.done.is_some());
}

#[tokio::test]
async fn silence_before_the_first_token_has_its_own_limit() {
    let server = LoopbackServer::sequence([beginning(1).hang()]);
    let mut config = once();
    config.timeouts.first_token = Duration::from_millis(80);
    config.timeouts.between_chunks = Duration::from_millis(20);
    let provider = provider_with("openai", &server, config);
    let error = provider.stream(&ask("?")).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("first token within 80 ms"), "{error}");
}

#[tokio::test]
async fn the_whole_call_has_a_limit_too() {
    let mut script = Script::stream("text/event-stream");
    for _ in 0..100 {
        let event = &openai_chunks(&["a"])[1];
        script = script.piece(format!("data: {event}\n\n")).wait(Duration::from_millis(20));
    }
    let server = LoopbackServer::sequence([script]);
    let mut request = ask("?");
    request.time_left = Some(Duration::from_secs(1));
    let stream = provider("openai", &server).stream(&request).await.unwrap();
    let heard = hear(stream).await;
    assert_eq!(heard.error.unwrap().kind(), ErrorKind::Timeout);
    assert!(!heard.text.is_empty());
}

#[tokio::test]
async fn an_error_in_the_middle_ends_the_stream() {
    let script = Script::sse([
        openai_chunks(&["Half"])[1].clone(),
        json!({"error": {"message": "worker died", "type": "server_error"}}).to_string(),
    ]);
    let server = LoopbackServer::sequence([script]);
    let heard = hear_provider(&server).await;
    assert_eq!(heard.text, "Half");
    assert_eq!(heard.error.unwrap().kind(), ErrorKind::Overloaded);
    assert_eq!(server.counts().requests, 1);
}

#[tokio::test]
async fn junk_in_the_middle_is_a_protocol_error() {
    let script = Script::sse([openai_chunks(&["Half"])[1].as_str(), "{not json", "[DONE]"]);
    let server = LoopbackServer::sequence([script]);
    let heard = hear_provider(&server).await;
    assert_eq!(heard.error.unwrap().kind(), ErrorKind::Protocol);
}

#[tokio::test]
async fn a_message_of_a_megabyte_passes_and_one_beyond_the_limit_does_not() {
    let long = "x".repeat(1 << 20);
    let server = LoopbackServer::sequence([Script::sse(openai_chunks(&[&long]))]);
    assert_eq!(hear_provider(&server).await.text.len(), 1 << 20);

    let mut config = once();
    config.limits.event = 100_000;
    let provider = provider_with("openai", &server, config);
    let error = match provider.stream(&ask("?")).await {
        Ok(stream) => hear(stream).await.error.unwrap(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.message().contains("100000 bytes"), "{error}");
}

#[tokio::test]
async fn an_end_without_its_mark_counts_when_the_answer_was_complete() {
    let chunks = openai_chunks(&["Paris."]);
    let server = LoopbackServer::sequence([Script::sse(&chunks[..chunks.len() - 1])]);
    let heard = hear_provider(&server).await;
    assert_eq!(heard.done.unwrap().content, "Paris.");
}

#[tokio::test]
async fn a_stream_without_end_is_bounded_in_bytes() {
    let mut config = once();
    config.limits.body = 10_000;
    let event = format!("data: {}\n\n", openai_chunks(&["aaaaaaaaaa"])[1]);
    let script =
        (0..200).fold(Script::stream("text/event-stream"), |script, _| script.piece(event.clone()));
    let server = LoopbackServer::sequence([script.hang()]);
    let stream = provider_with("openai", &server, config).stream(&ask("?")).await.unwrap();
    let heard = hear(stream).await;
    assert_eq!(heard.error.unwrap().kind(), ErrorKind::Protocol);
    assert!(heard.text.len() < 10_000);
}
