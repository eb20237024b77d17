use std::sync::Arc;

use cascade_core::{
    Agent, AttemptRole, CascadeResult, ErrorKind, Part, Role, RunOptions, StreamEvent, TraceStage,
    Usage,
};
use cascade_testkit::{ScriptedAnswer, ScriptedProvider};

use crate::engine_ports_support::{Ledger, Tools};
use crate::engine_support::{builder, events, usd, without_first_chunk};

fn calls(name: &str) -> ScriptedAnswer {
    ScriptedAnswer::tool_calls([(name, "{\"a\":1}")]).with_usage(Usage::new(100, 10))
}

fn answer(text: &str) -> ScriptedAnswer {
    ScriptedAnswer::text(text).with_usage(Usage::new(200, 20))
}

/// Tools are asked of the strong model directly, so that no judge stands between.
fn direct() -> RunOptions {
    RunOptions { force_direct: true, max_tokens: Some(100), ..RunOptions::default() }
}

fn with_tools(provider: &ScriptedProvider) -> (Agent, Arc<Tools>, Arc<Ledger>) {
    let (tools, ledger) = (Arc::new(Tools::default()), Ledger::with(usd("1")));
    let agent =
        builder(provider).tool_handler(tools.clone()).ledger(ledger.clone()).build().unwrap();
    (agent, tools, ledger)
}

fn options() -> RunOptions {
    let look = cascade_core::Tool::new(
        "look",
        "Looks something up",
        serde_json::json!({"type": "object"}),
    );
    RunOptions { tools: Arc::from([look]), ..direct() }
}

#[tokio::test]
async fn every_round_is_executed_accounted_and_traced() {
    let provider = ScriptedProvider::new("scripted")
        .answer("big", calls("look"))
        .answer("big", calls("look"))
        .answer("big", answer("done"));
    let (agent, tools, ledger) = with_tools(&provider);
    let result = agent.run("q?", options()).await.unwrap();
    assert_eq!((result.content.as_str(), result.tool_calls.len()), ("done", 0));
    assert_eq!(tools.called(), ["look", "look"]);
    assert_eq!(result.attempts.len(), 3);
    assert!(result.attempts.iter().all(|attempt| attempt.role == AttemptRole::Direct));
    assert_eq!((result.usage.input_tokens, result.usage.output_tokens), (400, 40));
    assert_eq!(result.total_cost, usd("0.0044"));
    assert_eq!((ledger.spent(), ledger.open()), (result.total_cost, 0));
    assert_eq!(result.cost_saved, usd("0"), "the strong model's own rounds save nothing");
    let stages = result.trace.steps.iter().filter(|step| step.stage == TraceStage::Tools);
    assert_eq!(stages.count(), 2);

    let last = &provider.requests()[2];
    let roles: Vec<Role> = last.messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::Tool, Role::Assistant, Role::Tool]);
    let Part::ToolResult { content, call_id, .. } = &last.messages[2].parts[0] else {
        panic!("the result of the first call comes first");
    };
    let Part::ToolCall(call) = &last.messages[1].parts[0] else {
        panic!("the call is part of the history");
    };
    assert_eq!((content.as_str(), call_id), ("}1:\"a\"{", &call.id));
}

#[tokio::test]
async fn a_draft_with_tools_is_compared_with_the_verifier_round_by_round() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", calls("look"))
        .answer("small", answer("done"));
    let tools = Arc::new(Tools::default());
    let agent = Agent::builder()
        .model(crate::engine_support::model("small", "0.001"), Arc::new(provider.clone()))
        .model(crate::engine_support::model("big", "0.01"), Arc::new(provider))
        .tool_handler(tools)
        .build()
        .unwrap();
    let result = agent.run("q?", RunOptions::default()).await.unwrap();
    assert_eq!(result.total_cost, usd("0.00033"));
    assert_eq!(result.baseline_cost, usd("0.0033"));
    assert_eq!(result.draft_cost, result.total_cost);
    assert!((result.savings_percentage - 90.0).abs() < 1e-9);
}

#[tokio::test]
async fn the_loop_stops_at_its_limit_and_leaves_open_calls_to_the_caller() {
    let provider = ScriptedProvider::new("scripted").always("big", calls("look"));
    let (agent, tools, ledger) = with_tools(&provider);
    for (limit, rounds) in [(Some(0), 0), (Some(2), 2), (None, 5)] {
        let before = tools.called().len();
        let spent = ledger.spent();
        let run = RunOptions { max_steps: limit, ..options() };
        let result = agent.run("q?", run).await.unwrap();
        assert_eq!(tools.called().len() - before, rounds);
        assert_eq!(result.attempts.len(), rounds + 1);
        assert_eq!(result.tool_calls.len(), 1);
        assert_eq!(ledger.spent() - spent, result.total_cost);
    }
}

#[tokio::test]
async fn a_broken_tool_or_a_failing_round_ends_the_run_with_its_attempts() {
    let provider = ScriptedProvider::new("scripted").answer("big", calls("broken"));
    let (agent, _, ledger) = with_tools(&provider);
    let error = agent.run("q?", options()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts().len()), (ErrorKind::Tool, 1));
    assert_eq!((ledger.spent(), ledger.open()), (usd("0.0011"), 0));

    let provider =
        ScriptedProvider::new("scripted").answer("big", calls("look")).answer("big", answer(" \n"));
    let (agent, _, ledger) = with_tools(&provider);
    let error = agent.run("q?", options()).await.unwrap_err();
    assert!(error.message().contains("empty"));
    assert_eq!(error.attempts().len(), 2);
    assert_eq!(ledger.spent(), usd("0.0033"), "an empty answer is paid for");
}

#[tokio::test]
async fn a_streamed_loop_gives_the_same_result_and_shows_every_round() {
    let provider = || {
        ScriptedProvider::new("scripted").answer("big", calls("look")).answer("big", answer("done"))
    };
    let plain = with_tools(&provider()).0.run("q?", options()).await.unwrap();
    let (agent, _, _) = with_tools(&provider());
    let mut streamed = events(&agent, "q?", options()).await;
    let Some(StreamEvent::Complete { result }) = streamed.pop() else { panic!("no result") };
    let attempts = without_first_chunk(&result.attempts);
    assert_eq!(CascadeResult { attempts, ..*result }, plain);
    let shows = |wanted: &str| {
        streamed.iter().any(|event| match event {
            StreamEvent::Chunk { text, .. } => text == wanted,
            StreamEvent::ToolCall { delta, .. } => delta.name.as_deref() == Some(wanted),
            _ => false,
        })
    };
    assert!(shows("look") && shows("done"));
}
