use cascade_core::{Error, ErrorKind, RunOptions, StreamEvent, StreamPhase, StreamPolicy, Usage};
use cascade_testkit::{ScriptedAnswer, ScriptedProvider};
use futures_util::StreamExt;
use proptest::prelude::*;

use crate::engine_support::{agent, events, kinds, without_first_chunk};

fn optimistic() -> RunOptions {
    RunOptions { stream_policy: Some(StreamPolicy::Optimistic), ..RunOptions::default() }
}

fn text_of(events: &[StreamEvent], wanted: StreamPhase) -> String {
    events
        .iter()
        .filter_map(|event| match event {
            StreamEvent::Chunk { text, phase, .. } if *phase == wanted => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn an_accepted_draft_streams_in_the_published_order() {
    let provider = ScriptedProvider::new("scripted").answer("small", "hello there, world");
    let events = events(&agent(&provider), "q?", RunOptions::default()).await;
    assert_eq!(
        kinds(&events),
        ["routing", "chunk", "chunk", "chunk", "draft_decision", "complete"]
    );
    assert_eq!(text_of(&events, StreamPhase::Draft), "hello there, world");
}

#[tokio::test]
async fn a_buffered_rejected_draft_is_never_shown() {
    let provider =
        ScriptedProvider::new("scripted").answer("small", "bad text").answer("big", "good");
    let events = events(&agent(&provider), "q?", RunOptions::default()).await;
    assert_eq!(kinds(&events), ["routing", "draft_decision", "switch", "chunk", "complete"]);
    let shown = serde_json::to_string(&events[..4]).unwrap();
    assert!(!shown.contains("bad text"), "{shown}");
}

#[tokio::test]
async fn an_optimistic_draft_is_shown_and_voided_by_a_switch() {
    let provider =
        ScriptedProvider::new("scripted").answer("small", "bad text").answer("big", "good");
    let events = events(&agent(&provider), "q?", optimistic()).await;
    assert_eq!(
        kinds(&events),
        ["routing", "chunk", "chunk", "draft_decision", "switch", "chunk", "complete"]
    );
    assert_eq!(text_of(&events, StreamPhase::Draft), "bad text");
    assert_eq!(text_of(&events, StreamPhase::Verifier), "good");
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_billed_and_switched() {
    let gone = Error::new(ErrorKind::Connection, "cut");
    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::text("a long draft that breaks").cut_after(2, gone))
        .answer("big", ScriptedAnswer::text("good").with_usage(Usage::new(1, 1)));
    let events = events(&agent(&provider), "q?", optimistic()).await;
    let StreamEvent::Complete { result } = events.last().unwrap() else { panic!() };
    assert_eq!(result.content, "good");
    assert!(result.attempts[0].usage.estimated);
    assert!(result.attempts[0].usage.output_tokens > 0, "what was received is billed");
    assert!(kinds(&events).contains(&"switch".to_owned()));
}

#[tokio::test]
async fn a_dropped_stream_cancels_the_call_and_a_slow_reader_holds_it() {
    let provider =
        ScriptedProvider::new("scripted").answer("big", ScriptedAnswer::text("0123456789abcdef"));
    let agent = agent(&provider);
    let options = RunOptions { force_direct: true, ..RunOptions::default() };
    let mut stream = agent.stream("q?", options);
    stream.next().await.unwrap().unwrap();
    stream.next().await.unwrap().unwrap();
    assert_eq!(provider.running(), 1);
    drop(stream);
    assert_eq!((provider.running(), provider.cancelled()), (0, 1));
}

#[tokio::test]
async fn an_error_ends_the_stream() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::failure(ErrorKind::Auth, "no"))
        .answer("big", ScriptedAnswer::failure(ErrorKind::Auth, "no"));
    let agent = agent(&provider);
    let ended: Vec<_> = agent.stream("q?", RunOptions::default()).collect().await;
    assert_eq!(ended.last().unwrap().as_ref().unwrap_err().kind(), ErrorKind::Auth);
    assert_eq!(ended.iter().filter(|event| event.is_err()).count(), 1);
}

fn scripted() -> impl Strategy<Value = ScriptedAnswer> {
    prop_oneof![
        "[a-z ]{1,60}".prop_map(ScriptedAnswer::text),
        "[a-z ]{0,30}bad[a-z ]{0,30}".prop_map(ScriptedAnswer::text),
        ("[a-z]{1,20}", 0_u64..5000, 0_u64..5000)
            .prop_map(|(t, i, o)| ScriptedAnswer::text(t).with_usage(Usage::new(i, o))),
        Just(ScriptedAnswer::failure(ErrorKind::Overloaded, "down")),
        Just(ScriptedAnswer::text("")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Streaming gives the decision, cost and result of a plain run on the same answers, under
    /// both policies and whatever the size of the pieces.
    #[test]
    fn streaming_equals_running(
        small in scripted(),
        big in scripted(),
        direct in any::<bool>(),
        optimistic in any::<bool>(),
        pieces in 1_usize..12,
    ) {
        let provider = || {
            ScriptedProvider::new("scripted")
                .answer("small", small.clone().with_piece_size(pieces))
                .answer("big", big.clone().with_piece_size(pieces))
        };
        let options = RunOptions {
            force_direct: direct,
            stream_policy: optimistic.then_some(StreamPolicy::Optimistic),
            ..RunOptions::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let plain = runtime.block_on(agent(&provider()).run("q?", options.clone()));
        let streamed: Vec<_> =
            runtime.block_on(agent(&provider()).stream("q?", options).collect());
        match (plain, streamed.last().unwrap()) {
            (Ok(plain), Ok(StreamEvent::Complete { result })) => {
                let mut result = (**result).clone();
                result.attempts = without_first_chunk(&result.attempts);
                prop_assert_eq!(&plain, &result);
                let spent: cascade_core::Usd = plain.attempts.iter().map(|a| a.cost).sum();
                prop_assert_eq!(plain.total_cost, spent);
                prop_assert_eq!(plain.draft_cost + plain.verifier_cost, plain.total_cost);
                prop_assert_eq!(plain.baseline_cost - plain.total_cost, plain.cost_saved);
                prop_assert!(!plain.content.trim().is_empty());
            }
            (Err(plain), Err(streamed)) => {
                prop_assert_eq!(plain.kind(), streamed.kind());
                prop_assert_eq!(plain.message(), streamed.message());
                prop_assert_eq!(plain.attempts(), without_first_chunk(streamed.attempts()));
            }
            (plain, streamed) => prop_assert!(false, "{plain:?} {streamed:?}"),
        }
    }
}
