//! A provider that says "usage limit reached" as a bad request.

use std::sync::Arc;

use cascade_core::{Agent, ErrorKind, ModelConfig, RunOptions};
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::json;

use crate::support::{ask, fail, openai_answer, provider};

fn used_up(message: &str) -> Script {
    let error = json!({"type": "invalid_request_error", "message": message});
    Script::json(400, &json!({"type": "error", "error": error}))
}

#[tokio::test]
async fn it_is_a_quota_and_not_tried_again() {
    for message in [
        "You have reached your specified API usage limits. You will regain access on 2026-12-01.",
        "usage limit reached",
        "Your credit balance is too low to access the Anthropic API.",
    ] {
        let server = LoopbackServer::sequence([used_up(message)]);
        let error = fail(&provider("anthropic", &server), &ask("?")).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Quota, Some(400)), "{message}");
        assert_eq!(server.counts().requests, 1);
    }
}

#[tokio::test]
async fn another_model_may_answer_instead() {
    let empty = LoopbackServer::sequence([used_up("usage limit reached")]);
    let full = LoopbackServer::sequence([Script::json(200, &openai_answer("Paris."))]);
    let cost = |text: &str| text.parse().unwrap();
    let agent = Agent::builder()
        .model(
            ModelConfig::new("strong", "anthropic").with_cost(cost("0.01")),
            Arc::new(provider("anthropic", &empty)),
        )
        .model(
            ModelConfig::new("spare", "openai").with_cost(cost("0.001")),
            Arc::new(provider("openai", &full)),
        )
        .cascade_enabled(false)
        .fallbacks(vec!["spare".to_owned()])
        .build()
        .unwrap();
    let result = agent.run("Capital of France?", RunOptions::default()).await.unwrap();
    assert_eq!(result.content, "Paris.");
    assert_eq!((empty.counts().requests, full.counts().requests), (1, 1));
    assert_eq!(result.attempts[0].error_kind, Some(ErrorKind::Quota));
}
