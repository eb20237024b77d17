//! How fast budgets in memory are: `cargo bench -p cascade-telemetry --bench budget`.
//!
//! Prints one JSON object on the last line, which `bench/run.py` collects. Everything runs on one
//! thread, for a user with a daily and a monthly budget among 10,000 who have them.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails loudly and reports on stdout"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cascade_core::ports::{Admission, BoxFuture, Charge, Clock, Ledger, SpendRequest};
use cascade_core::{
    Attempt, AttemptOutcome, AttemptRole, BudgetScope, Priced, RunId, Spend, Usage, Usd,
};
use cascade_telemetry::{BudgetConfig, BudgetPolicy, CostTracker, EnforcementMode, wait_for};
use serde_json::{Map, json};

/// The machine's clock.
struct Machine(Instant);

impl Clock for Machine {
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "a benchmark pays for the real clock")]
    fn since_epoch(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn scope(user: &str) -> Arc<BudgetScope> {
    Arc::new(BudgetScope { user_id: Some(user.to_owned()), ..BudgetScope::default() })
}

fn tracker() -> CostTracker {
    let budget = BudgetConfig {
        daily: Some(usd("1000000")),
        monthly: Some(usd("10000000")),
        ..BudgetConfig::default()
    };
    let users: BTreeMap<String, BudgetConfig> =
        (0..10_000).map(|number| (format!("user-{number}"), budget.clone())).collect();
    let policy = BudgetPolicy {
        user_budgets: users,
        enforcement_mode: EnforcementMode::Block,
        ..BudgetPolicy::default()
    };
    CostTracker::in_memory(policy, Arc::new(Machine(Instant::now()))).unwrap()
}

fn attempt() -> Attempt {
    Attempt {
        role: AttemptRole::Direct,
        step: "direct".into(),
        model: "gpt-4o-mini".into(),
        provider: "openai".into(),
        outcome: AttemptOutcome::Accepted,
        usage: Usage::new(800, 200),
        cost: usd("0.00024"),
        priced: Priced::Catalogue,
        started_ms: 0.0,
        latency_ms: 1.0,
        first_chunk_ms: None,
        finish_reason: None,
        response_model: None,
        verdict: None,
        error_kind: None,
        error: None,
    }
}

/// One run: reserve, commit one call, release the rest.
fn spend(tracker: &CostTracker, scope: &Arc<BudgetScope>, attempt: &Attempt) {
    let worst_case = Spend { cost: usd_of_worst(), requests: 1, tokens: 5_000 };
    let request = SpendRequest { scope, worst_case, degraded: false };
    let Admission::Granted { reservation, .. } = wait_for(tracker.reserve(request)).unwrap() else {
        return;
    };
    let metadata = Map::new();
    let charge = Charge { run: RunId::next(), scope, attempt, requests: 1, metadata: &metadata };
    black_box(tracker.commit(&reservation, charge));
    tracker.release(reservation);
}

fn usd_of_worst() -> Usd {
    Usd::from_decimal(rust_decimal::Decimal::new(3, 3))
}

/// The best of five rounds, in operations a second.
fn per_second(count: u32, mut round: impl FnMut()) -> f64 {
    let best = (0..5)
        .map(|_| {
            let from = Instant::now();
            round();
            from.elapsed()
        })
        .min()
        .unwrap();
    f64::from(count) / best.as_secs_f64()
}

fn main() {
    let (tracker, attempt) = (tracker(), attempt());
    let one = scope("user-77");
    let count = 200_000;
    let same = per_second(count, || (0..count).for_each(|_| spend(&tracker, &one, &attempt)));
    let many: Vec<_> = (0..10_000).map(|number| scope(&format!("user-{number}"))).collect();
    let spread = per_second(count, || {
        (0..count).for_each(|number| spend(&tracker, &many[number as usize % 10_000], &attempt));
    });
    let asks = 1_000_000;
    let estimate = usd("0.01");
    let afford = per_second(asks, || {
        for _ in 0..asks {
            black_box(tracker.can_afford(&one, estimate)).unwrap();
        }
    });
    println!("reserve, commit and release, one user:     {same:>12.0} a second");
    println!("reserve, commit and release, 10,000 users: {spread:>12.0} a second");
    println!("can_afford: {:.0} ns", 1e9 / afford);
    let result = json!({
        "reserve_commit_memory_per_s": same.round(),
        "reserve_commit_memory_spread_per_s": spread.round(),
        "can_afford_ns": (1e9 / afford).round(),
    });
    println!("{result}");
}
