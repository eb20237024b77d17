//! Multi-step strategies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A list of steps that replaces the routed plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    /// Name, for results and traces.
    pub name: String,
    /// The steps in order.
    pub steps: Vec<StrategyStep>,
    /// Whether every step runs even after one passed; otherwise the first valid step ends the run.
    #[serde(default)]
    pub run_all_steps: bool,
}

/// One step of a strategy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StrategyStep {
    /// Name, unique within the strategy.
    pub name: String,
    /// Models asked at once, by name; more than one makes a draft set judged together.
    pub models: Vec<String>,
    /// Answers asked of each model; 1 by default.
    #[serde(default = "one")]
    pub samples: u32,
    /// `quality` judges with the agent's judge (default), `none` accepts any answer, and another
    /// name is a check registered on the agent.
    #[serde(default = "quality")]
    pub validator: String,
    /// Confidence the step's answer must reach, in [0, 1]; `None` takes the judge's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How often the step is tried again after a rejected or failed answer; 0 by default.
    #[serde(default)]
    pub retries: u32,
    /// Models tried in order when the step's models fail, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<String>,
}

const fn one() -> u32 {
    1
}

fn quality() -> String {
    "quality".to_owned()
}
