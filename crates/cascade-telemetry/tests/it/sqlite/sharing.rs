//! One file, many users.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{BudgetStore, EntryFilter, Held, TotalsBy};
use cascade_core::{BudgetScope, Spend};
use cascade_telemetry::{BudgetPolicy, CostRecord, CostTracker, SqliteStore};
use cascade_testkit::FakeClock;
use serde_json::json;

use super::support::{NOW, account, balance, entry, folder, hold, open, spend, usd};

/// 200 calls at a time over two handles of one file, on a budget for ten.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_calls_never_pass_the_budget() {
    let (_folder, path) = folder();
    let stores = [Arc::new(open(&path)), Arc::new(open(&path))];
    let mut calls = tokio::task::JoinSet::new();
    for index in 0..200 {
        let store = Arc::clone(&stores[index % 2]);
        calls.spawn(async move {
            let ann = account("ann", Some("1"));
            let amount = spend("0.1", 1, 100);
            match store.hold(hold(std::slice::from_ref(&ann), amount)).await.unwrap() {
                Held::Refused { .. } => false,
                Held::Granted { id, balances } => {
                    assert!(balances[0].total().cost <= usd("1"));
                    tokio::task::yield_now().await;
                    store.commit(Some(id), std::slice::from_ref(&ann), entry("ann", amount));
                    store.release(id);
                    store.flush().await.unwrap();
                    true
                }
            }
        });
    }
    let granted = calls.join_all().await.into_iter().filter(|granted| *granted).count();
    assert_eq!(granted, 10);
    let ann = [account("ann", None)];
    for store in &stores {
        let after = store.balances(&ann).await.unwrap()[0];
        assert_eq!((after.committed, after.reserved), (spend("1", 10, 1_000), Spend::ZERO));
        assert_eq!(store.entries(&EntryFilter::default()).await.unwrap().len(), 10);
    }
}

#[test]
fn one_handle_sees_what_another_has_confirmed() {
    let (_folder, path) = folder();
    let (one, other) = (open(&path), open(&path));
    let ann = account("ann", None);
    one.commit(None, std::slice::from_ref(&ann), entry("ann", spend("0.5", 1, 1)));
    super::support::wait(one.flush()).unwrap();
    assert_eq!(balance(&other, &ann).committed.cost, usd("0.5"));
    other.commit(None, std::slice::from_ref(&ann), entry("ann", spend("0.25", 1, 1)));
    super::support::wait(other.flush()).unwrap();
    assert_eq!(balance(&one, &ann).committed.cost, usd("0.75"));
    let all = &super::support::wait(one.totals(TotalsBy::All)).unwrap()[0];
    assert_eq!((all.entries, all.spend.cost), (2, usd("0.75")));
}

#[test]
fn a_handle_that_ends_gives_back_only_what_is_its_own() {
    let (_folder, path) = folder();
    let (one, other) = (open(&path), open(&path));
    let ann = account("ann", None);
    for store in [&one, &other] {
        let held = store.hold(hold(std::slice::from_ref(&ann), spend("0.5", 1, 1)));
        super::support::wait(held).unwrap();
    }
    drop(one);
    assert_eq!(balance(&other, &ann).reserved.cost, usd("0.5"));
    drop(other);
    assert_eq!(balance(&open(&path), &ann).reserved, Spend::ZERO);
    let left: Vec<_> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(left, ["ledger.db"], "nothing stays beside the ledger");
}

#[test]
fn what_another_process_holds_expires_later_since_clocks_differ() {
    let (_folder, path) = folder();
    let (one, other) = (open(&path), open(&path));
    let ann = account("ann", None);
    let held = other.hold(hold(std::slice::from_ref(&ann), spend("0.5", 1, 1)));
    super::support::wait(held).unwrap();
    let expired = |store: &SqliteStore, hours| {
        super::support::wait(store.expire(NOW + Duration::from_hours(hours))).unwrap()
    };
    assert_eq!(expired(&one, 1), 0, "an hour ahead is no reason to take it away");
    assert_eq!(expired(&one, 3), 1);
    let held = other.hold(hold(std::slice::from_ref(&ann), spend("0.5", 1, 1)));
    super::support::wait(held).unwrap();
    assert_eq!(expired(&other, 1), 1);
}

/// The clock of one process is half a second ahead: for as long, it is in the next day already.
#[test]
fn a_window_that_is_over_for_one_process_still_counts_for_another() {
    /// Just before a midnight in UTC.
    const BEFORE: Duration = Duration::from_millis(1_795_219_199_800);
    let (_folder, path) = folder();
    let clocks =
        [0, 500].map(|ahead| FakeClock::new().with_epoch(BEFORE + Duration::from_millis(ahead)));
    let [late, early] = clocks.clone().map(|clock| {
        let policy = json!({"global": {"daily": "1"}, "mode": "block", "path": path});
        let policy: BudgetPolicy = serde_json::from_value(policy).unwrap();
        CostTracker::open(policy, Arc::new(clock)).unwrap()
    });
    let everybody = BudgetScope::default();
    let spend = |tracker: &CostTracker, cost: &str| {
        let record = CostRecord {
            model: "m".into(),
            provider: "p".into(),
            cost: usd(cost),
            ..CostRecord::default()
        };
        tracker.add_cost(record).unwrap();
        super::support::wait(tracker.flush()).unwrap();
    };
    let used = |tracker: &CostTracker| {
        tracker.budget_status(&everybody).unwrap().unwrap().used.normalize().to_string()
    };
    spend(&late, "0.7");
    spend(&early, "0.4");
    assert_eq!((used(&late).as_str(), used(&early).as_str()), ("0.7", "0.4"));
    assert!(!late.can_afford(&everybody, usd("0.5")).unwrap().allowed, "the old day is kept");
    assert!(early.can_afford(&everybody, usd("0.5")).unwrap().allowed);
    for clock in &clocks {
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!((used(&late).as_str(), used(&early).as_str()), ("0.4", "0.4"), "one day for both");
    spend(&late, "0.3");
    assert_eq!(used(&early), "0.7");
}

/// Whoever comes while the ledger is being made must not take it for another program's.
#[test]
fn many_may_open_a_ledger_that_is_not_there_yet() {
    for _ in 0..20 {
        let (_folder, path) = folder();
        let openers: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || SqliteStore::open(path).map(drop))
            })
            .collect();
        for opener in openers {
            opener.join().unwrap().unwrap();
        }
    }
}
