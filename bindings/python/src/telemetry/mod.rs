//! Cost control: budgets, limits, profiles, prices of cascades, and cheaper models.

mod affordability;
mod clock;
mod cost;
mod degradation;
mod enforcement;
mod limits;
mod listeners;
mod metrics;
mod profiles;
mod tracker;

pub(crate) use affordability::Affordability;
pub(crate) use cost::cascade_cost;
pub(crate) use degradation::{
    cheaper_model, cheaper_models, degradation_chain, degradation_map, estimated_saving,
};
pub(crate) use enforcement::{EnforcementChain, built_in_enforcement};
pub(crate) use limits::RateLimiter;
pub(crate) use listeners::CallbackBridge;
pub(crate) use metrics::MetricsCollector;
pub(crate) use profiles::{ProfileCache, check_profile, check_tier, tier_presets};
pub(crate) use tracker::{CostTracker, check_budget, daily_series};
