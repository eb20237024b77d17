use std::sync::Arc;

use cascade_testkit::{ScriptedAnswer, ScriptedProvider};
use cascadeflow::{AgentConfig, BudgetScope, ErrorKind, RunOptions, Usage};

const CONFIG: &str = "
models:
- {name: only, provider: openai, cost: 0.01, max_tokens: 100}
budgets:
  user_budgets: {free: {daily_budget: 0.0025}}
  enforcement_mode: block
  time_zone: Europe/Berlin
";

#[tokio::test]
async fn a_configuration_has_budgets_that_agent_and_caller_share() {
    let config = AgentConfig::from_yaml(CONFIG).unwrap();
    let provider = ScriptedProvider::new("openai")
        .otherwise(|_, _| ScriptedAnswer::text("fine").with_usage(Usage::new(10, 90)));
    let tracker = config.cost_tracker().unwrap().unwrap();
    let builder = config.builder(|_| Ok(Arc::new(provider.clone()))).unwrap();
    let agent = builder.ledger(Arc::new(tracker.clone())).build().unwrap();
    let options = || RunOptions {
        user_id: Some("ann".into()),
        user_tier: Some("free".into()),
        ..RunOptions::default()
    };
    agent.run("q", options()).await.unwrap();
    agent.run("q", options()).await.unwrap();
    let error = agent.run("q", options()).await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Budget, Some("daily")));
    let spent = tracker.user_summary("ann", Some("free")).unwrap();
    assert_eq!((spent.total_cost.to_string().as_str(), spent.total_entries), ("0.002", 2));
    let scope = BudgetScope {
        user_id: Some("ann".into()),
        tier: Some("free".into()),
        ..BudgetScope::default()
    };
    let status = agent.ledger().unwrap().status(&scope).await.unwrap().unwrap();
    assert_eq!(status.used.normalize().to_string(), "0.002");
}

#[tokio::test]
async fn budgets_hold_without_a_tracker_of_the_caller() {
    let config = AgentConfig::from_yaml(&CONFIG.replace("0.0025", "0")).unwrap();
    let provider = ScriptedProvider::new("openai").otherwise(|_, _| ScriptedAnswer::text("fine"));
    let builder = config.builder(|_| Ok(Arc::new(provider.clone()))).unwrap();
    let options = RunOptions {
        user_id: Some("ann".into()),
        user_tier: Some("free".into()),
        ..RunOptions::default()
    };
    let error = builder.build().unwrap().run("q", options).await.unwrap_err();
    assert_eq!((error.kind(), provider.calls()), (ErrorKind::Budget, 0));
}

#[test]
fn faults_of_budgets_name_their_field() {
    let cases = [
        ("{global: {dayly: 1}}", "budgets.global.dayly", "did you mean `daily`?"),
        ("{mode: nope}", "budgets", ""),
        ("{warn_threshold: 80}", "budgets.warn_threshold", "give a share of the limit"),
        ("{time_zone: Europe/Brelin}", "budgets.time_zone", "give an IANA name"),
        ("{user_budgets: {ann: {daily: -1}}}", "budgets.user_budgets.ann.daily", "give an amount"),
        ("{path: ''}", "budgets.path", "give a path, or use the store in memory"),
        ("{path: no/such/folder/ledger.db}", "budgets.path", ""),
        ("{path: [1]}", "budgets.path", ""),
        ("{pth: ledger.db}", "budgets.pth", "did you mean `path`?"),
    ];
    for (budgets, field, hint) in cases {
        let yaml = format!("models: [{{name: only, provider: openai}}]\nbudgets: {budgets}");
        let made = AgentConfig::from_yaml(&yaml).and_then(|config| config.cost_tracker());
        let error = made.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.field().unwrap().starts_with(field), "{error:?}");
        assert!(error.hint().unwrap().starts_with(hint), "{error:?}");
    }
}

/// Two agents, each with its own configuration, on one file.
#[tokio::test]
async fn agents_with_one_path_share_the_budget() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let yaml = format!("{CONFIG}  path: {}\n", path.display());
    let config = AgentConfig::from_yaml(&yaml).unwrap();
    assert_eq!(config.budgets.as_ref().unwrap().path.as_deref(), path.to_str());
    let provider = ScriptedProvider::new("openai")
        .otherwise(|_, _| ScriptedAnswer::text("fine").with_usage(Usage::new(10, 90)));
    let agent = || {
        let builder = config.builder(|_| Ok(Arc::new(provider.clone()))).unwrap();
        builder.build().unwrap()
    };
    let options = || RunOptions {
        user_id: Some("ann".into()),
        user_tier: Some("free".into()),
        ..RunOptions::default()
    };
    let (one, other) = (agent(), agent());
    one.run("q", options()).await.unwrap();
    other.run("q", options()).await.unwrap();
    for agent in [one, other] {
        let error = agent.run("q", options()).await.unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Budget, Some("daily")));
    }
    // What was spent outlives the agents.
    let tracker = config.cost_tracker().unwrap().unwrap();
    let spent = tracker.user_summary("ann", Some("free")).unwrap();
    assert_eq!((spent.total_cost.to_string().as_str(), spent.total_entries), ("0.002", 2));
}
