use std::sync::Arc;

use cascade_core::ports::{BoxFuture, EnforcementAction};
use cascade_core::{BudgetScope, Result, Usd};
use cascade_telemetry::{
    BudgetAction, BudgetConfig, BudgetPolicy, CostRecord, CostTracker, EnforcementCallback,
    EnforcementChain, EnforcementContext, EnforcementMode, FailurePolicy, wait_for,
};
use cascade_testkit::FakeClock;
use parking_lot::Mutex;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn ada() -> BudgetScope {
    BudgetScope { user_id: Some("ada".to_owned()), ..BudgetScope::default() }
}

fn tracker(mode: EnforcementMode) -> CostTracker {
    let daily = BudgetConfig { daily: Some(usd("1")), ..BudgetConfig::default() };
    let policy = BudgetPolicy {
        user_budgets: [("ada".to_owned(), daily)].into(),
        enforcement_mode: mode,
        ..BudgetPolicy::default()
    };
    CostTracker::in_memory(policy, Arc::new(FakeClock::new())).unwrap()
}

fn spend(tracker: &CostTracker, cost: &str) -> Vec<cascade_telemetry::BudgetWarning> {
    let record = CostRecord {
        model: "m".to_owned(),
        provider: "p".to_owned(),
        cost: usd(cost),
        scope: ada(),
        ..CostRecord::default()
    };
    tracker.add_cost(record).unwrap()
}

struct Answers {
    action: EnforcementAction,
    told: Mutex<Vec<EnforcementContext>>,
    warned: Mutex<Vec<(String, String)>>,
}

impl EnforcementCallback for Answers {
    fn check<'a>(
        &'a self,
        context: &'a EnforcementContext,
    ) -> BoxFuture<'a, Result<EnforcementAction>> {
        self.told.lock().push(context.clone());
        Box::pin(std::future::ready(Ok(self.action.clone())))
    }

    fn on_warning(&self, context: &EnforcementContext, warning: &str) {
        self.warned.lock().push((context.user_id.clone(), warning.to_owned()));
    }
}

fn chain(action: EnforcementAction) -> (EnforcementChain, Arc<Answers>) {
    let answers = Arc::new(Answers { action, told: Mutex::default(), warned: Mutex::default() });
    let limit = EnforcementChain::DEFAULT_TIME_LIMIT;
    let clock = Arc::new(FakeClock::new());
    let chain = EnforcementChain::new(clock, limit, FailurePolicy::Allow, |_| {});
    chain.register(Arc::clone(&answers) as _);
    (chain, answers)
}

#[test]
fn a_callbacks_block_and_degrade_count_in_every_mode() {
    use EnforcementAction::{Block, Degrade, Warn};
    for mode in [EnforcementMode::Warn, EnforcementMode::Degrade, EnforcementMode::Block] {
        let tracker = tracker(mode);
        for (action, expected, allowed) in [
            (Block("no".to_owned()), BudgetAction::Block, false),
            (Degrade("no".to_owned()), BudgetAction::Degrade, true),
            (Warn("no".to_owned()), BudgetAction::Warn, true),
        ] {
            let (chain, _) = chain(action);
            let found = wait_for(chain.can_afford(&tracker, &ada(), usd("0.1"))).unwrap();
            assert_eq!((found.action, found.allowed), (expected, allowed), "{mode:?}");
            assert_eq!(found.message.as_deref(), Some("no"));
        }
    }
}

#[test]
fn an_allowing_callback_does_not_undo_the_budget() {
    let tracker = tracker(EnforcementMode::Block);
    spend(&tracker, "0.95");
    let (chain, answers) = chain(EnforcementAction::Allow);
    let found = wait_for(chain.can_afford(&tracker, &ada(), usd("0.1"))).unwrap();
    assert_eq!((found.action, found.allowed), (BudgetAction::Block, false));
    let told = answers.told.lock();
    assert_eq!((told[0].user_id.as_str(), told[0].budget_used), ("ada", usd("0.95")));
    assert_eq!((told[0].estimated_cost, told[0].period.as_str()), (usd("0.1"), "day"));
}

#[test]
fn a_warning_does_not_soften_what_the_mode_does() {
    let tracker = tracker(EnforcementMode::Block);
    spend(&tracker, "1");
    let (chain, _) = chain(EnforcementAction::Warn("soon".to_owned()));
    let found = wait_for(chain.can_afford(&tracker, &ada(), usd("0.1"))).unwrap();
    assert_eq!((found.action, found.allowed), (BudgetAction::Block, false));
    assert_ne!(found.message.as_deref(), Some("soon"));
}

#[test]
fn without_callbacks_the_tracker_decides() {
    let tracker = tracker(EnforcementMode::Block);
    let (chain, _) = chain(EnforcementAction::Block("no".to_owned()));
    chain.clear();
    let found = wait_for(chain.can_afford(&tracker, &ada(), usd("0.1"))).unwrap();
    assert_eq!(found, tracker.can_afford(&ada(), usd("0.1")).unwrap());
}

#[test]
fn callbacks_hear_of_thresholds_that_booked_costs_pass() {
    let tracker = tracker(EnforcementMode::Warn);
    let (chain, answers) = chain(EnforcementAction::Allow);
    for warning in spend(&tracker, "0.85") {
        chain.warn(&warning);
    }
    let warned = answers.warned.lock();
    assert_eq!(warned.len(), 1);
    assert_eq!(warned[0].0, "ada");
    assert!(warned[0].1.contains("80 %"), "{}", warned[0].1);
}
