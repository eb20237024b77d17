//! Reserve, commit and release on disk: many runs at a time share the waits for it.
//!
//! Prints one JSON object; `bench/run.py` collects it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails loudly and reports on stdout"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use cascade_core::ports::{BudgetStore, Held, Hold, LedgerEntry, LimitedAccount};
use cascade_core::{
    Account, BudgetOwner, BudgetScope, BudgetWindow, Limit, OwnerKind, Priced, Spend, Usage, Usd,
};
use cascade_telemetry::SqliteStore;
use serde_json::{Map, json};

/// Runs at a time, each of another person.
const RUNS_AT_A_TIME: usize = 256;
const PASSES: usize = 5;
const TIME: Duration = Duration::from_secs(2);
const START: Duration = Duration::from_secs(1_795_219_205);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    // In the folder of the build rather than that for temporary files, which may be in memory.
    let folder = tempfile::tempdir_in(std::env::current_exe().unwrap().parent().unwrap()).unwrap();
    let store = Arc::new(SqliteStore::open(folder.path().join("ledger.db")).unwrap());
    let mut rates: Vec<f64> = (0..PASSES).map(|_| runtime.block_on(pass(&store))).collect();
    rates.sort_by(f64::total_cmp);
    println!("{}", json!({"reserve_commit_sqlite_per_s": rates[PASSES / 2].round()}));
}

/// Runs a second, each known to be on disk before it counts.
async fn pass(store: &Arc<SqliteStore>) -> f64 {
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for user in 0..RUNS_AT_A_TIME {
        let store = Arc::clone(store);
        tasks.spawn(async move {
            let accounts = accounts(user);
            let mut runs = 0_u64;
            while start.elapsed() < TIME {
                run(&store, &accounts).await;
                runs += 1;
            }
            runs
        });
    }
    let runs: u64 = tasks.join_all().await.into_iter().sum();
    runs as f64 / start.elapsed().as_secs_f64()
}

async fn run(store: &SqliteStore, accounts: &Arc<[LimitedAccount]>) {
    let hold = Hold {
        accounts: Arc::clone(accounts),
        amount: Spend { cost: usd("0.004"), requests: 1, tokens: 1_200 },
        now: START,
        expires_at: START + Duration::from_mins(10),
    };
    let Held::Granted { id, .. } = store.hold(hold).await.unwrap() else {
        unreachable!("the limit is never reached")
    };
    store.commit(Some(id), accounts, entry());
    store.release(id);
    store.flush().await.unwrap();
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

/// The day of a person, and the month of everybody.
fn accounts(user: usize) -> Arc<[LimitedAccount]> {
    let account = |kind, id: String, window, days: u32| LimitedAccount {
        account: Account {
            owner: BudgetOwner { kind, id: id.into() },
            window,
            starts_at: START,
            ends_at: Some(START + Duration::from_hours(24) * days),
        },
        limit: Limit { cost: Some(usd("1000000")), ..Limit::NONE },
        nominal: Limit::NONE,
    };
    Arc::new([
        account(OwnerKind::User, format!("user-{user}"), BudgetWindow::Day, 1),
        account(OwnerKind::Global, String::new(), BudgetWindow::Month, 30),
    ])
}

fn entry() -> LedgerEntry {
    LedgerEntry {
        id: 0,
        at: START,
        scope: Arc::new(BudgetScope { user_id: Some("user".into()), ..BudgetScope::default() }),
        query_id: None,
        model: "gpt-4o-mini".into(),
        provider: "openai".into(),
        role: None,
        requests: 1,
        usage: Usage::new(800, 200),
        tokens: 1_000,
        cost: usd("0.00024"),
        priced: Priced::Catalogue,
        metadata: Map::new(),
    }
}
