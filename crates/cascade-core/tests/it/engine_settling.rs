//! A run hands on its result once the ledger is safe.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cascade_core::ports::{Admission, BoxFuture, Charge, Clock, Ledger, Reservation, SpendRequest};
use cascade_core::{
    BudgetScope, BudgetStatus, Error, ErrorKind, Result, RunOptions, Spend, TraceStage,
};
use cascade_testkit::{FakeClock, ScriptedAnswer, ScriptedProvider};

use crate::engine_support::builder;

/// A ledger that takes a second to be safe, or fails to be.
struct Slow {
    clock: FakeClock,
    booked: AtomicUsize,
    safe: AtomicUsize,
    fails: bool,
}

impl Ledger for Slow {
    fn status<'a>(&'a self, _: &'a BudgetScope) -> BoxFuture<'a, Result<Option<BudgetStatus>>> {
        Box::pin(async { Ok(None) })
    }

    fn reserve<'a>(&'a self, _: SpendRequest<'a>) -> BoxFuture<'a, Result<Admission>> {
        let reservation = Reservation { id: 1, amount: Spend::ZERO, accounts: Arc::default() };
        Box::pin(async { Ok(Admission::Granted { reservation, warnings: Vec::new() }) })
    }

    fn commit(&self, _: &Reservation, _: Charge<'_>) -> Vec<String> {
        self.booked.fetch_add(1, Ordering::Relaxed);
        Vec::new()
    }

    fn release(&self, _: Reservation) {}

    fn settled(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            self.clock.sleep(Duration::from_secs(1)).await;
            self.safe.store(self.booked.load(Ordering::Relaxed), Ordering::Relaxed);
            if self.fails { Err(Error::new(ErrorKind::Config, "the disk is full")) } else { Ok(()) }
        })
    }
}

fn agent(fails: bool) -> (cascade_core::Agent, Arc<Slow>) {
    let provider = ScriptedProvider::new("scripted")
        .answer("small", ScriptedAnswer::text("bad"))
        .answer("big", ScriptedAnswer::text("ok"));
    let clock = FakeClock::jumping();
    let ledger = Arc::new(Slow {
        clock: clock.clone(),
        booked: AtomicUsize::new(0),
        safe: AtomicUsize::new(0),
        fails,
    });
    let agent = builder(&provider).clock(Arc::new(clock)).ledger(ledger.clone()).build().unwrap();
    (agent, ledger)
}

#[tokio::test]
async fn a_run_waits_until_its_spending_is_safe() {
    let (agent, ledger) = agent(false);
    let result = agent.run("q?", RunOptions::default()).await.unwrap();
    assert_eq!(result.attempts.len(), 2);
    assert_eq!(ledger.safe.load(Ordering::Relaxed), 2, "both calls were safe when it ended");
}

#[tokio::test]
async fn an_answer_that_is_paid_for_survives_a_ledger_that_fails() {
    let (agent, _) = agent(true);
    let result = agent.run("q?", RunOptions::default()).await.unwrap();
    assert_eq!(result.content, "ok");
    let mut steps = result.trace.steps.iter();
    let unsettled = steps.find(|step| step.decision == "unsettled").unwrap();
    assert_eq!((unsettled.stage, &*unsettled.reason), (TraceStage::Budget, "the disk is full"));
}
