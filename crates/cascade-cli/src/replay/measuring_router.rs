use std::sync::atomic::{AtomicUsize, Ordering};

use cascadeflow::ports::{BoxFuture, RouteInput, Router};
use cascadeflow::routing::ComplexityRouter;
use cascadeflow::{Error, ErrorKind, Plan, Result, Route};

use super::recorded_provider::Side;

/// Cascades every query, so that every draft is judged, and counts those that the default router
/// would have sent to the strong model directly. `force_direct` is honoured: it measures what the
/// strong model alone costs.
pub(super) struct MeasuringRouter {
    default: ComplexityRouter,
    planned_direct: AtomicUsize,
}

impl MeasuringRouter {
    pub(super) fn new() -> Self {
        Self { default: ComplexityRouter::default(), planned_direct: AtomicUsize::new(0) }
    }

    /// How many queries the default router would have sent direct.
    pub(super) fn planned_direct(&self) -> usize {
        self.planned_direct.load(Ordering::Relaxed)
    }
}

impl Router for MeasuringRouter {
    fn route<'a>(&'a self, input: RouteInput<'a>) -> BoxFuture<'a, Result<Option<Plan>>> {
        Box::pin(async move {
            let model = |side: Side| {
                input.models.iter().position(|model| model.provider == side.provider()).ok_or_else(
                    || Error::new(ErrorKind::Internal, "a recorded model is not in the agent"),
                )
            };
            let strong = model(Side::Strong)?;
            if input.options.force_direct {
                return Ok(Some(Plan::direct(strong, "replay_strong", "measures always-strong")));
            }
            let planned = match self.default.route_now(input) {
                Some(planned) => planned?,
                None => self.default.route(input).await?,
            };
            let mut plan =
                Plan::cascade(model(Side::Cheap)?, strong, "replay_cascade", "judges every draft");
            if let Some(planned) = planned {
                if planned.route == Route::Direct {
                    self.planned_direct.fetch_add(1, Ordering::Relaxed);
                }
                plan.domain = planned.domain;
                plan.domain_confidence = planned.domain_confidence;
            }
            Ok(Some(plan))
        })
    }
}
