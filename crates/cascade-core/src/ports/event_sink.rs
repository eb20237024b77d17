use std::sync::Arc;

use crate::error::ErrorKind;
use crate::types::{Attempt, CascadeResult, Plan};

/// Something that happened in a run.
#[derive(Debug, Clone, Copy)]
pub enum EngineEvent<'a> {
    /// The plan was made.
    Planned {
        /// The plan.
        plan: &'a Plan,
    },
    /// An attempt ended and was accounted; also one that was cancelled, with what it had used.
    AttemptEnded {
        /// The attempt.
        attempt: &'a Attempt,
    },
    /// The run gave a result.
    Completed {
        /// The result.
        result: &'a CascadeResult,
    },
    /// The run failed; [`ErrorKind::Cancelled`] of one that was dropped before its end.
    Failed {
        /// Kind of the error.
        kind: ErrorKind,
        /// Its message.
        message: &'a str,
    },
}

/// Hears what happens. Must return quickly and not fail; slow work belongs on a queue of its own.
pub trait EventSink: Send + Sync {
    /// Hears one event.
    fn on_event(&self, event: EngineEvent<'_>);
}

impl<T: EventSink + ?Sized> EventSink for Arc<T> {
    fn on_event(&self, event: EngineEvent<'_>) {
        (**self).on_event(event);
    }
}
