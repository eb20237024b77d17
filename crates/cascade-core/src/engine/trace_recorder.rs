//! Keeps the trace of a run.

use std::borrow::Cow;
use std::time::Duration;

use crate::types::{DecisionTrace, TraceStage, TraceStep, Usd};

/// Milliseconds of a duration, to the microsecond and below.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// Collects the decisions of one run.
#[derive(Debug)]
pub(super) struct TraceRecorder {
    started: Duration,
    trace: DecisionTrace,
}

/// What was decided, before it is given its time.
pub(super) struct Decision {
    pub(super) stage: TraceStage,
    pub(super) outcome: Cow<'static, str>,
    pub(super) reason: Cow<'static, str>,
    pub(super) rule: Cow<'static, str>,
    pub(super) cost: Usd,
}

impl TraceRecorder {
    pub(super) fn new(started: Duration) -> Self {
        Self { started, trace: DecisionTrace { steps: Vec::with_capacity(8) } }
    }

    /// Records a decision that was begun at `from` and taken at `now`.
    pub(super) fn record(
        &mut self,
        from: Duration,
        now: Duration,
        decision: Decision,
    ) -> &TraceStep {
        self.trace.steps.push_mut(TraceStep {
            stage: decision.stage,
            decision: decision.outcome,
            reason: decision.reason,
            rule: decision.rule,
            cost: decision.cost,
            at_ms: milliseconds(now.saturating_sub(self.started)),
            duration_ms: milliseconds(now.saturating_sub(from)),
        })
    }

    pub(super) fn finish(self) -> DecisionTrace {
        self.trace
    }
}
