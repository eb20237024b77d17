use std::sync::Arc;
use std::time::Duration;

use cascade_core::Usd;
use cascade_telemetry::{ProfileCache, TierConfig, UserProfile};
use cascade_testkit::FakeClock;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

#[test]
fn tiers_grow_from_free_to_enterprise() {
    let names: Vec<_> = TierConfig::presets().iter().map(|tier| tier.name.as_str()).collect();
    assert_eq!(names, ["free", "starter", "pro", "business", "enterprise"]);
    for pair in TierConfig::presets().windows(2) {
        let of = |tier: &TierConfig| tier.daily_budget.unwrap_or(usd("1000000"));
        assert!(of(&pair[0]) < of(&pair[1]), "{} {}", pair[0].name, pair[1].name);
        assert!(pair[0].min_quality < pair[1].min_quality);
    }
    for tier in TierConfig::presets() {
        tier.validate().unwrap();
    }
}

#[test]
fn an_unknown_tier_is_told_what_there_is() {
    let error = TierConfig::preset("gold").unwrap_err();
    assert_eq!(error.field(), Some("tier"));
    assert!(error.hint().unwrap().contains("enterprise"), "{error}");
    assert!(TierConfig::preset("startr").unwrap_err().hint().unwrap().contains("`starter`"));
}

#[test]
fn what_was_agreed_wins_over_the_tier() {
    let mut person = UserProfile::new("ada", TierConfig::preset("pro").unwrap().clone());
    assert_eq!(person.daily_budget(), Some(usd("10")));
    person.custom_daily_budget = Some(Usd::ZERO);
    person.custom_requests_per_hour = Some(5);
    assert_eq!(person.daily_budget(), Some(Usd::ZERO));
    let limits = person.rate_limits();
    assert_eq!(limits.requests_per_hour, Some(5));
    assert_eq!(limits.requests_per_day, Some(10_000));
    assert_eq!(limits.tokens_per_minute, Some(100_000));
    assert_eq!(limits.daily_budget, Some(Usd::ZERO));
}

#[test]
fn bad_amounts_name_their_field() {
    let mut person = UserProfile::new("ada", TierConfig::preset("free").unwrap().clone());
    person.custom_daily_budget = Some(usd("-1"));
    assert_eq!(person.validate().unwrap_err().field(), Some("custom_daily_budget"));
    let mut tier = TierConfig::preset("free").unwrap().clone();
    tier.min_quality = 5.0;
    assert_eq!(tier.validate().unwrap_err().field(), Some("min_quality"));
    let nobody = UserProfile::new("", TierConfig::preset("free").unwrap().clone());
    assert_eq!(nobody.validate().unwrap_err().field(), Some("user_id"));
}

#[test]
fn a_blocked_model_is_not_allowed_even_where_it_is_listed() {
    let tier = TierConfig {
        allowed_models: Some(vec!["a".into(), "b".into()]),
        blocked_models: Some(vec!["b".into()]),
        ..TierConfig::preset("free").unwrap().clone()
    };
    assert_eq!(["a", "b", "c"].map(|name| tier.allows_model(name)), [true, false, false]);
}

#[test]
fn cached_profiles_age_and_the_unused_leave_first() {
    let clock = Arc::new(FakeClock::new());
    let cache = ProfileCache::new(clock.clone(), Duration::from_mins(5), 2);
    assert_eq!(cache.insert("a", 1), None);
    assert_eq!(cache.insert("b", 2), None);
    assert_eq!(cache.get("a"), Some(1));
    assert_eq!(cache.insert("c", 3), Some(2), "b was unused for longest");
    assert_eq!((cache.get("a"), cache.get("b"), cache.get("c")), (Some(1), None, Some(3)));
    clock.advance(Duration::from_secs(299));
    assert_eq!(cache.get("a"), Some(1), "reading does not make it younger");
    clock.advance(Duration::from_secs(1));
    assert_eq!((cache.get("a"), cache.len()), (None, 1));
    assert_eq!(cache.remove("c"), Some(3));
    assert!(cache.is_empty());
}

#[test]
fn a_cache_that_keeps_nothing_forgets_at_once() {
    let cache = ProfileCache::new(Arc::new(FakeClock::new()), Duration::ZERO, 2);
    assert_eq!(cache.insert("a", 1), Some(1));
    assert_eq!(cache.get("a"), None);
}
