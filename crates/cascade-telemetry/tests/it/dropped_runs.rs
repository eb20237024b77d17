//! Whoever asks for money and goes before the answer leaves nothing set aside.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use cascade_core::ports::{BudgetStore, Held, Hold, LimitedAccount};
use cascade_core::{
    Account, Agent, BudgetOwner, BudgetWindow, Limit, ModelConfig, OwnerKind, RunOptions, Spend,
    Usage,
};
use cascade_telemetry::{BudgetPolicy, CostTracker, EnforcementMode, MemoryBudgetStore, wait_for};
use cascade_testkit::{FakeClock, ScriptedAnswer, ScriptedProvider};
use futures_util::task::noop_waker_ref;

/// Stores of each kind, each with what keeps its file.
fn stores() -> Vec<(&'static str, Arc<dyn BudgetStore>, Option<tempfile::TempDir>)> {
    let memory: Arc<dyn BudgetStore> = Arc::new(MemoryBudgetStore::default());
    #[cfg(feature = "sqlite")]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let file = Arc::new(cascade_telemetry::SqliteStore::open(path).unwrap());
        vec![("memory", memory, None), ("sqlite", file, Some(folder))]
    }
    #[cfg(not(feature = "sqlite"))]
    vec![("memory", memory, None)]
}

fn everything() -> Arc<[LimitedAccount]> {
    Arc::from([LimitedAccount {
        account: Account {
            owner: BudgetOwner { kind: OwnerKind::Global, id: "".into() },
            window: BudgetWindow::Lifetime,
            starts_at: Duration::ZERO,
            ends_at: None,
        },
        limit: Limit { cost: Some("1".parse().unwrap()), ..Limit::NONE },
        nominal: Limit::NONE,
    }])
}

fn reserved(store: &dyn BudgetStore) -> Spend {
    wait_for(store.balances(&everything())).unwrap()[0].reserved
}

/// Polls a future up to `times`, a moment apart, and drops it; whether it had its answer.
fn poll_and_drop<T>(
    mut future: Pin<Box<dyn Future<Output = T> + Send + '_>>,
    times: u32,
    apart: Duration,
) -> Option<T> {
    let mut context = Context::from_waker(noop_waker_ref());
    for _ in 0..times {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
        std::thread::park_timeout(apart);
    }
    None
}

#[test]
fn a_hold_that_is_dropped_at_any_poll_leaves_nothing_set_aside() {
    for (name, store, _folder) in stores() {
        for apart in [Duration::ZERO, Duration::from_millis(2)] {
            let mut answered = 0;
            for times in (0..6).cycle().take(60) {
                let hold = Hold {
                    accounts: everything(),
                    amount: Spend { cost: "0.4".parse().unwrap(), requests: 1, tokens: 10 },
                    now: Duration::from_secs(1_795_219_205),
                    expires_at: Duration::from_secs(1_795_219_999),
                };
                match poll_and_drop(store.hold(hold), times, apart) {
                    Some(Ok(Held::Granted { id, .. })) => {
                        answered += 1;
                        store.release(id);
                    }
                    Some(other) => panic!("{name}: {other:?}"),
                    None => {}
                }
                wait_for(store.flush()).unwrap();
                assert_eq!(reserved(&*store), Spend::ZERO, "{name} after {times} polls");
            }
            // Else nothing would have been dropped in between, or only.
            assert!(answered < 60, "{name}");
            assert!(answered > 0 || apart.is_zero(), "{name}");
        }
    }
}

#[test]
fn a_run_that_is_dropped_at_any_poll_leaves_nothing_set_aside() {
    for (name, store, _folder) in stores() {
        let clock = Arc::new(FakeClock::new());
        let policy = BudgetPolicy {
            budget_limit: Some("1".parse().unwrap()),
            enforcement_mode: EnforcementMode::Block,
            ..BudgetPolicy::default()
        };
        let tracker = CostTracker::new(policy, Arc::clone(&store), clock.clone()).unwrap();
        let provider = ScriptedProvider::new("scripted")
            .otherwise(|_, _| ScriptedAnswer::text("fine").with_usage(Usage::new(10, 10)));
        let model = ModelConfig::new("only", "scripted").with_cost("0.001".parse().unwrap());
        let agent = Agent::builder()
            .model(model, Arc::new(provider))
            .ledger(Arc::new(tracker))
            .clock(clock)
            .build()
            .unwrap();
        let mut answered = 0;
        for times in (0..12_u32).cycle().take(120) {
            // A deadline waits for the ledger in another way than none.
            let deadline = times.is_multiple_of(2).then(|| Duration::from_secs(10));
            let options = RunOptions { max_tokens: Some(100), deadline, ..RunOptions::default() };
            let run = Box::pin(agent.run("q?", options));
            let apart = Duration::from_micros(u64::from(times) * 100);
            answered += usize::from(poll_and_drop(run, times, apart).is_some());
            wait_for(store.flush()).unwrap();
            assert_eq!(reserved(&*store), Spend::ZERO, "{name} after {times} polls");
        }
        assert!(answered > 0 && answered < 120, "{name}: {answered}");
    }
}
