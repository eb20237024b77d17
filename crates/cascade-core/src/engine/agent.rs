use std::sync::Arc;

use super::{AgentBuilder, CascadeStream};
use crate::error::Result;
use crate::types::{
    BatchOptions, BatchProgress, BatchReport, CascadeResult, Input, ModelConfig, RunOptions,
};

/// Runs queries through a cascade of models. Cheap to clone; immutable.
#[derive(Clone)]
pub struct Agent {
    pub(super) inner: Arc<Inner>,
}
pub(super) struct Inner {
    pub(super) models: Vec<Arc<ModelConfig>>,
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
    /// Runs one query.
    pub async fn run(&self, input: impl Into<Input>, options: RunOptions) -> Result<CascadeResult> {
        let _ = (input.into(), options);
        Err(crate::Error::new(crate::ErrorKind::Internal, "unfinished"))
    }
    /// Streams one query.
    pub fn stream(&self, input: impl Into<Input>, options: RunOptions) -> CascadeStream {
        let _ = (input.into(), options);
        CascadeStream {}
    }
    /// Runs many queries; `on_progress` is called after each.
    pub async fn run_batch(
        &self,
        inputs: Vec<Input>,
        options: RunOptions,
        batch: BatchOptions,
        on_progress: impl FnMut(BatchProgress),
    ) -> BatchReport {
        let _ = (inputs, options, batch, on_progress);
        BatchReport { items: vec![], total_cost: crate::Usd::ZERO, total_ms: 0.0 }
    }
}
