//! How budgets stand, from `cascadeflow ledger show` and `watch`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cascade_testkit::{ScriptedAnswer, ScriptedProvider};
use cascadeflow::ports::{Admission, Ledger, Reservation, SpendRequest};
use cascadeflow::telemetry::{CostTracker, wait_for};
use cascadeflow::{AgentConfig, BudgetScope, RunOptions, Spend, Usage};

use crate::command::cascadeflow;

/// A configuration with budgets in a file beside it.
fn configuration(folder: &Path) -> PathBuf {
    let path = folder.join("agent.yaml");
    let yaml = format!(
        "models: [{{name: only, provider: openai, cost: 0.01, max_tokens: 100}}]
budgets:
  budget_limit: 5
  user_budgets: {{pro: {{daily: 0.01, requests_per_day: 7}}}}
  mode: block
  path: {}
",
        folder.join("ledger.db").display()
    );
    fs::write(&path, yaml).unwrap();
    path
}

/// Two runs of ann, and money set aside for a third.
fn spend(config: &Path) -> (CostTracker, Reservation) {
    let config = AgentConfig::from_path(config).unwrap();
    let tracker = config.cost_tracker().unwrap().unwrap();
    let provider = ScriptedProvider::new("openai")
        .otherwise(|_, _| ScriptedAnswer::text("fine").with_usage(Usage::new(10, 90)));
    let builder = config.builder(|_| Ok(Arc::new(provider.clone()))).unwrap();
    let agent = builder.ledger(Arc::new(tracker.clone())).build().unwrap();
    let options = || RunOptions {
        user_id: Some("ann".into()),
        user_tier: Some("pro".into()),
        ..RunOptions::default()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        agent.run("q", options()).await.unwrap();
        agent.run("q", options()).await.unwrap();
    });
    let scope = BudgetScope {
        user_id: Some("ann".into()),
        tier: Some("pro".into()),
        ..BudgetScope::default()
    };
    let worst_case = Spend { cost: "0.005".parse().unwrap(), requests: 1, tokens: 500 };
    let request = SpendRequest { scope: &scope, worst_case, degraded: false };
    match wait_for(tracker.reserve(request)).unwrap() {
        Admission::Granted { reservation, .. } => (tracker, reservation),
        Admission::Degrade { reason } => panic!("{reason}"),
    }
}

#[test]
fn show_tells_how_the_budgets_of_a_ledger_in_use_stand() {
    let folder = tempfile::tempdir().unwrap();
    let config = configuration(folder.path());
    let (tracker, reservation) = spend(&config);
    let file = folder.path().join("ledger.db");
    let (file, config) = (file.to_str().unwrap(), config.to_str().unwrap());

    let shown = cascadeflow(["ledger", "show", file, "--json", "--config", config]).json();
    assert_eq!((&shown["entries"], &shown["cost_usd"]), (&2.into(), &"0.002".into()));
    let budgets = shown["budgets"].as_array().unwrap();
    assert_eq!(budgets.len(), 2);
    let everything = &budgets[0];
    assert_eq!(
        (&everything["owner_kind"], &everything["window"]),
        (&"global".into(), &"lifetime".into())
    );
    assert_eq!(
        (&everything["limit_usd"], &everything["remaining_usd"]),
        (&"5".into(), &"4.993".into())
    );
    assert!(everything["resets_at"].is_null());
    let ann = &budgets[1];
    assert_eq!((&ann["owner_id"], &ann["window"]), (&"ann".into(), &"day".into()));
    assert_eq!((&ann["used_usd"], &ann["reserved_usd"]), (&"0.002".into(), &"0.005".into()));
    assert_eq!((&ann["limit_usd"], &ann["remaining_usd"]), (&"0.01".into(), &"0.003".into()));
    assert_eq!((&ann["requests"], &ann["reserved_requests"]), (&2.into(), &1.into()));
    assert_eq!((&ann["limit_requests"], &ann["tokens"]), (&7.into(), &200.into()));

    let plain = cascadeflow(["ledger", "show", file, "--json", "--user", "ann"]).json();
    assert_eq!(plain["budgets"].as_array().unwrap().len(), 1);
    assert!(plain["budgets"][0].get("limit_usd").is_none(), "nobody said what the limit is");

    let table = cascadeflow(["ledger", "show", file, "--config", config]);
    for expected in ["budget of", "everything", "user ann", "0.010000", "70.0 %", "3 of 7", "never"]
    {
        assert!(table.out.contains(expected), "{expected}: {}", table.out);
    }

    tracker.release(reservation);
    let watched = cascadeflow(["ledger", "watch", file, "--json", "-n", "2", "--config", config]);
    assert_eq!(watched.code, 0, "{}", watched.err);
    let lines: Vec<serde_json::Value> =
        watched.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["entries"], &lines[0]["requests"]), (&2.into(), &2.into()));
    assert_eq!(lines[1]["budgets"][1]["reserved_usd"], "0");
    let table = cascadeflow(["ledger", "watch", file, "-n", "1", "--user", "ann"]);
    assert!(table.out.contains("user ann") && !table.out.contains("everything"), "{}", table.out);
}

#[test]
fn what_has_no_budgets_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("costs.csv");
    fs::write(&export, "timestamp,model,provider,tokens,cost\n2026-02-01,m,p,1,0.5\n").unwrap();
    let export = export.to_str().unwrap();
    let shown = cascadeflow(["ledger", "show", export, "--json"]).json();
    assert!(shown.get("budgets").is_none());
    let watched = cascadeflow(["ledger", "watch", export, "-n", "1"]);
    assert_eq!(watched.code, 2);
    assert!(watched.err.contains("is no ledger that a store keeps"), "{}", watched.err);
    let config = folder.path().join("agent.yaml");
    fs::write(&config, "models: [{name: only, provider: openai}]\n").unwrap();
    let config = config.to_str().unwrap();
    let shown = cascadeflow(["ledger", "show", export, "--config", config]);
    assert_eq!(shown.code, 2);
    assert!(shown.err.contains("has no budgets"), "{}", shown.err);
    let missing = cascadeflow(["ledger", "watch", "no-such.db", "-n", "1"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("no-such.db"), "{}", missing.err);
}

/// Ctrl-C is how it is meant to end.
#[cfg(unix)]
#[test]
fn watch_ends_well_when_it_is_interrupted() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Command, Stdio};

    let folder = tempfile::tempdir().unwrap();
    let config = configuration(folder.path());
    let (tracker, reservation) = spend(&config);
    let mut watching = Command::new(env!("CARGO_BIN_EXE_cascadeflow"))
        .args(["ledger", "watch", "--json"])
        .arg(folder.path().join("ledger.db"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(watching.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.contains("\"entries\":2"), "{line}");
    let interrupt = Command::new("kill").args(["-INT", &watching.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    let ended = watching.wait().unwrap();
    let mut complaint = String::new();
    watching.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert!(ended.success(), "{ended}: {complaint}");
    tracker.release(reservation);
}
