use std::sync::Arc;
use std::time::Duration;

use cascade_core::{Agent, ErrorKind, ModelConfig, RunOptions, TraceStage, Usage};
use cascade_telemetry::TraceLog;
use cascade_testkit::{FakeClock, ScriptedAnswer, ScriptedProvider};

fn agent(provider: &ScriptedProvider, log: &Arc<TraceLog>) -> Agent {
    let model = |name: &str, cost: &str| {
        ModelConfig::new(name, "scripted").with_cost(cost.parse().unwrap())
    };
    Agent::builder()
        .model(model("small", "0.001"), Arc::new(provider.clone()))
        .model(model("big", "0.01"), Arc::new(provider.clone()))
        .clock(Arc::new(FakeClock::new().with_epoch(Duration::from_secs(1_000))))
        .event_sink(Arc::clone(log) as _)
        .build()
        .unwrap()
}

fn answer(text: &str) -> ScriptedAnswer {
    ScriptedAnswer::text(text).with_usage(Usage::new(10, 20))
}

#[tokio::test]
async fn runs_that_answered_and_runs_that_failed_keep_their_decisions_and_costs() {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", answer("fine"))
        .otherwise(|_, _| ScriptedAnswer::failure(ErrorKind::Overloaded, "down"));
    let log = Arc::new(TraceLog::default());
    let agent = agent(&provider, &log);
    let options = RunOptions { user_id: Some("ann".into()), ..RunOptions::default() };
    let result = agent.run("q?", options.clone()).await.unwrap();
    agent.run("q?", options).await.unwrap_err();
    let [failed, answered] = &log.recent(10)[..] else { panic!("two runs ended") };
    assert_eq!(answered.steps, result.trace.steps);
    assert_eq!((answered.total_cost, answered.at.as_secs()), (result.total_cost, 1_000));
    assert_eq!(answered.answer_model.as_deref(), Some("small"));
    assert_eq!((answered.error_kind, answered.user_id.as_deref()), (None, Some("ann")));
    assert_eq!((failed.error_kind, failed.attempts.len()), (Some(ErrorKind::Overloaded), 2));
    assert!(failed.steps.iter().any(|step| step.stage == TraceStage::Call));
    assert_eq!((log.runs(), log.total_cost()), (2, result.total_cost));
    assert_eq!(log.of_run(answered.run).as_ref(), Some(answered));
    let json = serde_json::to_value(&**failed).unwrap();
    assert_eq!((&json["at"], &json["error_kind"]), (&1_000.0.into(), &"overloaded".into()));
    log.clear();
    assert_eq!((log.runs(), log.recent(10).len()), (0, 0));
}

#[tokio::test]
async fn only_the_last_traces_are_kept_but_all_are_counted() {
    let provider = ScriptedProvider::new("scripted").otherwise(|_, _| answer("fine"));
    let log = Arc::new(TraceLog::new(3));
    let agent = agent(&provider, &log);
    let mut last = None;
    for _ in 0..10 {
        last = Some(agent.run("q?", RunOptions::default()).await.unwrap());
    }
    assert_eq!((log.recent(10).len(), log.runs()), (3, 10));
    assert_eq!(log.recent(1)[0].total_cost, last.unwrap().total_cost);
    drop(agent.run("never polled", RunOptions::default()));
    assert_eq!(log.runs(), 10);
}
