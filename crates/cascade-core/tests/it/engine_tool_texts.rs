//! The text in which a draft's tool rounds end is judged like a draft without tools.

use std::sync::Arc;

use cascade_core::ports::{BoxFuture, Judge, JudgeInput};
use cascade_core::{
    Agent, AttemptOutcome, AttemptRole, CascadeResult, ErrorKind, Part, Plan, PlanStep, Result,
    Role, Route, RunOptions, StepGate, StreamEvent, StreamPolicy, Tool, ToolChoice, TraceStage,
    Usage, Verdict,
};
use cascade_testkit::{ScriptedAnswer, ScriptedProvider};

use crate::engine_ports_support::{Ledger, Listener, Tools};
use crate::engine_support::{Fixed, WordJudge, builder, events, kinds, usd, without_first_chunk};

/// Accepts calls, refuses text where a tool must be called, and leaves the rest to [`WordJudge`].
struct ToolJudge;

impl Judge for ToolJudge {
    fn judge<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<Verdict>> {
        Box::pin(async move {
            if !input.draft.tool_calls.is_empty() {
                return Ok(Verdict::unjudged("calls"));
            }
            let mut verdict = WordJudge.judge(input).await?;
            if input.tool_choice == Some(&ToolChoice::Required) {
                verdict.accepted = false;
                verdict.reason = "a tool had to be called".into();
            }
            Ok(verdict)
        })
    }
}

fn calls(name: &str) -> ScriptedAnswer {
    ScriptedAnswer::tool_calls([(name, "{\"a\":1}")]).with_usage(Usage::new(100, 10))
}

fn text(text: &str) -> ScriptedAnswer {
    ScriptedAnswer::text(text).with_usage(Usage::new(200, 20))
}

fn options() -> RunOptions {
    let look = Tool::new("look", "Looks something up", serde_json::json!({"type": "object"}));
    RunOptions { tools: Arc::from([look]), max_tokens: Some(1_000), ..RunOptions::default() }
}

struct Setting {
    agent: Agent,
    tools: Arc<Tools>,
    ledger: Arc<Ledger>,
    listener: Arc<Listener>,
}

fn setting(provider: &ScriptedProvider) -> Setting {
    let (tools, ledger) = (Arc::new(Tools::default()), Ledger::with(usd("1")));
    let listener = Arc::new(Listener::default());
    let agent = builder(provider)
        .judge(Arc::new(ToolJudge))
        .tool_handler(tools.clone())
        .ledger(ledger.clone())
        .event_sink(listener.clone())
        .build()
        .unwrap();
    Setting { agent, tools, ledger, listener }
}

fn rejected() -> ScriptedProvider {
    ScriptedProvider::new("scripted")
        .answer("small", calls("look"))
        .answer("small", text("bad"))
        .answer("big", text("good"))
}

#[tokio::test]
async fn an_accepted_text_is_the_draft() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", calls("look"))
        .answer("small", text("good"));
    let Setting { agent, ledger, .. } = setting(&provider);
    let run = RunOptions { tool_choice: Some(ToolChoice::Required), ..options() };
    let result = agent.run("q?", run).await.unwrap();
    assert_eq!((result.content.as_str(), &*result.model_used), ("good", "small"));
    assert!(result.draft_accepted && !result.escalated);
    assert_eq!(result.draft_response.as_deref(), Some("good"));
    assert_eq!(result.quality_score, Some(0.04), "the score of the text, not of the calls");
    let verdicts: Vec<_> =
        result.attempts.iter().map(|a| a.verdict.as_ref().map(|v| v.accepted)).collect();
    assert_eq!(verdicts, [Some(true), Some(true)]);
    assert_eq!(ledger.spent(), result.total_cost);
}

#[tokio::test]
async fn a_rejected_text_escalates_with_the_results_and_executes_no_tool_again() {
    let provider = rejected();
    let Setting { agent, tools, ledger, listener } = setting(&provider);
    let result = agent.run("q?", options()).await.unwrap();
    assert_eq!((result.content.as_str(), &*result.model_used), ("good", "small+big"));
    assert!(!result.draft_accepted && result.escalated);
    assert_eq!(result.rejection_reason.as_deref(), Some("bad word"));
    assert_eq!(result.draft_response.as_deref(), Some("bad"));
    assert_eq!(tools.called(), ["look"]);
    let roles: Vec<Role> = provider.requests()[2].messages.iter().map(|m| m.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::Tool]);
    let ended: Vec<_> = result.attempts.iter().map(|a| (a.role, a.outcome)).collect();
    assert_eq!(
        ended,
        [
            (AttemptRole::Draft, AttemptOutcome::Accepted),
            (AttemptRole::Draft, AttemptOutcome::Rejected),
            (AttemptRole::Verifier, AttemptOutcome::Accepted),
        ]
    );
    assert_eq!(result.total_cost, usd("0.00253"));
    assert_eq!((ledger.spent(), ledger.open()), (result.total_cost, 0));
    assert_eq!(listener.cost(), result.total_cost, "every attempt is told once");
    assert_eq!(result.baseline_cost, usd("0.0022"), "what the verifier's answer cost");
}

#[tokio::test]
async fn the_verifier_goes_on_with_the_rounds_that_are_left() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", calls("look"))
        .answer("small", text("bad"))
        .always("big", calls("look"));
    let Setting { agent, tools, .. } = setting(&provider);
    let run = RunOptions { max_steps: Some(2), ..options() };
    let result = agent.run("q?", run).await.unwrap();
    assert_eq!(tools.called().len(), 2, "the rounds are counted over the whole run");
    assert_eq!((result.tool_calls.len(), result.attempts.len()), (1, 4));
}

#[tokio::test]
async fn a_model_that_fails_with_the_results_is_followed_by_the_next() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", calls("look"))
        .answer("small", ScriptedAnswer::failure(ErrorKind::Overloaded, "busy"))
        .answer("big", text("good"));
    let Setting { agent, tools, ledger, .. } = setting(&provider);
    let result = agent.run("q?", options()).await.unwrap();
    assert_eq!((result.content.as_str(), tools.called().len()), ("good", 1));
    assert_eq!(result.rejection_reason.as_deref(), Some("draft_generation_failed"));
    assert_eq!((ledger.spent(), ledger.open()), (result.total_cost, 0));
}

#[tokio::test]
async fn an_empty_text_is_never_accepted() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", calls("look"))
        .answer("small", text(" "))
        .answer("big", text("good"));
    let result = setting(&provider).agent.run("q?", options()).await.unwrap();
    assert_eq!((result.content.as_str(), result.escalated), ("good", true));
}

#[tokio::test]
async fn a_last_step_that_judges_ends_the_run_with_a_quality_error() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", calls("look"))
        .answer("small", text("bad"));
    let plan = Plan {
        steps: vec![PlanStep::single("only", 0, StepGate::Judge)],
        route: Route::Strategy,
        ..Plan::direct(0, "test", "a test")
    };
    let agent = builder(&provider)
        .judge(Arc::new(ToolJudge))
        .tool_handler(Arc::new(Tools::default()))
        .router(Arc::new(Fixed(plan)))
        .build()
        .unwrap();
    let error = agent.run("q?", options()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Quality);
    assert_eq!(error.attempts().len(), 2);
    let judged = error.trace().steps.iter().filter(|step| step.stage == TraceStage::Judge);
    assert_eq!(judged.map(|step| &*step.decision).collect::<Vec<_>>(), ["accepted", "rejected"]);
}

#[tokio::test]
async fn streamed_and_plain_runs_agree_and_a_rejected_text_is_not_shown() {
    let plain = setting(&rejected()).agent.run("q?", options()).await.unwrap();
    for policy in [StreamPolicy::Buffer, StreamPolicy::Optimistic] {
        let run = RunOptions { stream_policy: Some(policy), ..options() };
        let mut streamed = events(&setting(&rejected()).agent, "q?", run).await;
        let mut told = kinds(&streamed);
        told.dedup_by(|next, kind| next == kind && next == "tool_call");
        let Some(StreamEvent::Complete { result }) = streamed.pop() else { panic!("no result") };
        let attempts = without_first_chunk(&result.attempts);
        assert_eq!(CascadeResult { attempts, ..*result }, plain);
        let (mut shown, mut streamed_text) = (String::new(), String::new());
        for event in streamed {
            match event {
                StreamEvent::Chunk { text, .. } => {
                    shown.push_str(&text);
                    streamed_text.push_str(&text);
                }
                StreamEvent::Switch { .. } => shown.clear(),
                _ => {}
            }
        }
        assert_eq!(shown, "good");
        let mut expected =
            vec!["routing", "tool_call", "draft_decision", "draft_decision", "switch", "chunk"];
        if policy == StreamPolicy::Optimistic {
            expected.insert(3, "chunk");
            assert_eq!(streamed_text, "badgood");
        } else {
            assert_eq!(streamed_text, "good");
        }
        expected.push("complete");
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn the_verifier_reads_what_the_tool_gave() {
    let provider = rejected();
    let result = setting(&provider).agent.run("q?", options()).await.unwrap();
    assert_eq!(result.content, "good");
    let Part::ToolResult { content, .. } = &provider.requests()[2].messages[2].parts[0] else {
        panic!("the verifier is given the result");
    };
    assert_eq!(content, "}1:\"a\"{");
}
