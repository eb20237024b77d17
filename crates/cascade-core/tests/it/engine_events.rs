use std::sync::Arc;

use cascade_core::ports::{EngineEvent, EventSink};
use cascade_core::{BatchOptions, Plan, PlanStep, RunId, RunOptions, StepGate};
use cascade_testkit::{ScriptedAnswer, ScriptedProvider};
use parking_lot::Mutex;

use crate::engine_support::builder;

/// The run of each event, in order.
#[derive(Default)]
struct Runs(Mutex<Vec<RunId>>);

impl EventSink for Runs {
    fn on_event(&self, event: EngineEvent<'_>) {
        self.0.lock().push(event.run());
    }
}

#[test]
fn ids_differ_and_grow() {
    let ids: Vec<_> = (0..1000).map(|_| RunId::next()).collect();
    assert!(ids.is_sorted_by(|one, next| one < next));
    let text = ids[0].to_string();
    assert_eq!(text.len(), 32);
    assert!(text.chars().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(serde_json::to_value(ids[0]).unwrap(), serde_json::json!(text));
}

#[tokio::test]
async fn every_event_of_a_run_has_its_id() {
    let provider = ScriptedProvider::new("scripted")
        .always("small", ScriptedAnswer::text("The capital of France is Paris."))
        .always("big", ScriptedAnswer::text("The capital of France is Paris."));
    let runs = Arc::new(Runs::default());
    let agent = builder(&provider).event_sink(Arc::clone(&runs) as _).build().unwrap();
    agent.run("What is the capital of France?", RunOptions::default()).await.unwrap();
    let first = runs.0.lock().clone();
    assert!(first.len() >= 3, "a plan, an attempt and a result at least");
    assert!(first.iter().all(|run| *run == first[0]));
    let queries = vec!["What is the capital?".into(), "Which city is it?".into()];
    agent.run_batch(queries, RunOptions::default(), BatchOptions::default(), |_| {}).await;
    let mut all = runs.0.lock().clone();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 3, "each query of a batch is a run");
}

#[test]
fn the_record_of_a_plan_names_models_and_gates() {
    let models: Vec<_> = ["small", "large"]
        .map(|name| Arc::new(cascade_core::ModelConfig::new(name, "test")))
        .into_iter()
        .collect();
    let mut plan = Plan::cascade(0, 1, "rule", "a reason");
    let check = StepGate::Check("cites".into());
    plan.steps.push(PlanStep { fallbacks: vec![0, 7], ..PlanStep::single("last", 1, check) });
    let record = serde_json::to_value(plan.record(&models)).unwrap();
    let gates: Vec<_> = record["steps"].as_array().unwrap().iter().map(|s| &s["gate"]).collect();
    assert_eq!(gates, ["judge", "open", "cites"]);
    assert_eq!(record["steps"][0]["models"], serde_json::json!(["small"]));
    assert_eq!(record["steps"][2]["fallbacks"], serde_json::json!(["small"]));
    assert_eq!(record["route"], "cascade");
    assert!(record["domain"].is_null());
}
