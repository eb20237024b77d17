use cascade_core::{Complexity, Plan, Route};
use cascade_routing::{ComplexityRouter, RouterConfig};

use crate::support::{Case, models};

fn plan(case: &Case) -> Plan {
    case.route(&ComplexityRouter::default()).unwrap().unwrap()
}

fn at(level: Complexity) -> Case {
    Case { complexity: Some(level), ..Case::new("Tell me about rivers") }
}

#[test]
fn easy_queries_cascade_from_the_cheapest_to_the_strongest() {
    for level in [Complexity::Trivial, Complexity::Simple, Complexity::Moderate] {
        let plan = plan(&at(level));
        assert_eq!(plan.route, Route::Cascade);
        assert_eq!(models(&plan), [[0], [2]]);
        assert_eq!(plan.rule, "complexity");
        assert_eq!(plan.reason, format!("{level} query suitable for cascade optimization"));
        assert_eq!((plan.domain, plan.domain_confidence), (None, None));
    }
}

#[test]
fn hard_queries_go_to_the_strongest() {
    for level in [Complexity::Hard, Complexity::Expert] {
        let plan = plan(&at(level));
        assert_eq!(plan.route, Route::Direct);
        assert_eq!(models(&plan), [[2]]);
        assert_eq!(plan.reason, format!("{level} query requires best model for quality"));
    }
}

#[test]
fn the_second_model_may_verify() {
    let second = |level| Case { verifier: Some(1), ..at(level) };
    assert_eq!(models(&plan(&second(Complexity::Simple))), [[0], [1]]);
    assert_eq!(models(&plan(&second(Complexity::Hard))), [[2]]);
    let mut case = second(Complexity::Simple);
    case.models[0].domains = vec!["code".into()];
    case.options.domain_hint = Some("medical".into());
    assert_eq!(plan(&case).rule, "cascade_disabled", "the verifier alone is left to draft");
}

#[test]
fn forced_and_disabled_runs_go_direct() {
    let mut forced = at(Complexity::Trivial);
    forced.options.force_direct = true;
    let forced = plan(&forced);
    assert_eq!(forced.rule, "force_direct");
    assert_eq!(forced.reason, "Forced direct routing (bypass cascade)");

    let mut disabled = at(Complexity::Trivial);
    disabled.cascade_enabled = false;
    assert_eq!(plan(&disabled).rule, "cascade_disabled");
    assert_eq!(plan(&disabled).reason, "Cascade disabled, routing to best model");

    let mut single = at(Complexity::Trivial);
    single.models.truncate(1);
    assert_eq!(plan(&single).rule, "cascade_disabled");
    assert_eq!(models(&plan(&single)), [[0]]);
}

#[test]
fn conversations_code_and_classification_cascade_although_hard() {
    let hard = |query: &str| Case { complexity: Some(Complexity::Hard), ..Case::new(query) };
    let turn = Case { turns: 2, ..hard("And the other one?") };
    assert_eq!(plan(&turn).rule, "multi_turn");
    assert_eq!(
        plan(&turn).reason,
        "Multi-turn override: allow cascade for multi-turn conversation"
    );
    let code = plan(&hard("Refactor this class to use dependency injection"));
    assert_eq!((code.rule.as_ref(), code.route), ("code_task", Route::Cascade));
    assert_eq!(code.reason, "Code task override: allow cascade for code generation");
    let label = plan(&hard("Classify the review as positive or negative: it was fine"));
    assert_eq!((label.rule.as_ref(), label.route), ("classification", Route::Cascade));
    assert_eq!(plan(&hard("Implement quicksort in Rust")).route, Route::Direct);
}

#[test]
fn the_threshold_of_the_run_goes_to_the_draft() {
    let mut case = at(Complexity::Simple);
    case.options.quality_threshold = Some(0.9);
    let plan = plan(&case);
    assert_eq!(plan.steps[0].threshold, Some(0.9));
    assert_eq!(plan.steps[1].threshold, None);
}

#[test]
fn a_domain_is_given_or_detected() {
    let mut given = at(Complexity::Simple);
    given.options.domain_hint = Some("medical".into());
    assert_eq!(plan(&given).domain.as_deref(), Some("medical"));
    assert_eq!(plan(&given).domain_confidence, Some(1.0));
    given.options.domain_confidence_hint = Some(0.4);
    assert_eq!(plan(&given).domain_confidence, Some(0.4));

    let config = RouterConfig { domain_detection: true, ..RouterConfig::default() };
    let router = ComplexityRouter::new(config).unwrap();
    let plan = Case::new("Translate this letter into French").route(&router).unwrap().unwrap();
    assert_eq!(plan.domain.as_deref(), Some("translation"));
    assert!(plan.domain_confidence.unwrap() > 0.5);
}

#[test]
fn models_meant_for_other_domains_do_not_draft() {
    let mut case = at(Complexity::Simple);
    case.models[0].domains = vec!["code".into()];
    case.options.domain_hint = Some("medical".into());
    assert_eq!(models(&plan(&case)), [[1], [2]]);
    case.options.domain_hint = Some("code".into());
    assert_eq!(models(&plan(&case)), [[0], [2]]);
    case.options.domain_hint = None;
    assert_eq!(models(&plan(&case)), [[0], [2]]);
}

#[test]
fn a_threshold_out_of_range_is_refused() {
    let config = RouterConfig { domain_confidence_threshold: 1.5, ..RouterConfig::default() };
    let error = ComplexityRouter::new(config).unwrap_err();
    assert_eq!(error.field(), Some("router.domain_confidence_threshold"));
    assert!(error.hint().is_some());
}
