use std::time::Duration;

use cascade_core::ports::Provider;
use cascade_core::{ChatRequest, ErrorKind, Message, ResponseDelta, Usage};
use cascade_testkit::{InstantProvider, ScriptedAnswer, ScriptedProvider};
use futures_util::{FutureExt, StreamExt};

fn ask(model: &str) -> ChatRequest {
    ChatRequest::new(model, vec![Message::user("?")])
}

fn complete(provider: &dyn Provider, model: &str) -> cascade_core::Result<String> {
    let request = ask(model);
    let answer = provider.complete(&request).now_or_never().unwrap();
    answer.map(|response| response.content)
}

#[test]
fn answers_come_from_queue_then_standing_then_function_then_fail() {
    let provider = ScriptedProvider::new("openai")
        .answer("a", "first")
        .answer("a", ScriptedAnswer::failure(ErrorKind::RateLimit, "later"))
        .always("a", "always");
    assert_eq!(complete(&provider, "a").unwrap(), "first");
    let error = complete(&provider, "a").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimit);
    assert_eq!((error.provider(), error.model()), (Some("openai"), Some("a")));
    assert_eq!(complete(&provider, "a").unwrap(), "always");
    assert_eq!(complete(&provider, "b").unwrap_err().kind(), ErrorKind::Internal);
    let provider = provider.otherwise(|request, before| {
        ScriptedAnswer::text(format!("{} after {before}", request.model))
    });
    assert_eq!(complete(&provider, "b").unwrap(), "b after 4");
    assert_eq!((provider.calls(), provider.calls_of("a")), (5, 3));
    assert_eq!(&*provider.requests()[3].model, "b");
}

#[test]
fn a_stream_gives_the_text_in_pieces_and_then_the_answer() {
    let answer =
        ScriptedAnswer::text("Grüße, Welt").with_piece_size(3).with_usage(Usage::new(1, 2));
    let provider = ScriptedProvider::new("x").always("a", answer);
    let deltas = |provider: &ScriptedProvider| {
        let request = ask("a");
        let stream = provider.stream(&request).now_or_never().unwrap().unwrap();
        stream.collect::<Vec<_>>().now_or_never().unwrap()
    };
    let heard = deltas(&provider);
    let text: String = heard
        .iter()
        .filter_map(|delta| match delta {
            Ok(ResponseDelta::Text(text)) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!((heard.len(), &*text), (5, "Grüße, Welt"));
    let Ok(ResponseDelta::Done(done)) = heard.last().unwrap() else { panic!("no end") };
    assert_eq!(done.usage, Some(Usage::new(1, 2)));

    let cut = ScriptedAnswer::text("Grüße, Welt")
        .cut_after(1, cascade_core::Error::new(ErrorKind::Connection, "cut"));
    provider.push("a", cut);
    let heard = deltas(&provider);
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[1].as_ref().unwrap_err().kind(), ErrorKind::Connection);
    assert_eq!((provider.streams(), provider.cancelled()), (2, 0));
}

#[tokio::test]
async fn what_is_dropped_before_its_end_counts_as_cancelled() {
    let provider = ScriptedProvider::new("x").always("a", ScriptedAnswer::hang());
    let request = ask("a");
    let waited = tokio::time::timeout(Duration::from_millis(20), provider.complete(&request)).await;
    assert!(waited.is_err());
    assert_eq!((provider.cancelled(), provider.running(), provider.most_running()), (1, 0, 1));
    provider.push("a", "two pieces");
    let mut stream = provider.stream(&request).await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert_eq!(provider.running(), 1);
    drop(stream);
    assert_eq!(provider.cancelled(), 2);
}

#[test]
fn an_instant_provider_answers_at_once() {
    let provider = InstantProvider::from_text("x", "one two three");
    assert_eq!(complete(&provider, "any").unwrap(), "one two three");
    assert_eq!(provider.name(), "x");
}
