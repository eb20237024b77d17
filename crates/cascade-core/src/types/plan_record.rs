//! A plan as those outside the engine read it.

use std::sync::Arc;

use serde::Serialize;

use super::{ModelConfig, Plan, PlanStep, Route, StepGate};

/// A plan with its models by name; its serialised form is the one that every language shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanRecord<'a> {
    /// The way taken.
    pub route: Route,
    /// Stable name of the rule that decided.
    pub rule: &'a str,
    /// Why, in one line.
    pub reason: &'a str,
    /// Whether every step runs even after one passed.
    pub run_all_steps: bool,
    /// Detected or given domain; `None` when nothing looked.
    pub domain: Option<&'a str>,
    /// Confidence in the domain, in [0, 1].
    pub domain_confidence: Option<f64>,
    /// Steps in order.
    pub steps: Vec<PlanStepRecord<'a>>,
}

/// One step of a [`PlanRecord`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanStepRecord<'a> {
    /// Name, unique within the plan.
    pub name: &'a str,
    /// Models asked at once, by name.
    pub models: Vec<&'a str>,
    /// Answers asked of each model.
    pub samples: u32,
    /// `judge`, `open` for any answer, or the name of a check.
    pub gate: &'a str,
    /// Confidence required, in [0, 1]; `None` takes the judge's.
    pub threshold: Option<f64>,
    /// How often the step is tried again after a rejected or failed answer.
    pub retries: u32,
    /// Models tried in order when all of the step's models fail, by name.
    pub fallbacks: Vec<&'a str>,
}

impl Plan {
    /// What the plan says, with its models by name. `models` are those of the agent, in its order; a
    /// position beyond them is left out.
    pub fn record<'a>(&'a self, models: &'a [Arc<ModelConfig>]) -> PlanRecord<'a> {
        PlanRecord {
            route: self.route,
            rule: &self.rule,
            reason: &self.reason,
            run_all_steps: self.run_all_steps,
            domain: self.domain.as_deref(),
            domain_confidence: self.domain_confidence,
            steps: self.steps.iter().map(|step| step.record(models)).collect(),
        }
    }
}

impl PlanStep {
    fn record<'a>(&'a self, models: &'a [Arc<ModelConfig>]) -> PlanStepRecord<'a> {
        let names = |positions: &[usize]| -> Vec<&'a str> {
            positions.iter().filter_map(|at| models.get(*at)).map(|model| &*model.name).collect()
        };
        PlanStepRecord {
            name: &self.name,
            models: names(&self.models),
            samples: self.samples,
            gate: self.gate.as_str(),
            threshold: self.threshold,
            retries: self.retries,
            fallbacks: names(&self.fallbacks),
        }
    }
}

impl StepGate {
    /// `judge`, `open`, or the name of the check.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Judge => "judge",
            Self::Open => "open",
            Self::Check(name) => name,
        }
    }
}
