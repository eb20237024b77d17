//! Conversations that grow beyond what was set aside for them.

use std::sync::Arc;

use cascade_core::ports::{BoxFuture, ToolHandler};
use cascade_core::{
    Agent, ErrorKind, Result, RunOptions, Tool, ToolCall, ToolOutput, TraceStage, Usage,
};
use cascade_testkit::{ScriptedAnswer, ScriptedProvider};

use crate::engine_ports_support::Ledger;
use crate::engine_support::{builder, usd};

/// A tool whose answer is long.
struct Reader(usize);

impl ToolHandler for Reader {
    fn call<'a>(&'a self, _call: &'a ToolCall) -> BoxFuture<'a, Result<ToolOutput>> {
        let content = "0123456789".repeat(self.0 / 10);
        Box::pin(std::future::ready(Ok(ToolOutput { content, is_error: false })))
    }
}

/// A model that is given more tokens with every round, each of them counted.
fn provider(rounds: usize) -> ScriptedProvider {
    ScriptedProvider::new("scripted").otherwise(move |request, _| {
        let read = request.messages.iter().map(|message| message.text().len()).sum::<usize>();
        let results = request.messages.len() / 2;
        let tokens = 20 + (read + results * 50_000) as u64;
        let answer = if results < rounds {
            ScriptedAnswer::tool_calls([("read", "{}")])
        } else {
            ScriptedAnswer::text("done")
        };
        answer.with_usage(Usage::new(tokens, 50))
    })
}

fn agent(provider: &ScriptedProvider, budget: &str) -> (Agent, Arc<Ledger>) {
    let ledger = Ledger::with(usd(budget));
    let agent = builder(provider)
        .tool_handler(Arc::new(Reader(50_000)))
        .ledger(ledger.clone())
        .build()
        .unwrap();
    (agent, ledger)
}

fn options() -> RunOptions {
    let tool = Tool::new("read", "Reads a page", serde_json::json!({"type": "object"}));
    RunOptions {
        tools: Arc::from([tool]),
        force_direct: true,
        max_tokens: Some(100),
        max_steps: Some(2),
        ..RunOptions::default()
    }
}

#[tokio::test]
async fn what_tools_answer_is_paid_for_before_it_is_sent() {
    let provider = provider(2);
    let (agent, ledger) = agent(&provider, "10");
    let result = agent.run("q?", options()).await.unwrap();
    assert_eq!((result.content.as_str(), result.attempts.len()), ("done", 3));
    assert_eq!(result.total_cost, usd("1.50216"), "150,216 tokens");
    // The ledger itself refuses charges beyond what is held.
    assert_eq!((ledger.spent(), ledger.open()), (result.total_cost, 0));
    assert_eq!(ledger.free() + ledger.spent(), usd("10"));
    assert_eq!(ledger.reservations(), 3, "one for the plan, and one for each page");
    let reserved = result.trace.steps.iter().filter(|step| &*step.decision == "reserve");
    assert_eq!(reserved.count(), 3);
}

#[tokio::test]
async fn a_budget_that_lacks_the_next_round_ends_the_run_with_what_was_used() {
    let provider = provider(2);
    let (agent, ledger) = agent(&provider, "0.9");
    let error = agent.run("q?", options()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Budget, 2));
    assert_eq!(provider.calls(), 2, "the second page is never sent");
    let used = error.attempts().iter().map(|attempt| attempt.cost).sum();
    assert_eq!((ledger.spent(), ledger.open()), (used, 0));
    assert_eq!(ledger.free() + ledger.spent(), usd("0.9"));
    let last = error.trace().steps.last().unwrap();
    assert_eq!((last.stage, &*last.decision), (TraceStage::Budget, "block"));
}

#[tokio::test]
async fn a_run_whose_rounds_fit_reserves_once() {
    let provider = ScriptedProvider::new("scripted")
        .answer("big", ScriptedAnswer::tool_calls([("read", "{}")]))
        .answer("big", ScriptedAnswer::text("done"));
    let ledger = Ledger::with(usd("1"));
    let agent = builder(&provider)
        .tool_handler(Arc::new(Reader(10)))
        .ledger(ledger.clone())
        .build()
        .unwrap();
    agent.run("q?", options()).await.unwrap();
    assert_eq!((ledger.reservations(), ledger.open()), (1, 0));
}
