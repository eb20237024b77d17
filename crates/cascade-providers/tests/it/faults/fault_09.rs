//! Usage that is missing, late, or told twice.

use std::sync::Arc;

use cascade_core::{Agent, ModelConfig, RunOptions, Usage};
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::{Value, json};

use crate::support::{ask, hear_all, openai_answer, provider};

fn text() -> String {
    json!({"choices": [{"index": 0, "delta": {"content": "four words of text"}}]}).to_string()
}

fn end() -> String {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}).to_string()
}

fn usage(output: u64) -> String {
    json!({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": output}}).to_string()
}

#[tokio::test]
async fn what_is_told_last_counts_and_once() {
    let done = || "[DONE]".to_owned();
    for (events, expected) in [
        (vec![text(), end(), done()], None),
        (vec![text(), end(), usage(4), done()], Some(Usage::new(5, 4))),
        (vec![usage(1), text(), usage(4), end(), usage(4), done()], Some(Usage::new(5, 4))),
        (vec![text(), usage(4), end()], Some(Usage::new(5, 4))),
    ] {
        let server = LoopbackServer::sequence([Script::sse(events)]);
        let heard = hear_all(&provider("openai", &server), &ask("?")).await;
        assert_eq!(heard.done.unwrap().usage, expected);
    }
}

#[tokio::test]
async fn anthropic_counts_are_cumulative() {
    let start = json!({"type": "message_start", "message": {"id": "m", "content": [],
        "usage": {"input_tokens": 7, "output_tokens": 1}}});
    let delta = |tokens: u64| {
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": tokens}})
    };
    let stop = json!({"type": "message_stop"});
    let events = [start, delta(3), delta(9), stop].map(|event: Value| event.to_string());
    let server = LoopbackServer::sequence([Script::sse(events)]);
    let heard = hear_all(&provider("anthropic", &server), &ask("?")).await;
    assert_eq!(heard.done.unwrap().usage, Some(Usage::new(7, 9)));
}

#[tokio::test]
async fn what_is_missing_is_estimated_and_flagged() {
    let mut answer = openai_answer("Four words of text.");
    answer.as_object_mut().unwrap().remove("usage");
    let server = LoopbackServer::sequence([Script::json(200, &answer)]);
    let model = ModelConfig::new("small", "openai").with_cost("0.5".parse().unwrap());
    let agent =
        Agent::builder().model(model, Arc::new(provider("openai", &server))).build().unwrap();
    let result = agent.run("How many words?", RunOptions::default()).await.unwrap();
    let [attempt] = result.attempts.as_slice() else { panic!("one attempt") };
    assert!(attempt.usage.estimated);
    assert!(attempt.usage.input_tokens > 0 && attempt.usage.output_tokens > 0);
}
