//! Figures of runs, collected.

use std::sync::Arc;

use cascadeflow::telemetry::{MetricsCollector, MetricsLimits, RunFigures};
use napi_derive::napi;

use super::text::{amount, read, write};
use crate::clock::{NativeClock, clock_of};
use crate::error::to_js;

/// Collects the figures of runs; hears those of an agent itself.
#[napi]
pub struct NativeMetricsCollector {
    collector: Arc<MetricsCollector>,
}

impl NativeMetricsCollector {
    /// The collector itself.
    pub(crate) fn collector(&self) -> Arc<MetricsCollector> {
        Arc::clone(&self.collector)
    }
}

#[napi]
impl NativeMetricsCollector {
    /// A collector that keeps so many runs in full.
    #[napi(constructor)]
    pub fn new(recent: u32, clock: Option<&NativeClock>) -> Self {
        let limits = MetricsLimits { recent: recent as usize, ..MetricsLimits::default() };
        Self { collector: Arc::new(MetricsCollector::new(clock_of(clock), limits)) }
    }

    /// Adds a run of the JSON text of its figures.
    #[napi]
    pub fn record(&self, figures: String) -> napi::Result<()> {
        let figures: RunFigures = read("figures", &figures).map_err(to_js)?;
        self.collector.record(figures);
        Ok(())
    }

    /// Counts a run that gave no result.
    #[napi]
    pub fn record_failure(&self) {
        self.collector.record_failure();
    }

    /// Everything that was counted, as JSON text; amounts are decimal texts.
    #[napi]
    pub fn summary(&self) -> napi::Result<String> {
        write(&self.collector.summary()).map_err(to_js)
    }

    /// The figures most often asked for, as JSON text.
    #[napi]
    pub fn snapshot(&self) -> napi::Result<String> {
        write(&self.collector.snapshot()).map_err(to_js)
    }

    /// The recent runs, oldest first, as the JSON text of a list of pairs: seconds since the Unix
    /// epoch, and figures.
    #[napi]
    pub fn recent(&self) -> napi::Result<String> {
        write(&self.collector.recent()).map_err(to_js)
    }

    /// The recent runs of the last `minutes`, as JSON text.
    #[napi]
    pub fn time_windowed(&self, minutes: u32) -> napi::Result<String> {
        write(&self.collector.time_windowed(minutes)).map_err(to_js)
    }

    /// The recent runs of one complexity, as JSON text.
    #[napi]
    pub fn by_complexity(&self, complexity: String) -> napi::Result<String> {
        write(&self.collector.by_complexity(&complexity)).map_err(to_js)
    }

    /// Those of the latest runs that took longer or cost more, as JSON text.
    #[napi]
    pub fn anomalies(&self, latency_ms: f64, cost: f64, lookback: u32) -> napi::Result<String> {
        let find = || {
            let cost = amount("costThreshold", cost)?;
            write(&self.collector.recent_anomalies(latency_ms, cost, lookback as usize))
        };
        find().map_err(to_js)
    }

    /// Seconds since the collector was made or reset.
    #[napi]
    pub fn uptime(&self) -> f64 {
        self.collector.uptime().as_secs_f64()
    }

    /// Starts again from nothing.
    #[napi]
    pub fn reset(&self) {
        self.collector.reset();
    }
}
