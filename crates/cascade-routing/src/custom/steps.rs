use std::borrow::Cow;
use std::sync::Arc;

use cascade_core::chat_json::Fields;
use cascade_core::{Error, ModelConfig, Plan, PlanStep, Result, Route, StepGate, StrategyStep};
use serde_json::Value;

use super::answer::{RULE, no_form};
use crate::strategy::place;

/// A plan of one model's name, or of a list of names: every answer but the last is judged, and must
/// reach `threshold` where there is one.
pub(super) fn read_cascade(
    threshold: Option<f64>,
    answer: Value,
    models: &[Arc<ModelConfig>],
) -> Result<Plan> {
    let names = match answer {
        Value::String(name) => return Ok(Plan::direct(place(&name, models, "model")?, RULE, "")),
        Value::Array(names) => names,
        Value::Bool(_) => return Err(no_form("boolean")),
        Value::Number(_) => return Err(no_form("number")),
        Value::Null | Value::Object(_) => return Err(no_form("no name")),
    };
    let mut places = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        let field = format!("models[{at}]");
        let Some(name) = name.as_str() else {
            let message = format!("`{field}` is not text");
            return Err(Error::validation(field, message, "give a model's name"));
        };
        places.push(place(name, models, &field)?);
    }
    match places.as_slice() {
        [] => Err(Error::validation("models", "`models` is empty", "name at least one model")),
        [only] => Ok(Plan::direct(*only, RULE, "")),
        [drafter, between @ .., verifier] => {
            let mut plan = Plan::cascade(*drafter, *verifier, RULE, "");
            let steps = between.iter().enumerate().map(|(at, model)| {
                PlanStep::single(format!("step_{}", at + 2), *model, StepGate::Judge)
            });
            plan.steps.splice(1..1, steps.collect::<Vec<_>>());
            for step in plan.steps.iter_mut().filter(|step| step.gate == StepGate::Judge) {
                step.threshold = threshold;
            }
            plan.route = Route::Cascade;
            plan.reason = Cow::Borrowed("");
            Ok(plan)
        }
    }
}

/// The steps of a strategy, or of the record of a plan.
pub(super) fn read_steps(steps: &Value) -> Result<Vec<StrategyStep>> {
    let Some(steps) = steps.as_array() else {
        return Err(Error::validation("steps", "`steps` is not a list", "give a list of steps"));
    };
    let read = |(at, step): (usize, &Value)| {
        read_step(at, step.clone()).map_err(|error| {
            let field = match error.field() {
                Some("step") | None => format!("steps[{at}]"),
                Some(field) => format!("steps[{at}].{field}"),
            };
            error.with_field(field)
        })
    };
    steps.iter().enumerate().map(read).collect()
}

fn read_step(at: usize, step: Value) -> Result<StrategyStep> {
    let mut fields = Fields::new("step", step)?;
    let models = match (fields.take::<String>("model")?, fields.take::<Vec<String>>("models")?) {
        (Some(model), None) => vec![model],
        (None, models) => models.unwrap_or_default(),
        (Some(_), Some(_)) => {
            let message = "only one of `model` and `models` can be given";
            return Err(Error::validation("model", message, "leave one of them out"));
        }
    };
    let validator = match (fields.take::<String>("validator")?, fields.take::<String>("gate")?) {
        (None, None) => "quality".to_owned(),
        (Some(validator), None) => validator,
        (None, Some(gate)) => match gate.as_str() {
            "judge" => "quality".to_owned(),
            "open" => "none".to_owned(),
            _ => gate,
        },
        (Some(_), Some(_)) => {
            let message = "only one of `validator` and `gate` can be given";
            return Err(Error::validation("gate", message, "leave one of them out"));
        }
    };
    let step = StrategyStep {
        name: fields.take::<String>("name")?.unwrap_or_else(|| format!("step_{}", at + 1)),
        models,
        samples: fields.take("samples")?.unwrap_or(1),
        validator,
        threshold: fields.take("threshold")?,
        retries: fields.take_or_default("retries")?,
        fallbacks: fields.take_or_default("fallbacks")?,
    };
    fields.finish()?;
    Ok(step)
}
