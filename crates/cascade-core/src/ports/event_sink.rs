use std::sync::Arc;
use std::time::Duration;

use crate::error::ErrorKind;
use crate::types::{Attempt, CascadeResult, Input, Plan, RunId, RunOptions, TraceStep};

/// Something that happened in a run.
#[derive(Debug, Clone, Copy)]
pub enum EngineEvent<'a> {
    /// A run began. Not told of one that only makes a plan.
    Started {
        /// The run.
        run: RunId,
        /// When, since the Unix epoch by the agent's clock.
        at: Duration,
        /// What is asked.
        input: &'a Input,
        /// How.
        options: &'a RunOptions,
    },
    /// A decision was taken; the trace of the result holds the same.
    Decided {
        /// The run.
        run: RunId,
        /// The decision.
        step: &'a TraceStep,
    },
    /// The plan was made.
    Planned {
        /// The run.
        run: RunId,
        /// The plan.
        plan: &'a Plan,
    },
    /// An attempt ended and was accounted; also one that was cancelled, with what it had used.
    AttemptEnded {
        /// The run.
        run: RunId,
        /// The attempt.
        attempt: &'a Attempt,
    },
    /// The run gave a result.
    Completed {
        /// The run.
        run: RunId,
        /// The result.
        result: &'a CascadeResult,
    },
    /// The run failed; [`ErrorKind::Cancelled`] of one that was dropped before its end.
    Failed {
        /// The run.
        run: RunId,
        /// Kind of the error.
        kind: ErrorKind,
        /// Its message.
        message: &'a str,
        /// How long it ran, in milliseconds.
        total_ms: f64,
    },
}

impl EngineEvent<'_> {
    /// The run that it is about. All events of one run have one id; a run that only makes a plan
    /// has one too.
    pub const fn run(&self) -> RunId {
        match self {
            Self::Started { run, .. }
            | Self::Decided { run, .. }
            | Self::Planned { run, .. }
            | Self::AttemptEnded { run, .. }
            | Self::Completed { run, .. }
            | Self::Failed { run, .. } => *run,
        }
    }
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
