//! The upstream dies after three chunks.

use std::sync::Arc;

use cascade_core::{Agent, AttemptOutcome, ErrorKind, ModelConfig, ResponseDelta, RunOptions};
use cascade_providers::wire::AnswerFrame;
use cascade_providers::wire::anthropic::{MessageEventEncoder, MessageStreamEvent};
use cascade_providers::wire::openai::ChunkEncoder;
use cascade_testkit::http::{LoopbackServer, Script};
use futures_util::StreamExt;

use crate::support::{ask, hear, openai_chunks, provider};

fn dying() -> LoopbackServer {
    // The first chunk only says who speaks.
    LoopbackServer::sequence([Script::sse(&openai_chunks(&["One ", "two ", "three"])[..4]).cut()])
}

#[tokio::test]
async fn what_came_is_given_and_then_an_error() {
    let server = dying();
    let provider = provider("openai", &server);
    let heard =
        hear(cascade_core::ports::Provider::stream(&provider, &ask("Count.")).await.unwrap()).await;
    assert_eq!(heard.text, "One two three");
    assert_eq!(heard.error.unwrap().kind(), ErrorKind::Connection);
    assert!(heard.done.is_none());
    assert_eq!(server.counts().requests, 1, "what was shown is not asked for again");
}

#[tokio::test]
async fn a_client_of_either_dialect_sees_closed_blocks_and_an_error() {
    let server = dying();
    let provider = provider("openai", &server);
    let mut stream =
        cascade_core::ports::Provider::stream(&provider, &ask("Count.")).await.unwrap();
    let frame = AnswerFrame { id: "msg_1".into(), model: "m".into(), created: 1 };
    let mut anthropic = MessageEventEncoder::new(frame.clone(), 5);
    let mut openai = ChunkEncoder::new(frame, true);
    let (mut events, mut chunks) = (Vec::new(), Vec::new());
    let mut failure = None;
    while let Some(next) = stream.next().await {
        match next {
            Ok(delta) => {
                events.extend(anthropic.push(&delta));
                chunks.extend(openai.push(&delta));
            }
            Err(error) => {
                events.extend(anthropic.fail(&error));
                failure = Some(ChunkEncoder::fail(&error));
            }
        }
    }
    let starts =
        events.iter().filter(|e| matches!(e, MessageStreamEvent::ContentBlockStart { .. }));
    let stops = events.iter().filter(|e| matches!(e, MessageStreamEvent::ContentBlockStop { .. }));
    assert_eq!((starts.count(), stops.count()), (1, 1));
    assert!(matches!(events.first(), Some(MessageStreamEvent::MessageStart { .. })));
    assert!(matches!(events.last(), Some(MessageStreamEvent::Error { .. })));
    assert!(!events.contains(&MessageStreamEvent::MessageStop), "it did not end well");
    assert_eq!(chunks.len(), 4);
    let failure = failure.unwrap();
    assert!(failure.starts_with("data: {\"error\":") && failure.ends_with("\n\n"), "{failure}");
}

#[tokio::test]
async fn the_part_that_came_is_billed() {
    let server = dying();
    let mut model = ModelConfig::new("small", "openai").with_cost("0.5".parse().unwrap());
    model.max_tokens = Some(100);
    let agent =
        Agent::builder().model(model, Arc::new(provider("openai", &server))).build().unwrap();
    let mut stream = agent.stream("Count.", RunOptions::default());
    let mut error = None;
    while let Some(next) = stream.next().await {
        error = next.err().or(error);
    }
    let error = error.unwrap();
    let [attempt] = error.attempts() else { panic!("one attempt, not {:?}", error.attempts()) };
    assert_eq!(attempt.outcome, AttemptOutcome::Failed);
    assert!(attempt.usage.estimated && attempt.usage.output_tokens > 0, "{:?}", attempt.usage);
    assert!(attempt.cost > "0".parse().unwrap());
}

#[test]
fn a_call_that_is_cut_is_closed_too() {
    let frame = AnswerFrame { id: "msg_1".into(), model: "m".into(), created: 1 };
    let mut encoder = MessageEventEncoder::new(frame, 5);
    let delta = ResponseDelta::ToolCall(cascade_core::ToolCallDelta {
        index: 0,
        id: Some("call_1".into()),
        name: Some("weather".into()),
        arguments: "{\"ci".into(),
    });
    encoder.push(&delta);
    let error = cascade_core::Error::new(ErrorKind::Connection, "broke");
    let events = encoder.fail(&error);
    assert!(matches!(
        events.as_slice(),
        [MessageStreamEvent::ContentBlockStop { index: 0 }, MessageStreamEvent::Error { .. }]
    ));
}
