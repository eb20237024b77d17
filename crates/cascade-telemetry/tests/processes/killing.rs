//! `kill -9` under load, again and again on one file.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{BudgetStore, EntryFilter, Held, TotalsBy};
use cascade_core::{Spend, Usd};
use cascade_telemetry::SqliteStore;

use crate::ledger::{entry, global, hold, start, usd};

const ROUNDS: u32 = 50;
const TASKS: usize = 24;
const COST: &str = "0.0000123";

/// Spends until it is killed, and tells of each run once it is on disk.
pub(crate) fn load(path: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Arc::new(SqliteStore::open(path).unwrap());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..TASKS {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let accounts = global(None);
                loop {
                    let held = store.hold(hold(&accounts, "0.001")).await.unwrap();
                    let Held::Granted { id, .. } = held else { panic!("there is no limit") };
                    for _ in 0..2 {
                        store.commit(Some(id), &accounts, entry(COST));
                    }
                    store.release(id);
                    store.flush().await.unwrap();
                    // One write, so that a kill never leaves half a line.
                    std::io::stdout().lock().write_all(b"2\n").unwrap();
                }
            });
        }
        while tasks.join_next().await.is_some() {}
    });
}

pub(crate) fn test() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut random = fastrand::Rng::with_seed(20);
    let mut confirmed = 0_u64;
    let mut found = 0;
    for round in 0..ROUNDS {
        let mut child = start(&["load", path.to_str().unwrap()]);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Some are killed before their first word, while they open the ledger.
        if round % 5 != 0 {
            confirmed += count(lines.next().unwrap().unwrap().as_str());
        }
        std::thread::park_timeout(Duration::from_micros(random.u64(0..60_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        confirmed += lines.map_while(Result::ok).map(|line| count(&line)).sum::<u64>();
        if round % 2 == 0 {
            found = check(&path, confirmed);
        }
    }
    found = found.max(check(&path, confirmed));
    assert!(confirmed > u64::from(ROUNDS), "only {confirmed} were confirmed");
    assert!(found >= confirmed);
}

fn count(line: &str) -> u64 {
    line.parse().unwrap()
}

/// Looks into the ledger after a kill; gives how many spendings it holds.
fn check(path: &Path, confirmed: u64) -> u64 {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(path).unwrap();
        let entries = store.entries(&EntryFilter::default()).await.unwrap();
        let number = entries.len() as u64;
        assert!(number >= confirmed, "{number} spendings of {confirmed} confirmed ones");
        let sum: Usd = entries.iter().map(|entry| entry.cost).sum();
        let all = &store.totals(TotalsBy::All).await.unwrap()[0];
        assert_eq!((all.entries, all.spend.cost), (number, sum));
        let balance = store.balances(&global(None)).await.unwrap()[0];
        assert_eq!(balance.committed, all.spend);
        assert_eq!(balance.reserved, Spend::ZERO, "a reservation is stuck");
        assert_eq!(sum.decimal(), usd(COST).decimal() * rust_decimal::Decimal::from(number));
        number
    })
}
