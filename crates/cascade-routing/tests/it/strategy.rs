use std::sync::Arc;

use cascade_core::{Route, StepGate, Strategy};
use cascade_routing::StrategyRouter;
use serde_json::{Value, json};

use crate::support::Case;

fn case(strategy: Value) -> Case {
    let strategy: Strategy = serde_json::from_value(strategy).unwrap();
    let mut case = Case::new("Review this contract");
    case.options.strategy = Some(Arc::new(strategy));
    case
}

#[test]
fn without_a_strategy_the_next_router_decides() {
    assert_eq!(Case::new("hi").route(&StrategyRouter::default()).unwrap(), None);
}

#[test]
fn every_field_of_a_step_is_planned() {
    let mut case = case(json!({
        "name": "legal",
        "run_all_steps": true,
        "steps": [
            {"name": "draft", "models": ["small", "medium"], "samples": 2, "threshold": 0.6,
             "retries": 1, "fallbacks": ["large"]},
            {"name": "cite", "models": ["large"], "validator": "citations"},
            {"name": "close", "models": ["large"], "validator": "none"}
        ]
    }));
    case.options.domain_hint = Some("legal".into());
    let plan = case.route(&StrategyRouter::default()).unwrap().unwrap();
    assert_eq!((plan.route, plan.rule.as_ref()), (Route::Strategy, "strategy"));
    assert_eq!(plan.reason, "Strategy 'legal'");
    assert!(plan.run_all_steps);
    assert_eq!(plan.domain.as_deref(), Some("legal"));
    let [draft, cite, close] = plan.steps.as_slice() else { panic!("three steps") };
    assert_eq!((draft.models.as_slice(), draft.samples), ([0, 1].as_slice(), 2));
    assert_eq!((draft.threshold, draft.retries), (Some(0.6), 1));
    assert_eq!((draft.fallbacks.as_slice(), &draft.gate), ([2].as_slice(), &StepGate::Judge));
    assert_eq!(cite.gate, StepGate::Check("citations".into()));
    assert_eq!(close.gate, StepGate::Open);
}

#[test]
fn faults_name_field_and_remedy() {
    let step = |change: Value| {
        let mut step = json!({"name": "draft", "models": ["small"]});
        for (key, value) in change.as_object().unwrap() {
            step[key] = value.clone();
        }
        json!({"name": "s", "steps": [step]})
    };
    let faults = [
        (json!({"name": "s", "steps": []}), "strategy.steps"),
        (step(json!({"name": " "})), "strategy.steps[0].name"),
        (step(json!({"models": []})), "strategy.steps[0].models"),
        (step(json!({"models": ["small", "tiny"]})), "strategy.steps[0].models"),
        (step(json!({"fallbacks": ["tiny"]})), "strategy.steps[0].fallbacks"),
        (step(json!({"samples": 0})), "strategy.steps[0].samples"),
        (step(json!({"threshold": 1.5})), "strategy.steps[0].threshold"),
        (
            json!({"name": "s", "steps": [{"name": "a", "models": ["small"]}, {"name": "a", "models": ["small"]}]}),
            "strategy.steps[1].name",
        ),
    ];
    for (strategy, field) in faults {
        let error = case(strategy).route(&StrategyRouter::default()).unwrap_err();
        assert_eq!(error.field(), Some(field));
        assert!(error.hint().is_some());
    }
}

#[test]
fn an_unknown_model_is_named_beside_the_known_ones() {
    let strategy = json!({"name": "s", "steps": [{"name": "a", "models": ["tiny"]}]});
    let error = case(strategy).route(&StrategyRouter::default()).unwrap_err();
    assert_eq!(error.message(), "unknown model: `tiny`");
    assert_eq!(error.model(), Some("tiny"));
    assert_eq!(error.hint(), Some("use one of the agent's models: `small`, `medium`, `large`"));
}
