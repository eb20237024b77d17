use std::time::Duration;

use cascadeflow::{BatchOptions, BatchProgress, BatchReport, Error, Result};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::convert::from_python;
use crate::error::to_exception;
use crate::result::result_object;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    max_parallel: usize,
    /// Seconds.
    timeout_per_query: Option<f64>,
    /// Seconds.
    total_timeout: Option<f64>,
    stop_on_error: bool,
    retries: u32,
}

/// Options of a batch from plain data.
pub(crate) fn options(value: &Bound<'_, PyAny>) -> Result<BatchOptions> {
    let given: Options = from_python("batch_config", value)?;
    if given.max_parallel == 0 {
        return Err(Error::validation(
            "max_parallel",
            "max_parallel is zero",
            "give the number of runs under way at once, at least 1",
        ));
    }
    Ok(BatchOptions {
        max_parallel: given.max_parallel,
        timeout_per_query: seconds("timeout_per_query", given.timeout_per_query)?,
        total_timeout: seconds("total_timeout", given.total_timeout)?,
        stop_on_error: given.stop_on_error,
        retries: given.retries,
    })
}

fn seconds(field: &str, value: Option<f64>) -> Result<Option<Duration>> {
    let Some(value) = value else { return Ok(None) };
    match Duration::try_from_secs_f64(value) {
        Ok(duration) if !duration.is_zero() => Ok(Some(duration)),
        _ => Err(Error::validation(
            field,
            format!("{field} is out of range: `{value}`"),
            "give seconds above zero, or None for no limit",
        )),
    }
}

/// Tells `callback` how far a batch has come. Its exceptions are shown and do not end the batch.
pub(crate) fn report_progress(callback: &Py<PyAny>, progress: BatchProgress) {
    Python::attach(|py| {
        let callback = callback.bind(py);
        if let Err(error) = progress_object(py, progress).and_then(|told| callback.call1((told,))) {
            error.write_unraisable(py, Some(callback));
        }
    });
}

fn progress_object(py: Python<'_>, progress: BatchProgress) -> PyResult<Bound<'_, PyAny>> {
    let keywords = PyDict::new(py);
    keywords.set_item("done", progress.done)?;
    keywords.set_item("failed", progress.failed)?;
    keywords.set_item("total", progress.total)?;
    keywords.set_item("cost", progress.cost.to_f64())?;
    keywords.set_item("cost_exact", progress.cost.to_string())?;
    py.import("cascadeflow.core.batch")?.getattr("BatchProgress")?.call((), Some(&keywords))
}

/// `(outcomes, total cost, seconds)`, an outcome being a result or an exception.
pub(crate) fn report_object(py: Python<'_>, report: BatchReport) -> PyResult<Py<PyAny>> {
    let outcomes = PyList::empty(py);
    for item in report.items {
        match item.outcome {
            Ok(result) => outcomes.append(result_object(py, result.into())?)?,
            Err(error) => outcomes.append(to_exception(py, &error).into_value(py))?,
        }
    }
    let summary = (outcomes, report.total_cost.to_f64(), report.total_ms / 1000.0);
    Ok(summary.into_pyobject(py)?.into_any().unbind())
}
