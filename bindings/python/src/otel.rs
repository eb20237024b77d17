//! The exporter of OpenTelemetry.

use std::time::Duration;

use cascadeflow::telemetry::{OpenTelemetryExporter, UsageDimensions, UsageRecord};
use cascadeflow::{Result, Usd, otel_env};
use pyo3::prelude::*;

use crate::convert::{to_json, to_python};
use crate::error::to_exception;

/// Time for what is left at the end of the interpreter.
const AT_EXIT: Duration = Duration::from_secs(2);

/// Exports runs by OTLP; never enters Python.
#[pyclass(frozen, name = "TelemetryExporter", module = "cascadeflow._native")]
pub(crate) struct TelemetryExporter {
    exporter: OpenTelemetryExporter,
}

/// User, tier, model, provider and domain.
type Dimensions = (Option<String>, Option<String>, Option<String>, Option<String>, Option<String>);

fn dimensions(given: Dimensions) -> UsageDimensions {
    let (user_id, user_tier, model, provider, domain) = given;
    UsageDimensions { user_id, user_tier, model, provider, domain }
}

impl TelemetryExporter {
    /// The exporter itself.
    pub(crate) fn exporter(&self) -> OpenTelemetryExporter {
        self.exporter.clone()
    }
}

#[pymethods]
impl TelemetryExporter {
    /// An exporter of `options`, plain data in the form of `telemetry` of the configuration
    /// reference, over what the environment says.
    #[new]
    fn new(options: &Bound<'_, PyAny>) -> PyResult<Self> {
        let made = to_json("options", options)
            .and_then(otel_env::config_with_options)
            .and_then(OpenTelemetryExporter::new);
        let exporter = made.map_err(|error| to_exception(options.py(), &error))?;
        Ok(Self { exporter })
    }

    /// The configuration, its headers without their values.
    #[getter]
    fn config(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_python(py, self.exporter.config())
    }

    /// Counts a cost in USD.
    fn export_cost(&self, py: Python<'_>, cost: f64, labels: Dimensions) -> PyResult<()> {
        let counted = || {
            self.exporter.export_cost(
                Usd::from_f64(cost).map_err(|error| error.with_field("cost"))?,
                &dimensions(labels),
            )
        };
        counted().map_err(|error| to_exception(py, &error))
    }

    /// Counts cost in USD, tokens, and a latency in milliseconds.
    fn record(
        &self,
        py: Python<'_>,
        cost: f64,
        input_tokens: u64,
        output_tokens: u64,
        latency_ms: Option<f64>,
        labels: Dimensions,
    ) -> PyResult<()> {
        let record = || -> Result<()> {
            self.exporter.record(&UsageRecord {
                cost: Usd::from_f64(cost).map_err(|error| error.with_field("cost"))?,
                input_tokens,
                output_tokens,
                latency_ms,
                dimensions: dimensions(labels),
            })
        };
        record().map_err(|error| to_exception(py, &error))
    }

    /// Sends what there is, for at most `seconds`. Whether the receiver took it all.
    fn force_flush(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let time = duration(seconds)?;
        Ok(py.detach(|| self.exporter.force_flush(time)))
    }

    /// As `force_flush`, and exports nothing any more.
    fn shutdown(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let time = duration(seconds)?;
        Ok(py.detach(|| self.exporter.shutdown(time)))
    }

    /// What became of what was handed over.
    fn counts(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_python(py, &self.exporter.counts())
    }

    fn __repr__(&self) -> String {
        format!("TelemetryExporter(endpoint={:?})", self.exporter.config().endpoint)
    }
}

fn duration(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        pyo3::exceptions::PyValueError::new_err(format!(
            "timeout is no duration: `{seconds}` (hint: give seconds, zero or more)"
        ))
    })
}

/// Whether the environment names a receiver.
#[pyfunction]
pub(crate) fn environment_names_receiver() -> bool {
    otel_env::names_receiver()
}

/// Sends what every exporter still holds, at the end of the interpreter.
pub(crate) fn shut_down() {
    OpenTelemetryExporter::shutdown_all(AT_EXIT);
}
