use cascade_core::ports::{BoxFuture, RouteInput, Router};
use cascade_core::{Plan, Result};

use super::plan_strategy;

/// Plans the strategy that a run was given.
///
/// # What it does
/// Turns [`cascade_core::RunOptions::strategy`] into a plan; leaves runs without one to the next
/// router.
///
/// # Why
/// A caller who lists the steps has already decided; put it before other routers.
///
/// # Options
/// None.
#[derive(Debug, Clone, Copy, Default)]
pub struct StrategyRouter {}

impl StrategyRouter {
    fn plan(input: RouteInput<'_>) -> Result<Option<Plan>> {
        let Some(strategy) = &input.options.strategy else { return Ok(None) };
        let mut plan = plan_strategy(strategy, input.models)?;
        if let Some(domain) = &input.options.domain_hint {
            plan.domain = Some(domain.clone().into());
            plan.domain_confidence = Some(input.options.domain_confidence_hint.unwrap_or(1.0));
        }
        Ok(Some(plan))
    }
}

impl Router for StrategyRouter {
    fn route<'a>(&'a self, input: RouteInput<'a>) -> BoxFuture<'a, Result<Option<Plan>>> {
        Box::pin(async move { Self::plan(input) })
    }

    fn route_now(&self, input: RouteInput<'_>) -> Option<Result<Option<Plan>>> {
        Some(Self::plan(input))
    }
}
