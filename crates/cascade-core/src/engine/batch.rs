//! Runs many queries with bounded concurrency.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::agent::Inner;
use super::run::Run;
use super::trace_recorder::milliseconds;
use crate::error::{Error, ErrorKind, Result};
use crate::types::{
    BatchItem, BatchOptions, BatchProgress, BatchReport, CascadeResult, Input, RunOptions, Usd,
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
    let mut waiting = inputs.into_iter().enumerate();
    let mut under_way = FuturesUnordered::new();
    let mut out_of_time = pin!(total_timer(inner, batch.total_timeout));
    let mut stopped: Option<Error> = None;
    loop {
        while under_way.len() < batch.max_parallel.max(1) {
            let Some((index, input)) = waiting.next() else { break };
            under_way.push(run_item(inner, index, input, options, batch));
        }
        if under_way.is_empty() {
            break;
        }
        let (index, outcome) = match select(under_way.next(), out_of_time.as_mut()).await {
            Either::Left((Some(ended), _)) => ended,
            Either::Left((None, _)) => break,
            Either::Right(((), _)) => {
                stopped = Some(
                    Error::new(ErrorKind::Timeout, "the batch ran out of time before this run")
                        .with_field("total_timeout")
                        .with_hint("allow more time, or run fewer queries at once"),
                );
                break;
            }
        };
        progress.done += 1;
        let spent = match &outcome {
            Ok(result) => result.total_cost,
            Err(error) => error.attempts().iter().map(|attempt| attempt.cost).sum(),
        };
        progress.cost += spent;
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
        total_cost: progress.cost,
        total_ms: milliseconds(inner.clock.monotonic().saturating_sub(started)),
    }
}

async fn total_timer(inner: &Inner, limit: Option<Duration>) {
    match limit {
        Some(limit) => inner.clock.sleep(limit).await,
        None => std::future::pending().await,
    }
}

async fn run_item(
    inner: &Inner,
    index: usize,
    input: Input,
    options: &RunOptions,
    batch: &BatchOptions,
) -> (usize, Result<CascadeResult>) {
    let mut earlier = Vec::new();
    for attempt in 0..=batch.retries {
        let mut options = options.clone();
        options.deadline = match (options.deadline.or(inner.deadline), batch.timeout_per_query) {
            (Some(run), Some(query)) => Some(run.min(query)),
            (run, query) => run.or(query),
        };
        let last = attempt == batch.retries;
        match Run::execute(inner, input.clone(), options, None).await {
            Err(error) if !last && may_retry(&error) => {
                earlier.extend_from_slice(error.attempts());
            }
            outcome => return (index, account_earlier(outcome, earlier)),
        }
    }
    (index, Err(never_ran()))
}

fn may_retry(error: &Error) -> bool {
    error.kind().is_temporary() || error.kind() == ErrorKind::AllAttemptsFailed
}

/// Adds the attempts of runs that were tried again, so that each is accounted.
fn account_earlier(
    outcome: Result<CascadeResult>,
    mut earlier: Vec<crate::types::Attempt>,
) -> Result<CascadeResult> {
    if earlier.is_empty() {
        return outcome;
    }
    match outcome {
        Ok(mut result) => {
            let spent: Usd = earlier.iter().map(|attempt| attempt.cost).sum();
            for attempt in &earlier {
                super::accounting::add_usage(&mut result.usage, &attempt.usage);
            }
            result.total_cost += spent;
            result.verifier_cost += spent;
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
