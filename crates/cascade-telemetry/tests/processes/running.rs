//! Three processes with 200 parallel runs each, on one budget, in every mode.

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cascade_core::ports::{BoxFuture, BudgetStore, Clock, EntryFilter};
use cascade_core::{Agent, ErrorKind, ModelConfig, RunOptions, Spend, Usage, Usd};
use cascade_telemetry::{BudgetPolicy, CostTracker, EnforcementMode, SqliteStore};
use cascade_testkit::{ScriptedAnswer, ScriptedProvider};

use crate::ledger::{NOW, start, usd};

const RUNS: usize = 200;
/// How far the clocks of the processes are from each other.
const APART: Duration = Duration::from_secs(2);
/// Pays for ten answers of `big`, and a little more.
const BUDGET: &str = "0.104";

/// A clock that started at a given time.
struct Shifted(Duration, Instant);

impl Clock for Shifted {
    fn monotonic(&self) -> Duration {
        self.1.elapsed()
    }

    fn since_epoch(&self) -> Duration {
        self.0 + self.1.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

fn mode_named(name: &str) -> EnforcementMode {
    match name {
        "warn" => EnforcementMode::Warn,
        "degrade" => EnforcementMode::Degrade,
        _ => EnforcementMode::Block,
    }
}

fn policy(path: &str, mode: EnforcementMode) -> BudgetPolicy {
    BudgetPolicy {
        path: Some(path.to_owned()),
        budget_limit: Some(usd(BUDGET)),
        enforcement_mode: mode,
        // Half of the budget for the best model.
        degrade_at: 0.5,
        ..BudgetPolicy::default()
    }
}

fn agent(path: &str, mode: EnforcementMode, number: u32) -> Agent {
    let clock = Arc::new(Shifted(NOW + APART * number, Instant::now()));
    let tracker = CostTracker::open(policy(path, mode), clock.clone()).unwrap();
    let provider = ScriptedProvider::new("scripted").otherwise(|_, _| {
        ScriptedAnswer::text("fine")
            .with_usage(Usage::new(0, 1_000))
            .with_delay(Duration::from_millis(1))
    });
    let model = |name: &str, cost: &str| ModelConfig::new(name, "scripted").with_cost(usd(cost));
    Agent::builder()
        .model(model("small", "0.001"), Arc::new(provider.clone()))
        .model(model("big", "0.01"), Arc::new(provider))
        .clock(clock)
        .ledger(Arc::new(tracker))
        .build()
        .unwrap()
}

/// Many runs at once; tells how many were paid for and what they cost.
pub(crate) fn run(path: &str, mode: &str, number: &str) {
    let mode = mode_named(mode);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (good, cost) = runtime.block_on(async {
        let agent = agent(path, mode, number.parse().unwrap());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..RUNS {
            let agent = agent.clone();
            let options =
                RunOptions { max_tokens: Some(1_000), force_direct: true, ..RunOptions::default() };
            tasks.spawn(async move { agent.run("q", options).await });
        }
        let (mut good, mut cost) = (0, Usd::ZERO);
        for outcome in tasks.join_all().await {
            match outcome {
                Ok(result) => {
                    good += 1;
                    cost += result.total_cost;
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::Budget, "{error}"),
            }
        }
        (good, cost)
    });
    println!("{good} {cost}");
}

pub(crate) fn test() {
    for mode in ["warn", "degrade", "block"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let children: Vec<_> = ["0", "1", "2"]
            .map(|number| start(&["run", path.to_str().unwrap(), mode, number]))
            .into();
        let (mut good, mut cost) = (0, Usd::ZERO);
        for mut child in children {
            let mut said = String::new();
            child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
            assert!(child.wait().unwrap().success(), "{mode}");
            let (runs, spent) = said.trim().split_once(' ').unwrap();
            good += runs.parse::<usize>().unwrap();
            cost += usd(spent);
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let store = SqliteStore::open(&path).unwrap();
            let balance = store.balances(&crate::ledger::global(None)).await.unwrap()[0];
            assert_eq!(balance.reserved, Spend::ZERO, "{mode}: nothing is stuck");
            assert_eq!(balance.committed.cost, cost, "{mode}: what runs cost is what is booked");
            let entries = store.entries(&EntryFilter::default()).await.unwrap();
            assert_eq!(entries.len(), good, "{mode}");
            let small = entries.iter().filter(|entry| &*entry.model == "small").count();
            match mode {
                "warn" => assert_eq!((good, cost), (3 * RUNS, usd("6")), "nothing is refused"),
                "degrade" => {
                    assert!(cost <= usd(BUDGET), "{cost}");
                    assert!(small > 0 && good - small >= 1, "{small} of {good} degraded");
                }
                _ => {
                    assert!(cost <= usd(BUDGET), "{cost}");
                    assert_eq!((good, small), (10, 0));
                }
            }
        });
    }
}
