use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::accounting::Tariff;
use super::run::Run;
use super::{AgentBuilder, CascadeStream};
use crate::error::Result;
use crate::ports::{
    Clock, EnforcementHook, EventSink, Judge, Ledger, Provider, QualityCheck, ResponseCache,
    Router, ToolHandler,
};
use crate::types::{
    BatchOptions, BatchProgress, BatchReport, CascadeResult, Input, ModelConfig, Plan, RunOptions,
    StreamPolicy,
};

/// Runs queries through a cascade of models.
///
/// Immutable and cheap to clone; one agent serves any number of concurrent runs. No method needs a
/// particular runtime: whatever the ports need (timers, sockets) is theirs to say.
#[derive(Clone)]
pub struct Agent {
    pub(super) inner: Arc<Inner>,
}

/// A model with everything a call of it needs.
pub(super) struct Member {
    pub(super) config: Arc<ModelConfig>,
    pub(super) name: Arc<str>,
    pub(super) provider_name: Arc<str>,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) tariff: Tariff,
}

pub(super) struct Inner {
    pub(super) members: Vec<Member>,
    pub(super) models: Vec<Arc<ModelConfig>>,
    pub(super) judge: Option<Arc<dyn Judge>>,
    pub(super) checks: HashMap<String, Arc<dyn QualityCheck>>,
    pub(super) routers: Vec<Arc<dyn Router>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) sinks: Vec<Arc<dyn EventSink>>,
    pub(super) ledger: Option<Arc<dyn Ledger>>,
    pub(super) enforcement: Vec<Arc<dyn EnforcementHook>>,
    pub(super) cache: Option<Arc<dyn ResponseCache>>,
    pub(super) tool_handler: Option<Arc<dyn ToolHandler>>,
    pub(super) verifier: usize,
    pub(super) cascade_enabled: bool,
    pub(super) fallbacks: Vec<usize>,
    pub(super) max_tokens: Option<u32>,
    pub(super) temperature: Option<f64>,
    pub(super) deadline: Option<Duration>,
    pub(super) stream_policy: StreamPolicy,
}

impl Agent {
    /// A builder.
    pub fn builder() -> AgentBuilder {
        AgentBuilder::default()
    }

    /// The models, cheapest first.
    pub fn models(&self) -> &[Arc<ModelConfig>] {
        &self.inner.models
    }

    /// The ledger whose budgets runs draw on; `None` without one.
    pub fn ledger(&self) -> Option<&Arc<dyn Ledger>> {
        self.inner.ledger.as_ref()
    }

    /// Runs one query. Dropping the future cancels the run down to the socket.
    ///
    /// # Errors
    /// A validation error for bad input; the provider's own error when every attempt failed the
    /// same way, else [`crate::ErrorKind::AllAttemptsFailed`]; a timeout when the deadline passes.
    /// [`crate::Error::attempts`] lists what was tried.
    pub async fn run(&self, input: impl Into<Input>, options: RunOptions) -> Result<CascadeResult> {
        Run::execute(&self.inner, input.into(), options, None, None).await
    }

    /// Streams one query: the same decision, cost and result as [`Self::run`] on the same answers.
    /// Dropping the stream cancels the run down to the socket.
    pub fn stream(&self, input: impl Into<Input>, options: RunOptions) -> CascadeStream {
        CascadeStream::new(Arc::clone(&self.inner), input.into(), options)
    }

    /// The plan that a run of the same arguments would follow, without calling a model.
    ///
    /// # Errors
    /// As [`Self::run`], for bad input and routing.
    pub async fn plan(&self, input: impl Into<Input>, options: RunOptions) -> Result<Plan> {
        Run::plan_only(&self.inner, input.into(), options).await
    }

    /// Runs many queries, at most [`BatchOptions::max_parallel`] at once; `on_progress` hears of
    /// each that ended. A failed run never touches the others unless `stop_on_error` is set.
    pub async fn run_batch(
        &self,
        inputs: Vec<Input>,
        options: RunOptions,
        batch: BatchOptions,
        on_progress: impl FnMut(BatchProgress),
    ) -> BatchReport {
        super::batch::run_batch(&self.inner, inputs, &options, &batch, on_progress).await
    }
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent").field("models", &self.inner.models).finish_non_exhaustive()
    }
}
