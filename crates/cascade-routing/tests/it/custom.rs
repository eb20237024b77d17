use std::sync::Arc;

use cascade_core::ports::RouteInput;
use cascade_core::query::QueryAnalysis;
use cascade_core::{ErrorKind, ModelConfig, Plan, Result, Route, RunOptions, StepGate};
use cascade_routing::{RouteRequest, read_plan};
use serde_json::{Value, json};

use crate::support::models;

fn with_input<T>(options: &RunOptions, give: impl FnOnce(RouteInput<'_>) -> T) -> T {
    let query = QueryAnalysis::new("Review this contract".to_owned());
    let models: Vec<Arc<ModelConfig>> =
        ["small", "medium", "large"].map(|name| Arc::new(ModelConfig::new(name, "openai"))).into();
    give(RouteInput {
        query: &query,
        complexity: query.complexity,
        options,
        models: &models,
        verifier: 2,
        cascade_enabled: true,
        turns: 3,
        has_images: false,
    })
}

fn read(answer: Value) -> Result<Option<Plan>> {
    with_input(&RunOptions::default(), |input| read_plan("mine", answer, input))
}

fn plan(answer: Value) -> Plan {
    read(answer).unwrap().unwrap()
}

#[test]
fn nothing_leaves_the_query_to_the_next_router() {
    assert_eq!(read(Value::Null).unwrap(), None);
}

#[test]
fn a_name_answers_directly_and_names_make_a_cascade() {
    for answer in [json!("medium"), json!(["medium"]), json!({"model": "medium"})] {
        let plan = plan(answer);
        assert_eq!((plan.route, models(&plan)), (Route::Direct, vec![vec![1]]));
        assert_eq!((&*plan.rule, &*plan.reason), ("custom_router", "decided by router `mine`"));
    }
    let cascade = plan(json!(["small", "medium", "large"]));
    assert_eq!(cascade.route, Route::Cascade);
    let steps: Vec<_> = cascade.steps.iter().map(|step| (&*step.name, step.gate.clone())).collect();
    assert_eq!(
        steps,
        [("draft", StepGate::Judge), ("step_2", StepGate::Judge), ("verifier", StepGate::Open)]
    );
    let strict = plan(json!({
        "models": ["small", "large"], "threshold": 0.9, "rule": "legal", "reason": "a contract",
        "domain": "legal", "domain_confidence": 0.8
    }));
    let thresholds: Vec<_> = strict.steps.iter().map(|step| step.threshold).collect();
    assert_eq!(thresholds, [Some(0.9), None]);
    assert_eq!((&*strict.rule, &*strict.reason), ("legal", "a contract"));
    assert_eq!((strict.domain.as_deref(), strict.domain_confidence), (Some("legal"), Some(0.8)));
}

#[test]
fn steps_are_those_of_a_strategy_and_say_less() {
    let plan = plan(json!({"run_all_steps": true, "steps": [
        {"model": "small", "threshold": 0.7, "retries": 1, "fallbacks": ["medium"]},
        {"name": "set", "models": ["small", "medium"], "samples": 2, "validator": "cites"},
        {"model": "large", "gate": "open"}
    ]}));
    assert_eq!((plan.route, plan.run_all_steps), (Route::Strategy, true));
    assert_eq!(models(&plan), [vec![0], vec![0, 1], vec![2]]);
    let gates: Vec<_> = plan.steps.iter().map(|step| step.gate.as_str()).collect();
    assert_eq!(gates, ["judge", "cites", "open"]);
    assert_eq!(&*plan.steps[0].name, "step_1");
    assert_eq!((plan.steps[0].retries, plan.steps[0].fallbacks.as_slice()), (1, [1].as_slice()));
}

#[test]
fn the_record_of_a_plan_is_read_as_that_plan() {
    let made = [
        plan(json!(["small", "medium", "large"])),
        plan(json!("large")),
        plan(json!({"steps": [{"models": ["small", "medium"], "samples": 3, "threshold": 0.5}]})),
        Plan { domain: Some("legal".into()), ..Plan::cascade(0, 2, "complexity", "simple") },
    ];
    for plan in made {
        with_input(&RunOptions::default(), |input| {
            let record = json!(plan.record(input.models));
            assert_eq!(read_plan("mine", record, input).unwrap(), Some(plan.clone()));
        });
    }
}

#[test]
fn a_domain_that_the_caller_gives_stays() {
    let options = RunOptions { domain_hint: Some("legal".into()), ..RunOptions::default() };
    let plan = with_input(&options, |input| read_plan("mine", json!("small"), input));
    let plan = plan.unwrap().unwrap();
    assert_eq!((plan.domain.as_deref(), plan.domain_confidence), (Some("legal"), Some(1.0)));
}

#[test]
fn every_fault_names_the_router_and_the_field() {
    let faults = [
        (json!(true), "router"),
        (json!(3), "router"),
        (json!({}), "router"),
        (json!({"model": "small", "models": ["large"]}), "router"),
        (json!("tiny"), "router.model"),
        (json!({"model": 3}), "router.model"),
        (json!([]), "router.models"),
        (json!(["small", "tiny"]), "router.models[1]"),
        (json!(["small", 3]), "router.models[1]"),
        (json!({"models": "small"}), "router.models"),
        (json!({"models": ["small", "large"], "threshold": 2}), "router.threshold"),
        (json!({"steps": [{"model": "small"}], "threshold": 0.5}), "router.threshold"),
        (json!({"model": "small", "route": "sideways"}), "router.route"),
        (json!({"model": "small", "because": "it is cheap"}), "router.because"),
        (json!({"model": "small", "run_all_steps": true}), "router.run_all_steps"),
        (json!({"steps": "small"}), "router.steps"),
        (json!({"steps": []}), "router.steps"),
        (json!({"steps": ["small"]}), "router.steps[0]"),
        (json!({"steps": [{"model": "small"}, {}]}), "router.steps[1].models"),
        (json!({"steps": [{"model": "tiny"}]}), "router.steps[0].models"),
        (json!({"steps": [{"model": "small", "models": []}]}), "router.steps[0].model"),
        (json!({"steps": [{"model": "small", "samples": "two"}]}), "router.steps[0].samples"),
        (
            json!({"steps": [{"model": "small", "gate": "open", "validator": "none"}]}),
            "router.steps[0].gate",
        ),
        (json!({"steps": [{"model": "small", "color": "red"}]}), "router.steps[0].color"),
    ];
    for (answer, field) in faults {
        let error = read(answer.clone()).unwrap_err();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Routing, Some(field)), "{answer}");
        assert!(error.message().starts_with("router `mine` gave no plan"), "{error}");
        assert!(error.hint().is_some_and(|hint| !hint.is_empty()));
    }
}

#[test]
fn a_request_tells_query_models_and_the_options_that_were_set() {
    let options = RunOptions {
        user_tier: Some("pro".into()),
        metadata: json!({"team": "legal"}).as_object().unwrap().clone(),
        ..RunOptions::default()
    };
    let request = with_input(&options, |input| json!(RouteRequest::from(input)));
    assert_eq!(request["query"], "Review this contract");
    assert_eq!(request["options"], json!({"user_tier": "pro", "metadata": {"team": "legal"}}));
    assert_eq!((&request["verifier"], &request["turns"]), (&json!("large"), &json!(3)));
    assert_eq!(request["models"][0]["name"], "small");
    assert_eq!(request["models"][0]["supports_tools"], true);
}
