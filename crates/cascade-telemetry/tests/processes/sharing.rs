//! Three processes on one budget.

use std::io::Read;
use std::sync::Arc;

use cascade_core::Spend;
use cascade_core::ports::{BudgetStore, EntryFilter, Held};
use cascade_telemetry::SqliteStore;

use crate::ledger::{entry, global, hold, start, usd};

const BUDGET: &str = "1";
const TASKS: usize = 20;
const RUNS: usize = 10;

/// Many runs on the budget; tells how many of them were granted.
pub(crate) fn spend(path: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let granted = runtime.block_on(async {
        let store = Arc::new(SqliteStore::open(path).unwrap());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..TASKS {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let accounts = global(Some(BUDGET));
                let mut granted = 0;
                for _ in 0..RUNS {
                    match store.hold(hold(&accounts, "0.03")).await.unwrap() {
                        Held::Refused { .. } => {}
                        Held::Granted { id, .. } => {
                            tokio::task::yield_now().await;
                            store.commit(Some(id), &accounts, entry("0.01"));
                            store.release(id);
                            granted += 1;
                        }
                    }
                }
                granted
            });
        }
        tasks.join_all().await.into_iter().sum::<usize>()
    });
    println!("{granted}");
}

pub(crate) fn test() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let children: Vec<_> = (0..3).map(|_| start(&["spend", path.to_str().unwrap()])).collect();
    let mut granted = 0;
    for mut child in children {
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(child.wait().unwrap().success());
        granted += said.trim().parse::<usize>().unwrap();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(&path).unwrap();
        let balance = store.balances(&global(None)).await.unwrap()[0];
        assert_eq!(balance.reserved, Spend::ZERO);
        assert!(balance.committed.cost <= usd(BUDGET), "{:?}", balance.committed);
        let entries = store.entries(&EntryFilter::default()).await.unwrap();
        assert_eq!(entries.len(), granted);
        assert_eq!(
            entries.iter().map(|entry| entry.cost).sum::<cascade_core::Usd>(),
            balance.committed.cost
        );
        assert!((90..=100).contains(&granted), "{granted} of 600 runs on a budget for 100");
    });
}
