use std::sync::Arc;
use std::time::Duration;

use super::Agent;
use super::agent::Inner;
use crate::error::Result;
use crate::ports::*;
use crate::types::{ModelConfig, StreamPolicy, UnpricedPolicy};

/// Collects what an agent is made of.
#[derive(Default)]
pub struct AgentBuilder {
    models: Vec<(ModelConfig, Arc<dyn Provider>)>,
}
impl AgentBuilder {
    /// Adds a model and the provider that serves it.
    #[must_use]
    pub fn model(mut self, c: ModelConfig, p: Arc<dyn Provider>) -> Self {
        self.models.push((c, p));
        self
    }
    /// x
    #[must_use]
    pub fn judge(self, _j: Arc<dyn Judge>) -> Self {
        self
    }
    /// Adds a named check.
    #[must_use]
    pub fn check(self, _j: Arc<dyn QualityCheck>) -> Self {
        self
    }
    /// Adds a router; asked in order of adding.
    #[must_use]
    pub fn router(self, _r: Arc<dyn Router>) -> Self {
        self
    }
    /// x
    #[must_use]
    pub fn prices(self, _r: Arc<dyn PriceSource>) -> Self {
        self
    }
    /// x
    #[must_use]
    pub fn unpriced(self, _r: UnpricedPolicy) -> Self {
        self
    }
    /// x
    #[must_use]
    pub fn clock(self, _r: Arc<dyn Clock>) -> Self {
        self
    }
    /// x
    #[must_use]
    pub fn event_sink(self, _r: Arc<dyn EventSink>) -> Self {
        self
    }
    /// x
    #[must_use]
    pub fn budget(self, _r: Arc<dyn BudgetStore>) -> Self {
        self
    }
    /// x
    #[must_use]
    pub fn enforcement(self, _r: Arc<dyn EnforcementHook>) -> Self {
        self
    }
    /// x
    #[must_use]
    pub fn cache(self, _r: Arc<dyn ResponseCache>) -> Self {
        self
    }
    /// x
    #[must_use]
    pub fn tool_handler(self, _r: Arc<dyn ToolHandler>) -> Self {
        self
    }
    /// Whether drafts are made at all; true by default.
    #[must_use]
    pub fn cascade_enabled(self, _r: bool) -> Self {
        self
    }
    /// Models tried in order when a step's models all fail, by name.
    #[must_use]
    pub fn fallbacks(self, _r: Vec<String>) -> Self {
        self
    }
    /// Most completion tokens when neither call nor model say.
    #[must_use]
    pub fn max_tokens(self, _r: Option<u32>) -> Self {
        self
    }
    /// Temperature when neither call nor model say.
    #[must_use]
    pub fn temperature(self, _r: Option<f64>) -> Self {
        self
    }
    /// Default deadline over the whole chain.
    #[must_use]
    pub fn deadline(self, _r: Option<Duration>) -> Self {
        self
    }
    /// Default stream policy.
    #[must_use]
    pub fn stream_policy(self, _r: StreamPolicy) -> Self {
        self
    }
    /// Builds the agent.
    pub fn build(self) -> Result<Agent> {
        Ok(Agent {
            inner: Arc::new(Inner {
                models: self.models.into_iter().map(|m| Arc::new(m.0)).collect(),
            }),
        })
    }
}
