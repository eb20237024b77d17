//! Events of the engine as listeners hear them.

use std::sync::Arc;

use cascadeflow::ports::EngineEvent;
use cascadeflow::{Error, ErrorKind, ModelConfig, Plan, PlanStep, Result, StepGate};
use serde::Serialize;

use super::result::{AttemptView, result_json};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum EventView<'a> {
    Planned { plan: PlanView<'a> },
    Attempt { attempt: AttemptView<'a> },
    Failed { kind: ErrorKind, message: &'a str },
}

/// The event as JSON; a result as the word `completed`, a line break, and the result as
/// [`result_json`] writes it. `models` are those of the agent, in its order.
pub(crate) fn engine_event_json(
    event: &EngineEvent<'_>,
    models: &[Arc<ModelConfig>],
) -> Result<String> {
    let view = match event {
        EngineEvent::Completed { result } => {
            return result_json(result).map(|json| format!("completed\n{json}"));
        }
        EngineEvent::Planned { plan } => EventView::Planned { plan: PlanView::new(plan, models) },
        EngineEvent::AttemptEnded { attempt } => {
            EventView::Attempt { attempt: AttemptView::from(*attempt) }
        }
        EngineEvent::Failed { kind, message } => EventView::Failed { kind: *kind, message },
    };
    serde_json::to_string(&view).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("event cannot be encoded: {error}"))
    })
}

/// A plan with its models by name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlanView<'a> {
    route: &'static str,
    rule: &'a str,
    reason: &'a str,
    run_all_steps: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain_confidence: Option<f64>,
    steps: Vec<PlanStepView<'a>>,
}

#[derive(Serialize)]
struct PlanStepView<'a> {
    name: &'a str,
    models: Vec<&'a str>,
    samples: u32,
    validator: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f64>,
    retries: u32,
    fallbacks: Vec<&'a str>,
}

impl<'a> PlanView<'a> {
    fn new(plan: &'a Plan, models: &'a [Arc<ModelConfig>]) -> Self {
        Self {
            route: plan.route.as_str(),
            rule: &plan.rule,
            reason: &plan.reason,
            run_all_steps: plan.run_all_steps,
            domain: plan.domain.as_deref(),
            domain_confidence: plan.domain_confidence,
            steps: plan.steps.iter().map(|step| PlanStepView::new(step, models)).collect(),
        }
    }
}

impl<'a> PlanStepView<'a> {
    fn new(step: &'a PlanStep, models: &'a [Arc<ModelConfig>]) -> Self {
        let names = |positions: &[usize]| -> Vec<&'a str> {
            positions.iter().filter_map(|at| models.get(*at)).map(|model| &*model.name).collect()
        };
        Self {
            name: &step.name,
            models: names(&step.models),
            samples: step.samples,
            // As a strategy names it.
            validator: match &step.gate {
                StepGate::Judge => "quality",
                StepGate::Open => "none",
                StepGate::Check(name) => name,
            },
            threshold: step.threshold,
            retries: step.retries,
            fallbacks: names(&step.fallbacks),
        }
    }
}
