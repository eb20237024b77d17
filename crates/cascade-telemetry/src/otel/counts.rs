use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use serde::Serialize;

/// What became of what was handed to an exporter, in this process.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ExportCounts {
    /// Runs that ended.
    pub runs: u64,
    /// Runs left out of the traces because the queue was full.
    pub dropped_runs: u64,
    /// Spans that the receiver took.
    pub exported_spans: u64,
    /// Spans that the receiver did not take.
    pub failed_spans: u64,
    /// Exports of metrics that the receiver took.
    pub metric_exports: u64,
    /// Exports of metrics that the receiver did not take. Nothing is lost by one: the next export
    /// holds the same counts, unless the temporality is delta.
    pub failed_metric_exports: u64,
    /// Why the last export failed; `None` while none has.
    pub last_error: Option<String>,
}

/// The same, while it is counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) runs: AtomicU64,
    pub(super) dropped_runs: AtomicU64,
    pub(super) exported_spans: AtomicU64,
    pub(super) failed_spans: AtomicU64,
    pub(super) metric_exports: AtomicU64,
    pub(super) failed_metric_exports: AtomicU64,
    last_error: Mutex<Option<String>>,
}

/// Adds to a counter.
pub(super) fn add(counter: &AtomicU64, number: u64) {
    counter.fetch_add(number, Ordering::Relaxed);
}

impl Counters {
    pub(super) fn failed(&self, reason: String) {
        *self.last_error.lock() = Some(reason);
    }

    pub(super) fn snapshot(&self) -> ExportCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ExportCounts {
            runs: read(&self.runs),
            dropped_runs: read(&self.dropped_runs),
            exported_spans: read(&self.exported_spans),
            failed_spans: read(&self.failed_spans),
            metric_exports: read(&self.metric_exports),
            failed_metric_exports: read(&self.failed_metric_exports),
            last_error: self.last_error.lock().clone(),
        }
    }
}
