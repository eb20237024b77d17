//! Routing in one call.

use std::sync::Arc;

use cascade_core::ports::{RouteInput, Router};
use cascade_core::query::QueryAnalysis;
use cascade_core::{Complexity, ModelConfig, Plan, Result, RunOptions};

/// What is routed; three models and cascading by default.
pub(crate) struct Case {
    pub(crate) query: String,
    pub(crate) complexity: Option<Complexity>,
    pub(crate) options: RunOptions,
    pub(crate) models: Vec<ModelConfig>,
    pub(crate) verifier: Option<usize>,
    pub(crate) cascade_enabled: bool,
    pub(crate) turns: usize,
}

impl Case {
    pub(crate) fn new(query: &str) -> Self {
        let models = ["small", "medium", "large"];
        Self {
            query: query.to_owned(),
            complexity: None,
            options: RunOptions::default(),
            models: models.map(|name| ModelConfig::new(name, "openai")).to_vec(),
            verifier: None,
            cascade_enabled: true,
            turns: 0,
        }
    }

    pub(crate) fn route(&self, router: &dyn Router) -> Result<Option<Plan>> {
        let query = QueryAnalysis::new(self.query.clone());
        let models: Vec<Arc<ModelConfig>> = self.models.iter().cloned().map(Arc::new).collect();
        router
            .route_now(RouteInput {
                query: &query,
                complexity: self.complexity.unwrap_or(query.complexity),
                options: &self.options,
                models: &models,
                verifier: self.verifier.unwrap_or(models.len() - 1),
                cascade_enabled: self.cascade_enabled,
                turns: self.turns,
                has_images: false,
            })
            .unwrap()
    }
}

/// The models of each step.
pub(crate) fn models(plan: &Plan) -> Vec<Vec<usize>> {
    plan.steps.iter().map(|step| step.models.clone()).collect()
}
