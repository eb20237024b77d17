//! Runs many queries with bounded concurrency.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use parking_lot::Mutex;

use super::accounting::add_usage;
use super::agent::Inner;
use super::run::Run;
use super::trace_recorder::milliseconds;
use crate::error::{Error, ErrorKind, Result};
use crate::types::{
    Attempt, AttemptRole, BatchItem, BatchOptions, BatchProgress, BatchReport, CascadeResult,
    Input, Priced, RunOptions, Usd,
};

pub(super) async fn run_batch(
    inner: &Inner,
    inputs: Vec<Input>,
    options: &RunOptions,
    batch: &BatchOptions,
    mut on_progress: impl FnMut(BatchProgress),
) -> BatchReport {
    let started = inner.clock.monotonic();
    let total = inputs.len();
    let mut outcomes: Vec<Option<Result<CascadeResult>>> = Vec::new();
    outcomes.resize_with(total, || None);
    let mut progress = BatchProgress { done: 0, failed: 0, total, cost: Usd::ZERO };
    let tally = Mutex::new(Usd::ZERO);
    let end = batch.total_timeout.map(|limit| started.saturating_add(limit));
    let shared = Shared { inner, options, batch, end, tally: &tally };
    let mut waiting = inputs.into_iter().enumerate();
    let mut under_way = FuturesUnordered::new();
    let mut stopped: Option<Error> = None;
    loop {
        while under_way.len() < batch.max_parallel.max(1) {
            let Some((index, input)) = waiting.next() else { break };
            under_way.push(shared.run_item(index, input));
        }
        let Some((index, outcome)) = under_way.next().await else { break };
        progress.done += 1;
        progress.cost = *tally.lock();
        let failed = outcome.is_err();
        progress.failed += usize::from(failed);
        outcomes[index] = Some(outcome);
        on_progress(progress);
        if failed && batch.stop_on_error {
            stopped = Some(
                Error::new(ErrorKind::Cancelled, "the batch stopped at the first error")
                    .with_field("stop_on_error"),
            );
            break;
        }
    }
    drop(under_way);
    let total_cost = *tally.lock();
    progress.cost = total_cost;
    for _ in progress.done..total {
        progress.done += 1;
        progress.failed += 1;
        on_progress(progress);
    }
    let items = outcomes.into_iter().enumerate().map(|(index, outcome)| BatchItem {
        index,
        outcome: outcome.unwrap_or_else(|| Err(stopped.clone().unwrap_or_else(never_ran))),
    });
    BatchReport {
        items: items.collect(),
        total_cost,
        total_ms: milliseconds(inner.clock.monotonic().saturating_sub(started)),
    }
}

/// What the runs of a batch share.
#[derive(Clone, Copy)]
struct Shared<'a> {
    inner: &'a Inner,
    options: &'a RunOptions,
    batch: &'a BatchOptions,
    /// When the batch has to be over.
    end: Option<Duration>,
    /// What all runs have spent, those that were cut off included.
    tally: &'a Mutex<Usd>,
}

impl Shared<'_> {
    async fn run_item(self, index: usize, input: Input) -> (usize, Result<CascadeResult>) {
        let Self { inner, batch, .. } = self;
        let mut earlier = Vec::new();
        for attempt in 0..=batch.retries {
            let left = self.time_left();
            if self.is_over() {
                return (index, account_earlier(Err(out_of_time()), earlier));
            }
            let mut options = self.options.clone();
            let limits = [options.deadline.or(inner.deadline), batch.timeout_per_query, left];
            options.deadline = limits.into_iter().flatten().min();
            let last = attempt == batch.retries;
            match Run::execute(inner, input.clone(), options, None, Some(self.tally)).await {
                Err(error) if error.kind() == ErrorKind::Timeout && self.is_over() => {
                    earlier.extend_from_slice(error.attempts());
                    return (index, Err(out_of_time().with_attempts(earlier).with_source(error)));
                }
                Err(error) if !last && may_retry(&error) => {
                    earlier.extend_from_slice(error.attempts());
                }
                outcome => return (index, account_earlier(outcome, earlier)),
            }
        }
        (index, Err(never_ran()))
    }

    fn time_left(&self) -> Option<Duration> {
        self.end.map(|end| end.saturating_sub(self.inner.clock.monotonic()))
    }

    fn is_over(&self) -> bool {
        self.time_left().is_some_and(|left| left.is_zero())
    }
}

fn out_of_time() -> Error {
    Error::new(ErrorKind::Timeout, "the batch ran out of time before this run was done")
        .with_field("total_timeout")
        .with_hint("allow more time, or run more queries at once")
}

/// Whether the same run may succeed when tried again; of failures of several kinds, whether one may.
fn may_retry(error: &Error) -> bool {
    let temporary = |attempt: &Attempt| attempt.error_kind.is_some_and(ErrorKind::is_temporary);
    error.kind().is_temporary()
        || (error.kind() == ErrorKind::AllAttemptsFailed && error.attempts().iter().any(temporary))
}

/// Adds the attempts of runs that were tried again, so that each is accounted.
fn account_earlier(
    outcome: Result<CascadeResult>,
    mut earlier: Vec<Attempt>,
) -> Result<CascadeResult> {
    if earlier.is_empty() {
        return outcome;
    }
    match outcome {
        Ok(mut result) => {
            for attempt in &earlier {
                add_usage(&mut result.usage, &attempt.usage);
                result.total_cost += attempt.cost;
                match attempt.role {
                    AttemptRole::Draft => result.draft_cost += attempt.cost,
                    _ => result.verifier_cost += attempt.cost,
                }
                result.unpriced |= attempt.priced == Priced::Unpriced;
            }
            result.cost_saved = result.baseline_cost - result.total_cost;
            result.savings_percentage = result.cost_saved.ratio_of(result.baseline_cost) * 100.0;
            earlier.append(&mut result.attempts);
            result.attempts = earlier;
            Ok(result)
        }
        Err(error) => {
            earlier.extend_from_slice(error.attempts());
            Err(error.with_attempts(earlier))
        }
    }
}

fn never_ran() -> Error {
    Error::new(ErrorKind::Internal, "the run was never started")
}
