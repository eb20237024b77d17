use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{
    Admission, Charge, EntryFilter, Ledger, Reservation, SpendRequest, TotalsBy,
};
use cascade_core::{
    Attempt, AttemptOutcome, AttemptRole, BudgetScope, BudgetWindow, Error, ErrorKind, Measure,
    OwnerKind, Priced, RunId, Spend, Usage, Usd,
};
use cascade_telemetry::{BudgetAction, CostRecord, CostTracker, WarningLevel, wait_for};
use cascade_testkit::FakeClock;
use parking_lot::Mutex;
use serde_json::{Map, Value, json};

pub(crate) fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

pub(crate) fn tracker(policy: Value, clock: &FakeClock) -> CostTracker {
    let policy = serde_json::from_value(policy).unwrap();
    CostTracker::in_memory(policy, Arc::new(clock.clone())).unwrap()
}

pub(crate) fn user(id: &str) -> BudgetScope {
    BudgetScope { user_id: Some(id.to_owned()), ..BudgetScope::default() }
}

pub(crate) fn cost(cost: &str, scope: &BudgetScope) -> CostRecord {
    CostRecord {
        model: "m".into(),
        provider: "p".into(),
        tokens: 10,
        cost: usd(cost),
        scope: scope.clone(),
        ..CostRecord::default()
    }
}

pub(crate) fn ask(
    tracker: &CostTracker,
    scope: &BudgetScope,
    cost: &str,
    degraded: bool,
) -> Result<Admission, Error> {
    let worst_case = Spend { cost: usd(cost), requests: 1, tokens: 100 };
    wait_for(tracker.reserve(SpendRequest { scope, worst_case, degraded }))
}

pub(crate) fn reserve(tracker: &CostTracker, scope: &BudgetScope, cost: &str) -> Reservation {
    match ask(tracker, scope, cost, false).unwrap() {
        Admission::Granted { reservation, .. } => reservation,
        Admission::Degrade { reason } => panic!("degraded: {reason}"),
    }
}

pub(crate) fn charge(
    tracker: &CostTracker,
    reservation: &Reservation,
    scope: &BudgetScope,
    cost: &str,
) -> Vec<String> {
    let attempt = Attempt {
        role: AttemptRole::Direct,
        step: "direct".into(),
        model: "m".into(),
        provider: "p".into(),
        outcome: AttemptOutcome::Accepted,
        usage: Usage::new(8, 2),
        cost: usd(cost),
        priced: Priced::Configured,
        started_ms: 0.0,
        latency_ms: 1.0,
        first_chunk_ms: None,
        finish_reason: None,
        response_model: None,
        verdict: None,
        error_kind: None,
        error: None,
    };
    tracker.commit(
        reservation,
        Charge {
            run: RunId::next(),
            scope: &Arc::new(scope.clone()),
            attempt: &attempt,
            requests: 1,
            metadata: &Map::new(),
        },
    )
}

#[test]
fn block_refuses_what_could_pass_the_limit_and_says_everything() {
    let clock = FakeClock::new().with_epoch(Duration::from_secs(1_700_000_000));
    let tracker = tracker(json!({"user_budgets": {"ann": {"daily": 1}}, "mode": "block"}), &clock);
    let ann = user("ann");
    let first = reserve(&tracker, &ann, "0.6");
    let error = ask(&tracker, &ann, "0.5", false).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Budget, Some("daily")));
    let status = error.budget().unwrap();
    assert_eq!((status.owner.kind, &*status.owner.id), (OwnerKind::User, "ann"));
    assert_eq!((status.window, status.measure), (BudgetWindow::Day, Measure::Cost));
    assert_eq!((status.used.to_string(), status.reserved.to_string()), ("0".into(), "0.6".into()));
    let midnight = Duration::from_hours(472_224);
    assert_eq!(status.resets_at, Some(midnight));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(6_400)));
    assert_eq!(
        error.to_string(),
        "`daily` of user `ann` does not allow this: 0 of 1 USD used and 0.6 set aside, up to 0.5 \
         more needed (hint: wait 6400 s until it resets, or raise `daily`)"
    );
    charge(&tracker, &first, &ann, "0.2");
    tracker.release(first);
    let second = reserve(&tracker, &ann, "0.8");
    charge(&tracker, &second, &ann, "0.8");
    tracker.release(second);
    assert!(ask(&tracker, &ann, "0.000001", false).is_err());
    reserve(&tracker, &ann, "0");
    reserve(&tracker, &user("bob"), "100");
    let summary = tracker.user_summary("ann", None).unwrap();
    assert_eq!((summary.total_cost, summary.total_entries), (usd("1"), 2));
    assert!(!summary.budget_exceeded, "all of it, not more");
    let daily = &summary.budgets[0];
    assert_eq!((daily.name, daily.used_pct, daily.remaining.is_zero()), ("daily", 100.0, true));
}

#[test]
fn requests_and_tokens_are_rate_limits_also_for_what_is_free() {
    let clock = FakeClock::new().with_epoch(Duration::from_secs(90));
    let budgets = json!({"ann": {"requests_per_minute": 1}, "bob": {"tokens_per_hour": 150}});
    let tracker = tracker(json!({"user_budgets": budgets, "mode": "block"}), &clock);
    reserve(&tracker, &user("ann"), "0");
    let error = ask(&tracker, &user("ann"), "0", false).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::RateLimit, Some("requests_per_minute")));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    reserve(&tracker, &user("bob"), "0");
    let error = ask(&tracker, &user("bob"), "0", false).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::RateLimit, Some("tokens_per_hour")));
    clock.advance(Duration::from_secs(30));
    reserve(&tracker, &user("ann"), "0");
}

#[test]
fn every_owner_counts_and_the_last_reset_is_told() {
    let clock = FakeClock::new().with_epoch(Duration::from_secs(1_700_000_000));
    let policy = json!({
        "budget_limit": "10", "global": {"hourly": "5"},
        "tenant_budgets": {"acme": {"daily": "4"}},
        "shared_tier_budgets": {"pro": {"daily": "3"}},
        "key_budgets": {"k": {"daily": "2"}},
        "user_budgets": {"ann": {"hourly": "1", "monthly": "1"}},
        "default_session_budget": {"total": "0.5"},
        "mode": "block",
    });
    let tracker = tracker(policy, &clock);
    let scope = BudgetScope {
        user_id: Some("ann".into()),
        tenant_id: Some("acme".into()),
        tier: Some("pro".into()),
        key_id: Some("k".into()),
        session_id: Some("s".into()),
    };
    assert_eq!(tracker.standings(&scope).unwrap().len(), 8);
    let cases = [
        ("0.6", scope.clone(), OwnerKind::Session),
        ("1.5", BudgetScope { session_id: None, ..scope.clone() }, OwnerKind::User),
        ("2.5", BudgetScope { key_id: Some("k".into()), ..BudgetScope::default() }, OwnerKind::Key),
        (
            "3.5",
            BudgetScope { tier: Some("pro".into()), ..BudgetScope::default() },
            OwnerKind::Tier,
        ),
        (
            "4.5",
            BudgetScope { tenant_id: Some("acme".into()), ..BudgetScope::default() },
            OwnerKind::Tenant,
        ),
        ("6", BudgetScope::default(), OwnerKind::Global),
    ];
    for (amount, scope, owner) in &cases {
        let error = ask(&tracker, scope, amount, false).unwrap_err();
        assert_eq!(error.budget().unwrap().owner.kind, *owner, "{error}");
    }
    let error = ask(&tracker, &cases[1].1, "1.5", false).unwrap_err();
    assert_eq!(error.field(), Some("monthly"), "not `hourly`, which resets earlier");
    let error = ask(&tracker, &BudgetScope::default(), "11", false).unwrap_err();
    assert_eq!((error.field(), error.retry_after()), (Some("total"), None));
}

#[test]
fn warn_refuses_nothing_and_tells_every_threshold_once() {
    let clock = FakeClock::new();
    let budgets = json!({"ann": {"daily": 1, "requests_per_day": 100}});
    let tracker = tracker(json!({"user_budgets": budgets}), &clock);
    let heard: Arc<Mutex<Vec<(WarningLevel, String)>>> = Arc::default();
    let listener = Arc::clone(&heard);
    let same = tracker.clone();
    tracker.on_warning(move |warning| {
        // A listener may ask the tracker: no lock is held.
        assert!(same.user_summary("ann", None).unwrap().total_entries > 0);
        listener.lock().push((warning.level, warning.status.used.to_string()));
    });
    let ann = user("ann");
    assert_eq!(tracker.add_cost(cost("0.79", &ann)).unwrap(), []);
    let warnings = tracker.add_cost(cost("0.01", &ann)).unwrap();
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].message, "`daily` of user `ann` has passed 80 %: 0.8 of 1 USD used");
    assert_eq!(tracker.add_cost(cost("0.1", &ann)).unwrap(), []);
    assert_eq!(tracker.add_cost(cost("0.5", &ann)).unwrap().len(), 1);
    assert_eq!(tracker.add_cost(cost("0.5", &ann)).unwrap(), []);
    let reservation = reserve(&tracker, &ann, "1000");
    assert_eq!(charge(&tracker, &reservation, &ann, "1"), [""; 0]);
    tracker.release(reservation);
    let levels: Vec<WarningLevel> = heard.lock().iter().map(|heard| heard.0).collect();
    assert_eq!(levels, [WarningLevel::Warn, WarningLevel::UsedUp]);
    clock.advance(Duration::from_hours(24));
    assert_eq!(tracker.add_cost(cost("2", &ann)).unwrap().len(), 2, "a new day, from none to all");
}

#[test]
fn degrade_degrades_before_it_blocks() {
    let clock = FakeClock::new();
    let tracker =
        tracker(json!({"user_budgets": {"ann": {"daily": 1}}, "mode": "degrade"}), &clock);
    let ann = user("ann");
    // A plan too dear is degraded at once; what is cheap enough is not.
    assert!(matches!(ask(&tracker, &ann, "1.1", false), Ok(Admission::Degrade { .. })));
    let first = reserve(&tracker, &ann, "0.95");
    assert!(matches!(ask(&tracker, &ann, "0.01", false), Ok(Admission::Degrade { .. })));
    charge(&tracker, &first, &ann, "0.89");
    tracker.release(first);
    tracker.release(reserve(&tracker, &ann, "0.1"));
    tracker.add_cost(cost("0.02", &ann)).unwrap();
    let Ok(Admission::Degrade { reason }) = ask(&tracker, &ann, "0.01", false) else { panic!() };
    assert!(reason.contains("has passed 90 %"), "{reason}");
    assert!(matches!(ask(&tracker, &ann, "0.09", true), Ok(Admission::Granted { .. })));
    let error = ask(&tracker, &ann, "0.01", true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Budget);
    assert!(matches!(ask(&tracker, &ann, "0", false), Ok(Admission::Granted { .. })), "free");
    let open = wait_for(tracker.status(&ann)).unwrap().unwrap();
    assert_eq!(open.reserved, usd("0.09").decimal(), "degrading sets nothing aside");
}

#[test]
fn what_a_provider_reports_beyond_the_worst_case_is_booked() {
    let clock = FakeClock::new();
    let tracker = tracker(json!({"user_budgets": {"ann": {"daily": 1}}, "mode": "block"}), &clock);
    let ann = user("ann");
    let reservation = reserve(&tracker, &ann, "0.5");
    charge(&tracker, &reservation, &ann, "0.4");
    charge(&tracker, &reservation, &ann, "0.9");
    tracker.release(reservation);
    let summary = tracker.user_summary("ann", None).unwrap();
    assert_eq!((summary.total_cost, summary.budget_exceeded), (usd("1.3"), true));
    assert!(ask(&tracker, &ann, "0.01", false).is_err());
    assert_eq!(wait_for(tracker.status(&ann)).unwrap().unwrap().reserved, usd("0").decimal());
}

#[test]
fn reservations_expire_and_late_charges_still_count() {
    let clock = FakeClock::new();
    let policy =
        json!({"user_budgets": {"ann": {"total": 1}}, "mode": "block", "reservation_seconds": 60});
    let tracker = tracker(policy, &clock);
    let ann = user("ann");
    let reservation = reserve(&tracker, &ann, "1");
    assert!(ask(&tracker, &ann, "0.5", false).is_err());
    clock.advance(Duration::from_mins(1));
    let second = reserve(&tracker, &ann, "0.5");
    charge(&tracker, &reservation, &ann, "0.3");
    tracker.release(reservation);
    let status = wait_for(tracker.status(&ann)).unwrap().unwrap();
    assert_eq!((status.used, status.reserved), (usd("0.3").decimal(), usd("0.5").decimal()));
    clock.advance(Duration::from_mins(1));
    assert_eq!(wait_for(tracker.expire()).unwrap(), 1);
    tracker.release(second);
    assert_eq!(wait_for(tracker.status(&ann)).unwrap().unwrap().reserved, usd("0").decimal());
}

#[test]
fn can_afford_says_whether_and_what_would_happen() {
    let clock = FakeClock::new();
    let cases = [
        ("warn", "0.5", "0.4", true, BudgetAction::Allow),
        ("warn", "0.8", "0.2", true, BudgetAction::Warn),
        ("warn", "0.8", "0.21", false, BudgetAction::Warn),
        ("warn", "1.5", "0", true, BudgetAction::Warn),
        ("degrade", "0.8", "0.1", true, BudgetAction::Warn),
        ("degrade", "0.9", "0.1", true, BudgetAction::Degrade),
        ("degrade", "0.9", "0.2", false, BudgetAction::Degrade),
        ("degrade", "1", "0.2", false, BudgetAction::Block),
        ("degrade", "1", "0", true, BudgetAction::Warn),
        ("block", "0.9", "0.1", true, BudgetAction::Warn),
        ("block", "0.9", "0.11", false, BudgetAction::Block),
    ];
    for (mode, spent, estimate, allowed, action) in cases {
        let policy = json!({"user_budgets": {"ann": {"daily": 1}}, "mode": mode});
        let tracker = tracker(policy, &clock);
        tracker.add_cost(cost(spent, &user("ann"))).unwrap();
        let found = tracker.can_afford(&user("ann"), usd(estimate)).unwrap();
        assert_eq!((found.allowed, found.action), (allowed, action), "{mode} {spent} {estimate}");
        assert_eq!(found.message.is_some(), action != BudgetAction::Allow);
        let stranger = tracker.can_afford(&user("bob"), usd("1000")).unwrap();
        assert_eq!((stranger.allowed, stranger.action), (true, BudgetAction::Allow));
    }
}

#[test]
fn sums_lists_and_reset() {
    let clock = FakeClock::new().with_epoch(Duration::from_secs(1_700_000_000));
    let tracker = tracker(
        json!({"budget_limit": 4, "user_budgets": {"zoe": {"tier": "pro", "daily": 1}}}),
        &clock,
    );
    let pro = |id: &str| BudgetScope { tier: Some("pro".into()), ..user(id) };
    tracker.add_cost(cost("1", &pro("ann"))).unwrap();
    tracker.add_cost(CostRecord { model: "n".into(), ..cost("2", &user("bob")) }).unwrap();
    tracker
        .add_cost(CostRecord { provider: "q".into(), ..cost("3", &BudgetScope::default()) })
        .unwrap();
    tracker.add_cost(cost("0.5", &user("zoe"))).unwrap();
    let summary = tracker.summary().unwrap();
    assert_eq!((summary.total_cost, summary.total_entries), (usd("6.5"), 4));
    assert_eq!(summary.by_model["m"], usd("4.5"));
    assert_eq!((summary.by_provider["q"], summary.by_user["bob"]), (usd("3"), usd("2")));
    assert_eq!(summary.by_user.len(), 3);
    assert_eq!((summary.budget_limit, summary.budget_remaining), (Some(usd("4")), Some(usd("0"))));
    assert_eq!((summary.budget_used_pct, summary.budget_exceeded), (Some(162.5), true));
    let names = |users: Vec<Arc<str>>| users.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(tracker.all_users().unwrap()), ["ann", "bob", "zoe"]);
    assert_eq!(names(tracker.users_by_tier("pro").unwrap()), ["ann", "zoe"], "zoe by her limits");
    let mut seen = Vec::new();
    let filter = EntryFilter { provider: Some("p".into()), ..EntryFilter::default() };
    let visit = |entry: cascade_core::ports::LedgerEntry| {
        seen.push(entry.cost.to_string());
        Ok(())
    };
    tracker.each_entry(&filter, visit).unwrap();
    assert_eq!(seen, ["1", "2", "0.5"]);
    let unknown = tracker.user_summary("nobody", Some("gold")).unwrap();
    assert_eq!((unknown.total_entries, unknown.budget), (0, None));
    tracker.reset().unwrap();
    assert_eq!(tracker.summary().unwrap().total_entries, 0);
    assert!(tracker.all_users().unwrap().is_empty());
    assert_eq!(tracker.add_cost(cost("0.8", &user("zoe"))).unwrap().len(), 1, "warned anew");
    assert!(tracker.totals(TotalsBy::User).unwrap().len() == 1);
}

#[test]
fn many_entries_are_visited_in_pages() {
    let tracker = tracker(json!({}), &FakeClock::new());
    for number in 0..2_500_u64 {
        let record = CostRecord { tokens: number, ..cost("0.001", &user("ann")) };
        tracker.add_cost(record).unwrap();
    }
    let count = |filter: EntryFilter| {
        let mut tokens = Vec::new();
        let visit = |entry: cascade_core::ports::LedgerEntry| {
            tokens.push(entry.tokens);
            Ok(())
        };
        tracker.each_entry(&filter, visit).unwrap();
        tokens
    };
    assert_eq!(count(EntryFilter::default()), (0..2_500).collect::<Vec<_>>());
    let limited = EntryFilter { limit: Some(1_500), ..EntryFilter::default() };
    assert_eq!(count(limited.clone()), (0..1_500).collect::<Vec<_>>());
    let newest = EntryFilter { newest: true, ..limited };
    assert_eq!(count(newest), (1_000..2_500).collect::<Vec<_>>());
}

#[test]
fn bad_costs_are_refused() {
    let tracker = tracker(json!({}), &FakeClock::new());
    let ann = user("ann");
    let cases = [
        (cost("-1", &ann), "cost"),
        (CostRecord { model: String::new(), ..cost("1", &ann) }, "model"),
        (CostRecord { provider: String::new(), ..cost("1", &ann) }, "provider"),
    ];
    for (record, field) in cases {
        let error = tracker.add_cost(record).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some(field)));
    }
    assert_eq!(tracker.summary().unwrap().total_entries, 0);
}
