//! The end of a call's time.

use std::time::Duration;

use cascade_core::{Error, ErrorKind};
use tokio::runtime::Handle;
use tokio::time::Instant;

/// What a wait is for, and so which limit ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The answer's head, within the whole call's time alone.
    Answer,
    /// The first piece of a streamed answer, by this moment.
    FirstToken(Instant, Duration),
    /// The next piece.
    NextChunk(Duration),
}

/// When a call must be over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    total: Duration,
    /// Whether the caller's limit is the shorter one.
    by_caller: bool,
}

impl Deadline {
    /// Starts now; the shorter of both counts.
    ///
    /// # Errors
    /// An internal error outside a tokio runtime, where neither timers nor sockets work.
    pub(crate) fn start(total: Duration, time_left: Option<Duration>) -> Result<Self, Error> {
        if Handle::try_current().is_err() {
            return Err(Error::new(ErrorKind::Internal, "no tokio runtime on this thread")
                .with_hint("call from within a runtime, or enter one with `Handle::enter`"));
        }
        let by_caller = time_left.is_some_and(|left| left < total);
        let total = time_left.map_or(total, |left| left.min(total));
        Ok(Self { at: Instant::now() + total, total, by_caller })
    }

    /// Time left.
    pub(crate) fn remaining(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Whether the time that the caller left is used up, which says nothing about the provider.
    pub(crate) fn is_over_by_caller(self) -> bool {
        self.by_caller && self.remaining().is_zero()
    }

    /// Waits for `work` no longer than the phase and the whole call allow.
    pub(crate) async fn limit<T>(
        self,
        phase: Phase,
        work: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let phase_end = match phase {
            Phase::Answer => self.at,
            Phase::FirstToken(at, _) => at,
            Phase::NextChunk(limit) => Instant::now() + limit,
        };
        match tokio::time::timeout_at(phase_end.min(self.at), work).await {
            Ok(done) => Ok(done),
            Err(_) if self.at <= phase_end => Err(timed_out("no complete answer", self.total)),
            Err(_) => Err(match phase {
                Phase::Answer => timed_out("no complete answer", self.total),
                Phase::FirstToken(_, limit) => timed_out("no first token", limit),
                Phase::NextChunk(limit) => timed_out("silence in the middle of the answer", limit),
            }),
        }
    }
}

fn timed_out(what: &str, limit: Duration) -> Error {
    Error::new(ErrorKind::Timeout, format!("{what} within {} ms", limit.as_millis()))
}
