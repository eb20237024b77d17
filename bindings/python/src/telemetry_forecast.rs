//! Forecasts, anomalies and cost breakdowns: plain data in, plain data out.

use cascadeflow::{Result, telemetry};
use pyo3::prelude::*;
use serde_json::Value;

use crate::convert::{to_json, to_python};
use crate::error::to_exception;

/// What will be spent. `request` has `series` or `entries`, `days`, `user_id`, `now`,
/// `utc_offset_seconds` and `options`.
#[pyfunction]
pub(crate) fn forecast(py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    answer(py, request, telemetry::forecast_json)
}

/// When a budget is used up. `request` has what a forecast's has, and `budget`.
#[pyfunction]
pub(crate) fn budget_outlook(py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    answer(py, request, telemetry::budget_outlook_json)
}

/// What stands out. `request` has `series` or `entries`, `of`, `user_id` and `options`.
#[pyfunction]
pub(crate) fn detect_anomalies(py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    answer(py, request, telemetry::detect_anomalies_json)
}

/// Alerts of `anomalies` from `min_severity` on.
#[pyfunction]
pub(crate) fn anomaly_alerts(py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    answer(py, request, telemetry::anomaly_alerts_json)
}

/// What a cascade of two models cost. `request` has the two prices, tokens, and `draft_accepted`.
#[pyfunction]
pub(crate) fn cost_breakdown(py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    answer(py, request, telemetry::cost_breakdown_json)
}

/// What comes of the `steps` of `request` under its budget `policy`, from `start` on.
#[pyfunction]
pub(crate) fn budget_session(py: Python<'_>, request: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    answer(py, request, telemetry::budget_session_json)
}

fn answer(
    py: Python<'_>,
    request: &Bound<'_, PyAny>,
    ask: fn(Value) -> Result<Value>,
) -> PyResult<Py<PyAny>> {
    let request = to_json("request", request).map_err(|error| to_exception(py, &error))?;
    let answer = py.detach(|| ask(request)).map_err(|error| to_exception(py, &error))?;
    to_python(py, &answer)
}
