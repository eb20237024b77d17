//! What the engine's tests share.

use std::sync::Arc;

use cascade_core::ports::{BoxFuture, Judge, JudgeInput, RouteInput, Router};
use cascade_core::{
    Agent, AgentBuilder, Attempt, CheckOutcome, ModelConfig, Plan, Result, RunOptions, StreamEvent,
    Usd, Verdict,
};
use cascade_testkit::{FakeClock, ScriptedProvider};
use futures_util::StreamExt;

/// Accepts a draft exactly when it does not hold the word "bad"; its length is its score.
pub(crate) struct WordJudge;

impl Judge for WordJudge {
    fn judge<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<Verdict>> {
        Box::pin(async move {
            let content = &input.draft.content;
            let accepted = !content.contains("bad") && !content.is_empty();
            let score = (content.len() as f64 / 100.0).min(1.0);
            Ok(Verdict {
                accepted,
                score,
                confidence: score,
                threshold: input.threshold.unwrap_or(0.0),
                reason: if accepted { "fine" } else { "bad word" }.into(),
                checks: vec![if accepted {
                    CheckOutcome::pass("word")
                } else {
                    CheckOutcome::fail("word", "bad word")
                }],
            })
        })
    }
}

/// Plans always the same.
pub(crate) struct Fixed(pub(crate) Plan);

impl Router for Fixed {
    fn route<'a>(&'a self, _input: RouteInput<'a>) -> BoxFuture<'a, Result<Option<Plan>>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }
}

pub(crate) fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

pub(crate) fn model(name: &str, cost: &str) -> ModelConfig {
    ModelConfig::new(name, "scripted").with_cost(usd(cost))
}

/// Models `small` (0.001 USD per 1,000 tokens) and `big` (0.01) of one scripted provider.
pub(crate) fn builder(provider: &ScriptedProvider) -> AgentBuilder {
    Agent::builder()
        .model(model("small", "0.001"), Arc::new(provider.clone()))
        .model(model("big", "0.01"), Arc::new(provider.clone()))
        .judge(Arc::new(WordJudge))
        .clock(Arc::new(FakeClock::new()))
}

pub(crate) fn agent(provider: &ScriptedProvider) -> Agent {
    builder(provider).build().unwrap()
}

/// All events of a stream; panics on an error.
pub(crate) async fn events(agent: &Agent, query: &str, options: RunOptions) -> Vec<StreamEvent> {
    agent.stream(query, options).map(|event| event.unwrap()).collect().await
}

pub(crate) fn kinds(events: &[StreamEvent]) -> Vec<String> {
    events
        .iter()
        .map(|event| serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned())
        .collect()
}

/// Attempts without the time of their first piece, which only a stream has.
pub(crate) fn without_first_chunk(attempts: &[Attempt]) -> Vec<Attempt> {
    let without = |attempt: &Attempt| Attempt { first_chunk_ms: None, ..attempt.clone() };
    attempts.iter().map(without).collect()
}
