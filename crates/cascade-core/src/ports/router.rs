use std::sync::Arc;

use super::BoxFuture;
use crate::error::Result;
use crate::query::QueryAnalysis;
use crate::types::{Complexity, ModelConfig, Plan, RunOptions};

/// What a router is given.
#[derive(Debug, Clone, Copy)]
pub struct RouteInput<'a> {
    /// The query.
    pub query: &'a QueryAnalysis,
    /// Complexity to plan for: the hint, or the detected one.
    pub complexity: Complexity,
    /// Options of the run.
    pub options: &'a RunOptions,
    /// The agent's models, cheapest first; never empty.
    pub models: &'a [Arc<ModelConfig>],
    /// Position of the model that answers after a rejected draft.
    pub verifier: usize,
    /// Whether cascading is on.
    pub cascade_enabled: bool,
    /// Number of earlier user and assistant turns.
    pub turns: usize,
    /// Whether the conversation holds images.
    pub has_images: bool,
}

/// Plans which models a query visits.
pub trait Router: Send + Sync {
    /// Name, for messages about the router.
    #[expect(clippy::unnecessary_literal_bound, reason = "implementations have names of their own")]
    fn name(&self) -> &str {
        "router"
    }

    /// The plan, or `None` to leave it to the next router.
    ///
    /// # Errors
    /// A routing error when the request cannot be planned at all.
    fn route<'a>(&'a self, input: RouteInput<'a>) -> BoxFuture<'a, Result<Option<Plan>>>;

    /// The plan at once when nothing has to be waited for; `None` asks for [`Self::route`].
    fn route_now(&self, input: RouteInput<'_>) -> Option<Result<Option<Plan>>> {
        let _ = input;
        None
    }
}
