use cascade_core::chat_json::write_run_options;
use cascade_core::ports::RouteInput;
use cascade_core::{Complexity, ModelConfig};
use serde::Serialize;
use serde_json::{Map, Value};

/// What a user's router is given; its serialised form is the one that every language shows.
#[derive(Debug, Clone, Serialize)]
pub struct RouteRequest<'a> {
    /// Text of the query: the last message of the user where messages were given.
    pub query: &'a str,
    /// Complexity to plan for: the caller's hint, or the detected one.
    pub complexity: Complexity,
    /// The agent's models, cheapest first.
    pub models: Vec<RoutedModel<'a>>,
    /// Options of the run by their names in the configuration reference; those that take the default
    /// are left out.
    pub options: Map<String, Value>,
    /// Name of the model that answers after a rejected draft where no router decides.
    pub verifier: &'a str,
    /// Whether cascading is on.
    pub cascade_enabled: bool,
    /// Number of earlier user and assistant messages.
    pub turns: usize,
    /// Whether the conversation holds images.
    pub has_images: bool,
}

/// What a user's router is told of a model.
#[derive(Debug, Clone, Serialize)]
pub struct RoutedModel<'a> {
    /// Model id.
    pub name: &'a str,
    /// Name of the provider.
    pub provider: &'a str,
    /// USD per 1,000 tokens as configured; `None` where the price comes from the catalogue.
    pub cost: Option<f64>,
    /// Whether the model can call tools.
    pub supports_tools: bool,
    /// Domains that the model is meant for; empty means all.
    pub domains: &'a [String],
    /// Words that draw a query to this model.
    pub keywords: &'a [String],
    /// Expected answer time in milliseconds; `None` where not configured.
    pub speed_ms: Option<u32>,
    /// Expected quality in [0, 1]; `None` where not configured.
    pub quality_score: Option<f64>,
}

impl<'a> From<RouteInput<'a>> for RouteRequest<'a> {
    fn from(input: RouteInput<'a>) -> Self {
        Self {
            query: &input.query.text,
            complexity: input.complexity,
            models: input.models.iter().map(|model| RoutedModel::from(&**model)).collect(),
            options: write_run_options(input.options),
            verifier: &input.models[input.verifier].name,
            cascade_enabled: input.cascade_enabled,
            turns: input.turns,
            has_images: input.has_images,
        }
    }
}

impl<'a> From<&'a ModelConfig> for RoutedModel<'a> {
    fn from(model: &'a ModelConfig) -> Self {
        Self {
            name: &model.name,
            provider: &model.provider,
            cost: model.cost.map(cascade_core::Usd::to_f64),
            supports_tools: model.supports_tools,
            domains: &model.domains,
            keywords: &model.keywords,
            speed_ms: model.speed_ms,
            quality_score: model.quality_score,
        }
    }
}
