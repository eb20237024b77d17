use std::borrow::Cow;
use std::sync::Arc;

use cascade_core::{
    Error, ModelConfig, Plan, PlanStep, Result, Route, StepGate, Strategy, StrategyStep,
};

/// Maps `strategy` to a plan over `models`.
///
/// # Errors
/// A validation error that names the field at fault: no steps, a step without name or models, two
/// steps of one name, no samples, a threshold out of range, a model that the agent does not have.
pub fn plan_strategy(strategy: &Strategy, models: &[Arc<ModelConfig>]) -> Result<Plan> {
    if strategy.steps.is_empty() {
        return Err(Error::validation(
            "strategy.steps",
            format!("strategy `{}` has no steps", strategy.name),
            "give at least one step",
        ));
    }
    let mut steps: Vec<PlanStep> = Vec::with_capacity(strategy.steps.len());
    for (index, step) in strategy.steps.iter().enumerate() {
        let planned = plan_step(step, index, models)?;
        if steps.iter().any(|earlier| earlier.name == planned.name) {
            return Err(Error::validation(
                format!("strategy.steps[{index}].name"),
                format!("two steps are named `{}`", step.name),
                "give every step its own name",
            ));
        }
        steps.push(planned);
    }
    Ok(Plan {
        route: Route::Strategy,
        steps,
        run_all_steps: strategy.run_all_steps,
        rule: Cow::Borrowed("strategy"),
        reason: Cow::Owned(format!("Strategy '{}'", strategy.name)),
        domain: None,
        domain_confidence: None,
    })
}

fn plan_step(step: &StrategyStep, index: usize, models: &[Arc<ModelConfig>]) -> Result<PlanStep> {
    let field = |name: &str| format!("strategy.steps[{index}].{name}");
    if step.name.trim().is_empty() {
        let message = format!("step {} has no name", index + 1);
        return Err(Error::validation(field("name"), message, "give the step a name"));
    }
    if step.models.is_empty() {
        return Err(Error::validation(
            field("models"),
            format!("step `{}` has no models", step.name),
            "name at least one of the agent's models",
        ));
    }
    if step.samples == 0 {
        return Err(Error::validation(
            field("samples"),
            format!("step `{}` asks for no samples", step.name),
            "give 1 or more, or leave it out",
        ));
    }
    if let Some(threshold) = step.threshold.filter(|t| !(0.0..=1.0).contains(t)) {
        return Err(Error::validation(
            field("threshold"),
            format!("threshold of step `{}` is out of range: `{threshold}`", step.name),
            "give a number from 0 to 1, or leave it out",
        ));
    }
    let places = |names: &[String], name: &str| {
        names.iter().map(|model| place(model, models, &field(name))).collect::<Result<Vec<_>>>()
    };
    Ok(PlanStep {
        name: Arc::from(step.name.as_str()),
        models: places(&step.models, "models")?,
        samples: step.samples,
        gate: gate(&step.validator),
        threshold: step.threshold,
        retries: step.retries,
        fallbacks: places(&step.fallbacks, "fallbacks")?,
    })
}

fn gate(validator: &str) -> StepGate {
    match validator {
        "quality" => StepGate::Judge,
        "none" => StepGate::Open,
        name => StepGate::Check(Arc::from(name)),
    }
}

/// Position of the model `name`.
///
/// # Errors
/// A validation error about `field` when the agent does not have it.
pub(crate) fn place(name: &str, models: &[Arc<ModelConfig>], field: &str) -> Result<usize> {
    models.iter().position(|model| model.name == name).ok_or_else(|| {
        let known: Vec<String> = models.iter().map(|m| format!("`{}`", m.name)).collect();
        Error::validation(
            field,
            format!("unknown model: `{name}`"),
            format!("use one of the agent's models: {}", known.join(", ")),
        )
        .with_model(name)
    })
}
