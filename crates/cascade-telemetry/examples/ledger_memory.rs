//! Memory of a tracker with 1,000,000 entries of 100,000 users, each with four budgets:
//! `cargo run --release -p cascade-telemetry --example ledger_memory`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "an example fails loudly and reports on stdout"
)]

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::BudgetStore;
use cascade_core::ports::{BoxFuture, Clock, Ledger, LedgerEntry, SpendRequest};
use cascade_core::{BudgetScope, Priced, RunId, Spend, Usage, Usd};
use cascade_telemetry::{
    BudgetConfig, BudgetPolicy, CostTracker, EnforcementMode, MemoryBudgetStore, wait_for,
};

const USERS: u64 = 100_000;
const ENTRIES: u64 = 1_000_000;

/// A clock that stands still.
struct Still;

impl Clock for Still {
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn since_epoch(&self) -> Duration {
        Duration::from_hours(500_000)
    }

    fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Resident memory of this process in MB; `None` where the system does not tell in `/proc`.
fn resident_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1_024.0)
}

fn main() {
    let before = resident_mb().unwrap_or_default();
    let limit = |text: &str| text.parse::<Usd>().ok();
    let budget = BudgetConfig {
        daily: limit("10"),
        weekly: limit("50"),
        monthly: limit("100"),
        total: limit("1000"),
        ..BudgetConfig::default()
    };
    let policy = BudgetPolicy {
        default_user_budget: Some(budget),
        enforcement_mode: EnforcementMode::Block,
        ..BudgetPolicy::default()
    };
    let store = Arc::new(MemoryBudgetStore::default());
    let tracker = CostTracker::new(policy, store.clone(), Arc::new(Still)).unwrap();
    let cost: Usd = "0.00024".parse().unwrap();
    for number in 0..ENTRIES {
        let scope = Arc::new(BudgetScope {
            user_id: Some(format!("customer-{:08}", number * 7_919 % USERS)),
            tier: Some("pro".to_owned()),
            ..BudgetScope::default()
        });
        let worst_case = Spend { cost, requests: 1, tokens: 1_000 };
        let request = SpendRequest { scope: &scope, worst_case, degraded: false };
        let admitted = wait_for(tracker.reserve(request)).unwrap();
        let cascade_core::ports::Admission::Granted { reservation, .. } = admitted else {
            return;
        };
        let entry = LedgerEntry {
            id: 0,
            at: Duration::from_hours(500_000),
            scope,
            query_id: Some(RunId::next().to_string().into()),
            model: "gpt-4o-mini".into(),
            provider: "openai".into(),
            role: None,
            requests: 1,
            usage: Usage::new(800, 200),
            tokens: 1_000,
            cost,
            priced: Priced::Catalogue,
            metadata: serde_json::Map::new(),
        };
        store.commit(Some(reservation.id), &reservation.accounts, entry);
        tracker.release(reservation);
    }
    let users = tracker.all_users().unwrap().len();
    println!("{} entries, {users} users, {} balances", store.kept_entries(), store.accounts());
    match resident_mb() {
        Some(after) => println!("{:.0} MB", after - before),
        None => println!("this system does not tell the memory of a process in /proc"),
    }
}
