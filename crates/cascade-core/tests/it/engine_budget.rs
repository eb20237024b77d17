use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::EnforcementAction;
use cascade_core::{
    Agent, BatchOptions, ErrorKind, Input, RunOptions, StreamEvent, StreamPolicy, TraceStage, Usage,
};
use cascade_testkit::{FakeClock, ScriptedAnswer, ScriptedProvider};
use futures_util::{FutureExt, StreamExt};

use crate::engine_ports_support::{Hook, Ledger, Listener};
use crate::engine_support::{builder, usd};

fn answer(text: &str) -> ScriptedAnswer {
    ScriptedAnswer::text(text).with_usage(Usage::new(10, 20))
}

fn limited() -> RunOptions {
    RunOptions {
        max_tokens: Some(100),
        user_id: Some("ann".into()),
        tenant_id: Some("acme".into()),
        user_tier: Some("pro".into()),
        ..RunOptions::default()
    }
}

fn with_ledger(provider: &ScriptedProvider) -> (Agent, Arc<Ledger>, Arc<Listener>) {
    let (ledger, listener) = (Ledger::with(usd("1")), Arc::new(Listener::default()));
    let agent =
        builder(provider).ledger(ledger.clone()).event_sink(listener.clone()).build().unwrap();
    (agent, ledger, listener)
}

/// The run is over and what left the budget is what was spent.
fn assert_settled(ledger: &Ledger, spent: &str) {
    assert_eq!(ledger.open(), 0, "no reservation is left open");
    assert_eq!(ledger.spent(), usd(spent));
    assert_eq!(ledger.free() + ledger.spent(), usd("1"));
}

#[tokio::test]
async fn success_and_rejection_commit_what_all_attempts_cost() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", answer("bad"))
        .answer("big", answer("ok"));
    let (agent, ledger, _) = with_ledger(&provider);
    let result = agent.run("q?", limited()).await.unwrap();
    assert_settled(&ledger, "0.00033");
    assert_eq!((ledger.reservations(), ledger.spent()), (1, result.total_cost));
    let scope = &ledger.scopes()[0];
    assert_eq!((scope.user_id.as_deref(), scope.tenant_id.as_deref()), (Some("ann"), Some("acme")));
    assert_eq!(scope.tier.as_deref(), Some("pro"));
    let reserved = result.trace.steps.iter().find(|step| step.stage == TraceStage::Budget).unwrap();
    assert_eq!((&*reserved.decision, &*reserved.rule), ("reserve", "ledger"));
}

#[tokio::test]
async fn an_error_commits_what_was_used_before_it() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", answer("bad"))
        .answer("big", ScriptedAnswer::failure(ErrorKind::Overloaded, "down"));
    let (agent, ledger, listener) = with_ledger(&provider);
    agent.run("q?", limited()).await.unwrap_err();
    assert_settled(&ledger, "0.00003");
    assert_eq!(listener.cost(), ledger.spent());
}

#[tokio::test]
async fn a_budget_that_lacks_the_worst_case_refuses_before_any_call() {
    let provider = ScriptedProvider::new("scripted");
    let ledger = Ledger::with(usd("0.000001"));
    let agent = builder(&provider).ledger(ledger.clone()).build().unwrap();
    let error = agent.run("q?", limited()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Budget);
    assert_eq!((provider.calls(), ledger.open(), ledger.spent()), (0, 0, usd("0")));
}

#[tokio::test]
async fn a_dropped_run_commits_and_tells_what_it_used() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", answer("bad"))
        .answer("big", ScriptedAnswer::hang());
    let (agent, ledger, listener) = with_ledger(&provider);
    let run = agent.run("q?", limited());
    assert!(tokio::time::timeout(Duration::from_millis(5), run).await.is_err());
    assert_settled(&ledger, "0.00003");
    assert_eq!(
        listener.heard(),
        ["planned default", "small Rejected", "big Failed", "failed cancelled"]
    );
    assert_eq!(listener.cost(), ledger.spent());
}

#[tokio::test]
async fn a_stream_left_in_the_middle_bills_what_was_received() {
    let text = "0123456789".repeat(10);
    let provider =
        ScriptedProvider::new("scripted").answer("small", answer(&text).with_piece_size(10));
    let (agent, ledger, listener) = with_ledger(&provider);
    let options = RunOptions { stream_policy: Some(StreamPolicy::Optimistic), ..limited() };
    let mut stream = agent.stream("What is it?", options);
    let mut seen = 0;
    while seen < 4 {
        if let Some(Ok(StreamEvent::Chunk { .. })) = stream.next().await {
            seen += 1;
        }
    }
    drop(stream);
    assert_eq!(ledger.open(), 0);
    assert!(
        ledger.spent() > usd("0.00001") && ledger.spent() < usd("0.00002"),
        "40 bytes and more"
    );
    assert_eq!(listener.heard(), ["planned default", "small Failed", "failed cancelled"]);
    assert_eq!(listener.cost(), ledger.spent());
}

#[tokio::test]
async fn a_stream_left_at_an_accepted_draft_has_accounted_it() {
    let provider = ScriptedProvider::new("scripted").answer("small", answer("fine"));
    let (agent, ledger, listener) = with_ledger(&provider);
    let mut stream = agent.stream("q?", limited());
    while !matches!(stream.next().await, Some(Ok(StreamEvent::Chunk { .. }))) {}
    drop(stream);
    assert_settled(&ledger, "0.00003");
    assert_eq!(listener.cost(), ledger.spent());
    assert_eq!(listener.heard()[1], "small Accepted");
}

#[tokio::test]
async fn every_try_of_a_batch_settles_its_own_reservation() {
    let provider = ScriptedProvider::new("scripted").otherwise(|request, number| {
        match (&*request.model, number % 3) {
            ("small", 0) => answer("bad"),
            ("small", _) => answer("fine"),
            _ => ScriptedAnswer::failure(ErrorKind::Overloaded, "down"),
        }
    });
    let (agent, ledger, listener) = with_ledger(&provider);
    let inputs: Vec<Input> = (0..12).map(|i| format!("q{i}").into()).collect();
    let report = agent.run_batch(inputs, limited(), BatchOptions::default(), |_| {}).await;
    assert_eq!((ledger.open(), ledger.spent()), (0, report.total_cost));
    assert_eq!(ledger.free() + ledger.spent(), usd("1"));
    assert_eq!(listener.cost(), report.total_cost);
    for item in &report.items {
        let Ok(result) = &item.outcome else { continue };
        let sum = result.attempts.iter().map(|attempt| attempt.cost).sum();
        assert_eq!((result.total_cost, result.draft_cost + result.verifier_cost), (sum, sum));
    }
}

#[tokio::test]
async fn a_batch_counts_what_runs_that_it_cut_off_had_spent() {
    let clock = FakeClock::jumping();
    let provider = ScriptedProvider::new("scripted")
        .with_clock(Arc::new(clock.clone()))
        .answer("small", answer("bad").with_delay(Duration::from_secs(6)))
        .answer("big", ScriptedAnswer::hang());
    let agent = builder(&provider).clock(Arc::new(clock)).build().unwrap();
    let batch = BatchOptions {
        max_parallel: 1,
        total_timeout: Some(Duration::from_secs(10)),
        ..BatchOptions::default()
    };
    let inputs = vec!["a".into(), "b".into()];
    let report = agent.run_batch(inputs, RunOptions::default(), batch, |_| {}).await;
    assert_eq!(report.total_cost, usd("0.00003"));
    for item in &report.items {
        let error = item.outcome.as_ref().unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Timeout, Some("total_timeout")));
    }
    let tried: Vec<_> = report.items[0].outcome.as_ref().unwrap_err().attempts().to_vec();
    assert_eq!(tried.len(), 2);
    assert_eq!(provider.calls(), 2, "nothing begins after the end");
}

#[tokio::test]
async fn hooks_allow_warn_degrade_and_block() {
    let cases = [
        (EnforcementAction::Allow, Some("big"), None),
        (EnforcementAction::Warn("nearly used up".into()), Some("big"), Some("warn")),
        (EnforcementAction::Degrade("used up".into()), Some("small"), Some("degrade")),
        (EnforcementAction::Block("no money".into()), None, None),
    ];
    for (action, model, traced) in cases {
        let provider = ScriptedProvider::new("scripted")
            .always("small", answer("bad but cheap"))
            .always("big", answer("good"));
        let ledger = Ledger::with(usd("1"));
        let (first, second) = (Hook::of(EnforcementAction::Allow), Hook::of(action.clone()));
        let never = Hook::of(EnforcementAction::Block("asked too late".into()));
        let mut building = builder(&provider)
            .ledger(ledger.clone())
            .enforcement(first)
            .enforcement(second.clone());
        if action != EnforcementAction::Allow {
            building = building.enforcement(never.clone());
        }
        let outcome = building.build().unwrap().run("q?", limited()).await;
        assert!(never.asked().is_empty(), "the first answer other than allow counts");
        assert!(second.asked()[0] > usd("0.001"), "hooks hear the worst case");
        assert_eq!(ledger.open(), 0);
        let Some(model) = model else {
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::Budget, "no money"));
            assert_eq!((provider.calls(), ledger.reservations()), (0, 0));
            continue;
        };
        let result = outcome.unwrap();
        assert_eq!((&*result.answer_model, ledger.spent()), (model, result.total_cost));
        let decided = result.trace.steps.iter().find(|step| step.rule == "enforcement");
        assert_eq!(decided.map(|step| &*step.decision), traced);
    }
}

#[test]
fn a_run_that_was_never_polled_reserves_nothing() {
    let provider = ScriptedProvider::new("scripted");
    let (agent, ledger, listener) = with_ledger(&provider);
    drop(agent.run("q?", limited()));
    drop(agent.stream("q?", limited()));
    assert_eq!((ledger.reservations(), listener.heard().len()), (0, 0));
    assert!(agent.plan("q?", limited()).now_or_never().is_some_and(|plan| plan.is_ok()));
    assert_eq!(ledger.reservations(), 0, "a plan alone costs nothing");
}
