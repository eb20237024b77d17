use std::sync::Arc;
use std::time::Duration;

use cascade_core::{
    Agent, AttemptOutcome, CascadeResult, ErrorKind, FinishReason, Plan, PlanStep, Route,
    RunOptions, StepGate, StreamEvent, StreamPolicy, TraceStage, Usage, Usd,
};
use cascade_testkit::{FakeClock, ScriptedAnswer, ScriptedProvider};

use crate::engine_ports_support::MemoryCache;
use crate::engine_support::{Fixed, agent, builder, events, usd};

fn planned(provider: &ScriptedProvider, steps: Vec<PlanStep>, run_all_steps: bool) -> Agent {
    let route = Route::Strategy;
    let plan = Plan { steps, route, run_all_steps, ..Plan::direct(0, "test", "a test") };
    builder(provider).router(Arc::new(Fixed(plan))).build().unwrap()
}

fn step(name: &str, model: usize, gate: StepGate) -> PlanStep {
    PlanStep::single(name, model, gate)
}

fn stages(result: &CascadeResult, stage: TraceStage) -> Vec<(&str, &str)> {
    let steps = result.trace.steps.iter().filter(|step| step.stage == stage);
    steps.map(|step| (&*step.decision, &*step.rule)).collect()
}

#[tokio::test]
async fn every_decision_says_what_why_and_by_which_rule_and_costs_sum_up() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::text("bad").with_usage(Usage::new(10, 20)))
        .answer("big", ScriptedAnswer::text("good").with_usage(Usage::new(10, 20)));
    let agent = builder(&provider).cache(Arc::new(MemoryCache::default())).build().unwrap();
    let result = agent.run("q?", RunOptions::default()).await.unwrap();
    for step in &result.trace.steps {
        assert!(!step.decision.is_empty() && !step.reason.is_empty(), "{step:?}");
        assert!(!step.rule.is_empty(), "{step:?}");
    }
    let total: Usd = result.trace.steps.iter().map(|step| step.cost).sum();
    assert_eq!(total, result.total_cost);
    let order: Vec<TraceStage> = result.trace.steps.iter().map(|step| step.stage).collect();
    assert_eq!(
        order,
        [
            TraceStage::Analyse,
            TraceStage::Cache,
            TraceStage::Route,
            TraceStage::Call,
            TraceStage::Judge,
            TraceStage::Escalate,
            TraceStage::Call,
            TraceStage::Account,
        ]
    );
}

#[tokio::test]
async fn a_retry_of_the_same_model_is_no_escalation() {
    let mut first = step("first", 0, StepGate::Judge);
    first.retries = 1;
    let provider = ScriptedProvider::new("scripted").answer("small", "bad").answer("small", "fine");
    let result = planned(&provider, vec![first], false).run("q?", RunOptions::default()).await;
    let result = result.unwrap();
    assert!(!result.escalated);
    assert_eq!(stages(&result, TraceStage::Fallback), [("small", "retry")]);
    assert!(stages(&result, TraceStage::Escalate).is_empty());
}

#[tokio::test]
async fn steps_that_all_run_are_no_escalation_either() {
    let steps = vec![step("one", 0, StepGate::Judge), step("two", 1, StepGate::Judge)];
    let provider = ScriptedProvider::new("scripted").answer("small", "fine").answer("big", "more");
    let result = planned(&provider, steps, true).run("q?", RunOptions::default()).await.unwrap();
    assert!(!result.escalated);
    assert_eq!(stages(&result, TraceStage::Escalate), [("big", "run_all_steps")]);
}

#[tokio::test]
async fn a_stream_ends_on_the_answer_that_counts() {
    let steps = vec![step("one", 0, StepGate::Judge), step("two", 1, StepGate::Judge)];
    for policy in [StreamPolicy::Buffer, StreamPolicy::Optimistic] {
        let provider =
            ScriptedProvider::new("scripted").answer("small", "fine").answer("big", "bad");
        let agent = planned(&provider, steps.clone(), true);
        let options = RunOptions { stream_policy: Some(policy), ..RunOptions::default() };
        let mut shown = String::new();
        for event in events(&agent, "q?", options).await {
            match event {
                StreamEvent::Chunk { text, .. } => shown.push_str(&text),
                StreamEvent::Switch { .. } => shown.clear(),
                StreamEvent::Complete { result } => assert_eq!(result.content, shown),
                _ => {}
            }
        }
        assert_eq!(shown, "fine");
    }
}

#[tokio::test]
async fn each_member_of_a_draft_set_is_traced() {
    let mut set = step("set", 0, StepGate::Judge);
    set.models = vec![0, 1];
    let provider =
        ScriptedProvider::new("scripted").answer("small", "tiny").answer("big", "longer");
    let result = planned(&provider, vec![set], false).run("q?", RunOptions::default()).await;
    let judged = result.unwrap();
    assert_eq!(
        stages(&judged, TraceStage::Judge),
        [("not_chosen", "judge"), ("accepted", "judge")]
    );
}

#[tokio::test]
async fn a_deadline_within_a_set_accepts_nobody() {
    let clock = FakeClock::jumping();
    let mut set = step("set", 0, StepGate::Judge);
    set.models = vec![0, 1];
    let provider = ScriptedProvider::new("scripted")
        .with_clock(Arc::new(clock.clone()))
        .answer("small", ScriptedAnswer::text("fine").with_usage(Usage::new(10, 20)))
        .answer("big", ScriptedAnswer::hang());
    let plan = Plan { steps: vec![set], route: Route::Strategy, ..Plan::direct(0, "test", "t") };
    let agent =
        builder(&provider).clock(Arc::new(clock)).router(Arc::new(Fixed(plan))).build().unwrap();
    let options = RunOptions { deadline: Some(Duration::from_secs(1)), ..RunOptions::default() };
    let error = agent.run("q?", options).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Timeout, Some("deadline")));
    let mut ends: Vec<_> =
        error.attempts().iter().map(|a| (&*a.model, a.outcome, a.cost)).collect();
    ends.sort_by_key(|end| end.0);
    assert_eq!(
        ends,
        [
            ("big", AttemptOutcome::Failed, usd("0")),
            ("small", AttemptOutcome::NotChosen, usd("0.00003")),
        ]
    );
}

#[tokio::test]
async fn an_empty_answer_costs_what_its_provider_says_or_its_prompt() {
    let mut empty = cascade_core::ChatResponse::from_text(" ");
    empty.finish_reason = Some(FinishReason::Length);
    empty.reported_cost = Some(usd("0.25"));
    let provider = ScriptedProvider::new("scripted").answer("big", empty.clone());
    let direct = || RunOptions { force_direct: true, ..RunOptions::default() };
    let error = agent(&provider).run("q?", direct()).await.unwrap_err();
    assert_eq!(error.attempts()[0].cost, usd("0.25"));

    empty.reported_cost = None;
    let provider = ScriptedProvider::new("scripted").answer("big", empty);
    let error = agent(&provider).run("What is the answer?", direct()).await.unwrap_err();
    assert!(error.attempts()[0].usage.estimated && error.attempts()[0].cost > usd("0"));
}
