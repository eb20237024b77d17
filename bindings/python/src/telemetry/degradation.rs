use cascadeflow::telemetry::{CheaperModel, DegradationMap, PriceCatalogue};
use cascadeflow::{ModelConfig, Result, Usage, read_value, telemetry};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::convert::to_json;
use crate::error::to_exception;

/// The model to use instead of each that is known, in order; `None` of the cheapest.
#[pyfunction]
pub(crate) fn degradation_map(py: Python<'_>) -> PyResult<Py<PyDict>> {
    let map = PyDict::new(py);
    for (model, cheaper) in DegradationMap::builtin().entries() {
        map.set_item(model, cheaper)?;
    }
    Ok(map.unbind())
}

fn map_of(given: Option<&Bound<'_, PyDict>>) -> PyResult<Option<DegradationMap>> {
    let Some(given) = given else { return Ok(None) };
    let entries = given.iter().map(|(model, cheaper)| Ok((model.extract()?, cheaper.extract()?)));
    Ok(Some(DegradationMap::new(entries.collect::<PyResult<Vec<(String, Option<String>)>>>()?)))
}

/// What to use instead of `model`, with where the name comes from: `mapped`, `catalogue`,
/// `fallback`, or `cheapest` when there is nothing cheaper.
#[pyfunction]
#[pyo3(signature = (model, degradation_map = None))]
pub(crate) fn cheaper_model(
    model: &str,
    degradation_map: Option<&Bound<'_, PyDict>>,
) -> PyResult<(Option<String>, &'static str)> {
    let own = map_of(degradation_map)?;
    let found = own.as_ref().unwrap_or(DegradationMap::builtin()).cheaper_than(model);
    let source = match &found {
        CheaperModel::Mapped(_) => "mapped",
        CheaperModel::Catalogue(_) => "catalogue",
        CheaperModel::Fallback(_) => "fallback",
        CheaperModel::Cheapest => "cheapest",
    };
    Ok((found.name().map(str::to_owned), source))
}

/// `model` and what to use instead, step by step, down to the cheapest.
#[pyfunction]
#[pyo3(signature = (model, degradation_map = None))]
pub(crate) fn degradation_chain(
    model: &str,
    degradation_map: Option<&Bound<'_, PyDict>>,
) -> PyResult<Vec<String>> {
    let own = map_of(degradation_map)?;
    Ok(own.as_ref().unwrap_or(DegradationMap::builtin()).chain(model))
}

/// The share of the cost that one model saves against another, in [0, 1]; `None` when the price of
/// either is not known.
#[pyfunction]
pub(crate) fn estimated_saving(from_model: &str, to_model: &str) -> Option<f64> {
    telemetry::estimated_saving(from_model, to_model)
}

/// The models that do the work of so many tokens for less than the one at `position`, cheapest
/// first: `(position, cost as decimal text, share saved)`.
#[pyfunction]
pub(crate) fn cheaper_models(
    py: Python<'_>,
    models: &Bound<'_, PyAny>,
    position: usize,
    input_tokens: u64,
    output_tokens: u64,
) -> PyResult<Vec<(usize, String, f64)>> {
    let read = || -> Result<Vec<ModelConfig>> {
        match to_json("models", models)? {
            serde_json::Value::Array(models) => models.into_iter().map(read_value).collect(),
            other => read_value(other),
        }
    };
    let models = read().map_err(|error| to_exception(py, &error))?;
    let usage = Usage::new(input_tokens, output_tokens);
    let catalogue = PriceCatalogue::embedded();
    let cheaper = telemetry::cheaper_models(&catalogue, &models, position, &usage);
    Ok(cheaper
        .into_iter()
        .map(|choice| (choice.position, choice.cost.to_string(), choice.saving))
        .collect())
}
