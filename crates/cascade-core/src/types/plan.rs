//! What a run is going to do.

use std::borrow::Cow;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which way a query takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Draft first, escalate when it is rejected.
    Cascade,
    /// One strong answer, unjudged.
    Direct,
    /// A user's strategy.
    Strategy,
}

impl Route {
    /// The serialised name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cascade => "cascade",
            Self::Direct => "direct",
            Self::Strategy => "strategy",
        }
    }
}

/// Which model of the list, cheapest first, answers after a rejected draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerifierChoice {
    /// The last, the strongest.
    #[default]
    Last,
    /// The second.
    Second,
}

/// How the answer of a step is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepGate {
    /// By the agent's judge.
    Judge,
    /// Not at all: any answer passes.
    Open,
    /// By a check registered on the agent under this name.
    Check(Arc<str>),
}

/// One step of a plan. Models are positions in the agent's list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanStep {
    /// Name, unique within the plan.
    pub name: Arc<str>,
    /// Models asked at once; more than one makes a draft set.
    pub models: Vec<usize>,
    /// Answers asked of each model.
    pub samples: u32,
    /// How the answer is judged.
    pub gate: StepGate,
    /// Confidence required, in [0, 1]; `None` takes the judge's.
    pub threshold: Option<f64>,
    /// How often the step is tried again after a rejected or failed answer.
    pub retries: u32,
    /// Models tried in order when all of the step's models fail.
    pub fallbacks: Vec<usize>,
}

impl PlanStep {
    /// A step that asks one model once.
    pub fn single(name: impl Into<Arc<str>>, model: usize, gate: StepGate) -> Self {
        Self {
            name: name.into(),
            models: vec![model],
            samples: 1,
            gate,
            threshold: None,
            retries: 0,
            fallbacks: Vec::new(),
        }
    }
}

/// What a run is going to do, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The way taken.
    pub route: Route,
    /// Steps in order; the first whose answer passes ends the run unless `run_all_steps`.
    pub steps: Vec<PlanStep>,
    /// Whether every step runs even after one passed.
    pub run_all_steps: bool,
    /// Stable name of the rule that decided.
    pub rule: Cow<'static, str>,
    /// Why, in one line.
    pub reason: Cow<'static, str>,
    /// Detected or given domain; `None` when nothing looked.
    pub domain: Option<Cow<'static, str>>,
    /// Confidence in the domain, in [0, 1].
    pub domain_confidence: Option<f64>,
}

impl Plan {
    /// Draft with one model, verify with another.
    pub fn cascade(
        drafter: usize,
        verifier: usize,
        rule: &'static str,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            route: Route::Cascade,
            steps: vec![
                PlanStep::single(step_names::draft(), drafter, StepGate::Judge),
                PlanStep::single(step_names::verifier(), verifier, StepGate::Open),
            ],
            run_all_steps: false,
            rule: Cow::Borrowed(rule),
            reason: reason.into(),
            domain: None,
            domain_confidence: None,
        }
    }

    /// Ask one model and take its answer.
    pub fn direct(model: usize, rule: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            route: Route::Direct,
            steps: vec![PlanStep::single(step_names::direct(), model, StepGate::Open)],
            run_all_steps: false,
            rule: Cow::Borrowed(rule),
            reason: reason.into(),
            domain: None,
            domain_confidence: None,
        }
    }
}

/// Shared names of the standard steps.
mod step_names {
    use std::sync::{Arc, LazyLock};

    macro_rules! shared {
        ($($name:ident),*) => {$(
            pub(super) fn $name() -> Arc<str> {
                static NAME: LazyLock<Arc<str>> = LazyLock::new(|| stringify!($name).into());
                Arc::clone(&NAME)
            }
        )*};
    }
    shared!(draft, verifier, direct);
}
