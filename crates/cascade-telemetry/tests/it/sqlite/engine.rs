//! Whole runs on a budget that is kept in a file.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{BudgetStore, EntryFilter};
use cascade_core::{Agent, ErrorKind, ModelConfig, RunOptions, Usage};
use cascade_telemetry::CostTracker;
use cascade_testkit::{FakeClock, ScriptedAnswer, ScriptedProvider};
use serde_json::json;

use super::support::{folder, open, usd};

/// 200 parallel runs over two trackers of one file, on a budget for ten.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_parallel_runs_ten_are_paid_for_and_on_disk() {
    let (_folder, path) = folder();
    let agents = [(); 2].map(|()| {
        let policy = json!({"user_budgets": {"ann": {"daily": "0.104"}}, "mode": "block"});
        let policy = serde_json::from_value(policy).unwrap();
        let clock = Arc::new(FakeClock::new());
        let tracker = CostTracker::new(policy, Arc::new(open(&path)), clock.clone()).unwrap();
        let provider = ScriptedProvider::new("scripted").otherwise(|_, _| {
            ScriptedAnswer::text("fine")
                .with_usage(Usage::new(0, 1_000))
                .with_delay(Duration::from_millis(2))
        });
        let agent = Agent::builder()
            .model(ModelConfig::new("only", "scripted").with_cost(usd("0.01")), Arc::new(provider))
            .clock(clock)
            .ledger(Arc::new(tracker))
            .build();
        agent.unwrap()
    });
    let mut runs = tokio::task::JoinSet::new();
    for index in 0..200 {
        let agent = agents[index % 2].clone();
        let options = RunOptions {
            max_tokens: Some(1_000),
            user_id: Some("ann".into()),
            ..RunOptions::default()
        };
        runs.spawn(async move { agent.run("q", options).await });
    }
    let outcomes = runs.join_all().await;
    let good = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let refused = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    assert!(refused.clone().all(|error| error.kind() == ErrorKind::Budget));
    assert_eq!((good, refused.count()), (10, 190));
    // A third reader sees what the runs confirmed, while the trackers still live.
    let entries = open(&path).entries(&EntryFilter::default()).await.unwrap();
    assert_eq!(entries.len(), 10);
    assert_eq!(entries.iter().map(|entry| entry.cost).sum::<cascade_core::Usd>(), usd("0.1"));
}
