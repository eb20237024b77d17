//! An error of a run tells what was decided before it.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::EnforcementAction;
use cascade_core::{Error, ErrorKind, Plan, RunOptions, TraceStage};
use cascade_testkit::{FakeClock, ScriptedAnswer, ScriptedProvider};

use crate::engine_ports_support::{Hook, Ledger};
use crate::engine_support::{Fixed, builder, usd};

fn decisions(error: &Error) -> Vec<(TraceStage, &str)> {
    error.trace().steps.iter().map(|step| (step.stage, &*step.decision)).collect()
}

#[tokio::test]
async fn a_run_that_fails_tells_every_decision() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::text("bad"))
        .answer("big", ScriptedAnswer::failure(ErrorKind::Overloaded, "down"));
    let agent = builder(&provider).build().unwrap();
    let error = agent.run("q?", RunOptions::default()).await.unwrap_err();
    assert_eq!(
        decisions(&error),
        [
            (TraceStage::Analyse, "simple"),
            (TraceStage::Route, "cascade"),
            (TraceStage::Call, "small answered"),
            (TraceStage::Judge, "rejected"),
            (TraceStage::Escalate, "big"),
            (TraceStage::Call, "big failed"),
        ]
    );
    assert_eq!(error.attempts().len(), 2);
}

#[tokio::test]
async fn a_refused_budget_tells_who_refused_and_why() {
    let provider = ScriptedProvider::new("scripted");
    let ledger = Ledger::with(usd("0.000001"));
    let agent = builder(&provider).ledger(ledger).build().unwrap();
    let error = agent.run("q?", RunOptions::default()).await.unwrap_err();
    let last = error.trace().steps.last().unwrap();
    assert_eq!((&*last.decision, &*last.rule), ("block", "ledger"));
    assert_eq!(last.reason, "the budget is used up");

    let hook = Hook::of(EnforcementAction::Block("not today".into()));
    let agent = builder(&provider).enforcement(hook).build().unwrap();
    let error = agent.run("q?", RunOptions::default()).await.unwrap_err();
    let last = error.trace().steps.last().unwrap();
    assert_eq!(
        (&*last.decision, &*last.rule, &*last.reason),
        ("block", "enforcement", "not today")
    );
    assert_eq!(provider.calls(), 0);
}

#[tokio::test]
async fn a_deadline_and_a_plan_that_cannot_be_followed_tell_what_came_before() {
    let clock = Arc::new(FakeClock::jumping());
    let provider = ScriptedProvider::new("scripted").answer("small", ScriptedAnswer::hang());
    let agent = builder(&provider).clock(clock).build().unwrap();
    let hurry = RunOptions { deadline: Some(Duration::from_secs(1)), ..RunOptions::default() };
    let error = agent.run("q?", hurry).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Timeout, Some("deadline")));
    assert_eq!(decisions(&error).last(), Some(&(TraceStage::Call, "small failed")));

    let agent = builder(&provider)
        .router(Arc::new(Fixed(Plan::direct(9, "test", "none"))))
        .build()
        .unwrap();
    for error in [
        agent.run("q?", RunOptions::default()).await.unwrap_err(),
        agent.plan("q?", RunOptions::default()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Routing);
        assert_eq!(decisions(&error), [(TraceStage::Analyse, "simple")]);
    }
}

#[tokio::test]
async fn an_error_from_before_the_run_tells_nothing() {
    let agent = builder(&ScriptedProvider::new("scripted")).build().unwrap();
    let error = agent.run("", RunOptions::default()).await.unwrap_err();
    assert_eq!(error.trace().steps.len(), 0);
}
