//! Events of the engine as listeners hear them.

use std::sync::Arc;

use cascadeflow::ports::EngineEvent;
use cascadeflow::{Error, ErrorKind, ModelConfig, PlanRecord, Result, RunId};
use serde::Serialize;

use super::result::{AttemptView, result_json};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventView<'a> {
    run_id: RunId,
    #[serde(flatten)]
    what: WhatView<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WhatView<'a> {
    /// The plan in the engine's names.
    Planned {
        plan: PlanRecord<'a>,
    },
    Attempt {
        attempt: Box<AttemptView<'a>>,
    },
    Failed {
        kind: ErrorKind,
        message: &'a str,
    },
}

/// The event as JSON; a result as the word `completed`, a space, the id of the run, a line break,
/// and the result as [`result_json`] writes it; `None` for events that listeners do not hear. `models`
/// are those of the agent, in its order.
pub(crate) fn engine_event_json(
    event: &EngineEvent<'_>,
    models: &[Arc<ModelConfig>],
) -> Result<Option<String>> {
    let what = match event {
        EngineEvent::Started { .. } | EngineEvent::Decided { .. } => return Ok(None),
        EngineEvent::Completed { run, result } => {
            return result_json(result).map(|json| Some(format!("completed {run}\n{json}")));
        }
        EngineEvent::Planned { plan, .. } => WhatView::Planned { plan: plan.record(models) },
        EngineEvent::AttemptEnded { attempt, .. } => {
            WhatView::Attempt { attempt: Box::new(AttemptView::from(*attempt)) }
        }
        EngineEvent::Failed { kind, message, .. } => WhatView::Failed { kind: *kind, message },
    };
    serde_json::to_string(&EventView { run_id: event.run(), what }).map(Some).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("event cannot be encoded: {error}"))
    })
}
