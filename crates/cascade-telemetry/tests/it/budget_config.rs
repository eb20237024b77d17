use std::sync::Arc;

use cascade_core::ErrorKind;
use cascade_telemetry::{BudgetConfig, BudgetPolicy, CostTracker, EnforcementMode};
use cascade_testkit::FakeClock;
use serde_json::{Value, json};

fn policy(value: Value) -> Result<BudgetPolicy, serde_json::Error> {
    serde_json::from_value(value)
}

#[test]
fn every_name_of_a_limit_is_understood() {
    let short: BudgetConfig = serde_json::from_value(json!({
        "hourly": "0.1", "daily": 1, "weekly": 5.5, "monthly": "20", "total": "100",
        "requests_per_minute": 1, "requests_per_hour": 2, "requests_per_day": 3,
        "tokens_per_minute": 4, "tokens_per_hour": 5, "tokens_per_day": 6, "tier": "pro",
    }))
    .unwrap();
    let long: BudgetConfig = serde_json::from_value(json!({
        "hourly_budget": "0.1", "daily_budget": 1, "weekly_budget": 5.5, "monthly_budget": "20",
        "total_budget": "100", "requests_per_minute": 1, "requests_per_hour": 2,
        "requests_per_day": 3, "tokens_per_minute": 4, "tokens_per_hour": 5, "tokens_per_day": 6,
        "tier": "pro",
    }))
    .unwrap();
    assert_eq!(short, long);
    assert!(short.has_any_limit());
    assert!(!BudgetConfig { tier: Some("pro".into()), ..BudgetConfig::default() }.has_any_limit());
}

#[test]
fn every_name_of_a_threshold_is_understood() {
    let names = [
        json!({"warn_threshold": 0.5, "degrade_at": 0.6, "block_at": 0.7, "mode": "degrade"}),
        json!({"warning_threshold": 0.5, "degradation_threshold": 0.6, "block_threshold": 0.7,
            "enforcement_mode": "degrade"}),
        json!({"warn_at": 0.5, "degrade_threshold": 0.6, "block_at": 0.7, "mode": "degrade"}),
    ];
    for value in names {
        let policy = policy(value).unwrap();
        assert_eq!((policy.warn_threshold, policy.degrade_at, policy.block_at), (0.5, 0.6, 0.7));
        assert_eq!(policy.enforcement_mode, EnforcementMode::Degrade);
    }
    let default = policy(json!({})).unwrap();
    assert_eq!((default.warn_threshold, default.degrade_at, default.block_at), (0.8, 0.9, 1.0));
    assert_eq!((default.enforcement_mode, &*default.time_zone), (EnforcementMode::Warn, "UTC"));
}

#[test]
fn unknown_keys_are_refused() {
    let error = policy(json!({"user_budgets": {"ann": {"dayly": 1}}})).unwrap_err().to_string();
    assert!(error.contains("unknown field `dayly`"), "{error}");
    assert!(policy(json!({"enforcement_mode": "nope"})).is_err());
    assert!(policy(json!({"budget_limit": "much"})).is_err());
}

#[test]
fn bad_values_are_refused_with_field_and_remedy() {
    let cases = [
        (json!({"budget_limit": -1}), "budget_limit"),
        (json!({"user_budgets": {"ann": {"daily": "-0.1"}}}), "user_budgets.ann.daily"),
        (json!({"global": {"total": -2}}), "global.total"),
        (json!({"default_user_budget": {"tier": " "}}), "default_user_budget.tier"),
        (json!({"shared_tier_budgets": {"pro": {"hourly": -2}}}), "shared_tier_budgets.pro.hourly"),
        (json!({"warn_threshold": 2}), "warn_threshold"),
        (json!({"warn_threshold": 80}), "warn_threshold"),
        (json!({"degrade_at": -0.1}), "degrade_at"),
        (json!({"block_at": 0}), "block_at"),
        (json!({"mode": "degrade", "degrade_at": 1, "block_at": 0.5}), "degrade_at"),
        (json!({"time_zone": "Europe/Brelin"}), "time_zone"),
        (json!({"reservation_seconds": 0}), "reservation_seconds"),
    ];
    for (value, field) in cases {
        let made = CostTracker::in_memory(policy(value).unwrap(), Arc::new(FakeClock::new()));
        let error = made.unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Config, Some(field)), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
}

#[test]
fn users_are_looked_up_by_id_then_tier_then_default() {
    let policy = policy(json!({
        "user_budgets": {"ann": {"daily": 1}, "free": {"daily": 2}, "zoe": {"daily": 5, "tier": "pro"}},
        "tier_budgets": {"pro": {"daily": 3}, "free": {"daily": 9}},
        "default_budget": {"daily": 4},
    }))
    .unwrap();
    let daily = |user: &str, tier: Option<&str>| {
        policy.user_budget(user, tier).and_then(|budget| budget.daily).unwrap().to_string()
    };
    assert_eq!(daily("ann", Some("free")), "1");
    assert_eq!(daily("bob", Some("free")), "2");
    assert_eq!(daily("bob", Some("pro")), "3");
    assert_eq!(daily("bob", None), "4");
    assert_eq!(daily("bob", Some("unheard of")), "4");
    assert_eq!(daily("zoe", None), "5");
}
