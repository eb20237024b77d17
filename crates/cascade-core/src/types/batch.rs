//! Batches of runs.

use std::time::Duration;

use super::{CascadeResult, Usd};
use crate::error::Error;

/// Options of a batch.
#[derive(Debug, Clone)]
pub struct BatchOptions {
    /// Most runs under way at once; at least 1.
    pub max_parallel: usize,
    /// Time for each run; `None` has no limit of its own.
    pub timeout_per_query: Option<Duration>,
    /// Time for the whole batch; runs not finished by then fail with a timeout.
    pub total_timeout: Option<Duration>,
    /// Whether the first failure cancels the rest.
    pub stop_on_error: bool,
    /// How often a run that failed temporarily is tried again.
    pub retries: u32,
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self {
            max_parallel: 3,
            timeout_per_query: Some(Duration::from_secs(30)),
            total_timeout: None,
            stop_on_error: false,
            retries: 1,
        }
    }
}

/// One run of a batch: its result or its error.
#[derive(Debug, Clone)]
pub struct BatchItem {
    /// Position of its query.
    pub index: usize,
    /// What it gave.
    pub outcome: Result<CascadeResult, Error>,
}

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchProgress {
    /// Runs ended.
    pub done: usize,
    /// Runs ended with an error.
    pub failed: usize,
    /// Runs in the batch.
    pub total: usize,
    /// Cost so far in USD.
    pub cost: Usd,
}

/// What a batch gives: one item for each query, in the order of the queries.
#[derive(Debug, Clone)]
pub struct BatchReport {
    /// The items.
    pub items: Vec<BatchItem>,
    /// Cost of all runs in USD.
    pub total_cost: Usd,
    /// Time of the whole batch in milliseconds.
    pub total_ms: f64,
}

impl BatchReport {
    /// Number of runs that gave a result.
    pub fn success_count(&self) -> usize {
        self.items.iter().filter(|item| item.outcome.is_ok()).count()
    }
}
