use std::sync::Arc;

use cascadeflow::telemetry::{self, MetricsLimits, RunFigures};
use cascadeflow::{Error, Usd};
use pyo3::prelude::*;

use super::clock::clock;
use crate::convert::{from_python, to_python};
use crate::error::to_exception;

/// Collects the figures of runs.
#[pyclass(frozen, name = "MetricsCollector", module = "cascadeflow._native")]
pub(crate) struct MetricsCollector {
    collector: Arc<telemetry::MetricsCollector>,
}

#[pymethods]
impl MetricsCollector {
    /// A collector that keeps so many runs in full. `clock` tells the seconds since the Unix epoch;
    /// `None` takes the system's.
    #[new]
    #[pyo3(signature = (recent, clock = None))]
    fn new(recent: usize, clock: Option<Py<PyAny>>) -> Self {
        let limits = MetricsLimits { recent, ..MetricsLimits::default() };
        let collector = telemetry::MetricsCollector::new(self::clock(clock), limits);
        Self { collector: Arc::new(collector) }
    }

    /// Adds a run of the given figures.
    fn record(&self, figures: &Bound<'_, PyAny>) -> PyResult<()> {
        let figures: RunFigures =
            from_python("figures", figures).map_err(|error| to_exception(figures.py(), &error))?;
        self.collector.record(figures);
        Ok(())
    }

    /// Everything that was counted, as a dict; amounts are decimal texts.
    fn summary(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_python(py, &self.collector.summary())
    }

    /// The figures most often asked for, as a dict.
    fn snapshot(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_python(py, &self.collector.snapshot())
    }

    /// The recent runs, oldest first: seconds since the Unix epoch, and figures.
    fn recent(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_python(py, &self.collector.recent())
    }

    /// The recent runs of the last `minutes`, as a dict.
    fn time_windowed(&self, py: Python<'_>, minutes: u32) -> PyResult<Py<PyAny>> {
        to_python(py, &self.collector.time_windowed(minutes))
    }

    /// The recent runs of one complexity, as a dict.
    fn by_complexity(&self, py: Python<'_>, complexity: &str) -> PyResult<Py<PyAny>> {
        to_python(py, &self.collector.by_complexity(complexity))
    }

    /// Recent runs that took longer or cost more, as dicts.
    fn anomalies(
        &self,
        py: Python<'_>,
        latency_ms: f64,
        cost: f64,
        lookback: usize,
    ) -> PyResult<Py<PyAny>> {
        let cost = Usd::from_f64(cost).map_err(|_| {
            let error = Error::validation(
                "cost_threshold",
                format!("not an amount in USD: `{cost}`"),
                "give a plain number",
            );
            to_exception(py, &error)
        })?;
        to_python(py, &self.collector.recent_anomalies(latency_ms, cost, lookback))
    }

    /// Seconds since the collector was made or reset.
    fn uptime(&self) -> f64 {
        self.collector.uptime().as_secs_f64()
    }

    /// Starts again from nothing.
    fn reset(&self) {
        self.collector.reset();
    }
}
