use std::sync::Arc;

use cascadeflow::{CascadeResult, Error, ModelConfig, Plan, StepGate, Verdict};
use serde_json::{Value, json};

/// The record of a result or an error.
pub(crate) fn outcome(outcome: &Result<CascadeResult, Error>) -> Value {
    match outcome {
        Ok(result) => serde_json::to_value(result).unwrap(),
        Err(failed) => json!({"error": error(failed)}),
    }
}

/// The record of an error.
pub(crate) fn error(error: &Error) -> Value {
    json!({
        "kind": error.kind(),
        "message": error.message(),
        "hint": error.hint(),
        "field": error.field(),
        "provider": error.provider(),
        "model": error.model(),
        "status": error.status(),
        "retry_after_ms": error.retry_after().map(|wait| wait.as_secs_f64() * 1000.0),
        "env_var": error.env_var(),
        "attempts": error.attempts(),
    })
}

/// The record of a verdict.
pub(crate) fn verdict(verdict: &Verdict) -> Value {
    let mut record = serde_json::to_value(verdict).unwrap();
    record["failed_checks"] = verdict.failed_checks().collect();
    record
}

/// The record of a plan, its models by name.
pub(crate) fn plan(plan: &Plan, models: &[Arc<ModelConfig>]) -> Value {
    let names = |positions: &[usize]| -> Vec<&str> {
        positions.iter().map(|position| models[*position].name.as_str()).collect()
    };
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .map(|step| {
            json!({
                "name": step.name,
                "models": names(&step.models),
                "samples": step.samples,
                "gate": match &step.gate {
                    StepGate::Judge => "judge",
                    StepGate::Open => "open",
                    StepGate::Check(name) => name,
                },
                "threshold": step.threshold,
                "retries": step.retries,
                "fallbacks": names(&step.fallbacks),
            })
        })
        .collect();
    json!({
        "route": plan.route,
        "rule": plan.rule,
        "reason": plan.reason,
        "run_all_steps": plan.run_all_steps,
        "domain": plan.domain,
        "domain_confidence": plan.domain_confidence,
        "steps": steps,
    })
}

/// A record without what depends on time, so that two runs of one script can be compared.
pub(crate) fn without_time(mut record: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(object) => {
                for key in ["timings", "latency_ms", "trace", "events", "shown", "streamed"] {
                    object.shift_remove(key);
                }
                object.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut record);
    record
}
