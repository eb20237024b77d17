//! What each provider is good for, and which can be used.

use cascadeflow::env_vars;
use cascadeflow::providers::{self, Dialect, SupportedProvider};
use pyo3::prelude::*;
use serde_json::{Value, json};

use crate::convert::to_python;
use crate::error::to_exception;

fn record(provider: &SupportedProvider) -> Value {
    json!({
        "name": provider.name,
        "aliases": provider.aliases,
        "display_name": provider.display_name,
        "value": provider.value,
        "cost_range": provider.cost_range,
        "speed": provider.speed,
        "use_case": provider.use_case,
        "example_models": provider.example_models,
        "built_in": provider.built_in,
        "requires_api_key": provider.requires_api_key(),
    })
}

/// Every supported provider as plain data, in the order of the table.
#[pyfunction]
pub(crate) fn supported_providers(py: Python<'_>) -> PyResult<Py<PyAny>> {
    to_python(py, &providers::supported_providers().iter().map(record).collect::<Vec<_>>())
}

/// The supported provider of this name or alias as plain data; `None` when there is none.
#[pyfunction]
pub(crate) fn provider_info(py: Python<'_>, name: &str) -> PyResult<Option<Py<PyAny>>> {
    providers::get_provider_info(name).map(|found| to_python(py, &record(found))).transpose()
}

/// The supported provider of this name or alias as plain data; a `ValidationError` when there is
/// none.
#[pyfunction]
pub(crate) fn require_provider(py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
    match providers::validate_provider(name) {
        Ok(found) => to_python(py, &record(found)),
        Err(error) => Err(to_exception(py, &error)),
    }
}

/// Names of the built-in providers that can be used: those with a credential in the environment, and
/// those that need none.
#[pyfunction]
pub(crate) fn available_providers() -> Vec<&'static str> {
    providers::get_available_providers(&env_vars::read)
}

fn capabilities(dialect: &Dialect) -> Value {
    json!({
        "supports_logprobs": dialect.gives_logprobs(""),
        "supports_streaming": dialect.streaming,
        "supports_tools": dialect.tools,
        "max_top_logprobs": dialect.top_logprobs(),
        "has_cost_tracking": dialect.key_required,
    })
}

/// What the API of each built-in provider takes, as plain data by name. Costs are tracked where the
/// provider charges.
#[pyfunction]
pub(crate) fn provider_capabilities(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let table: serde_json::Map<_, _> = providers::dialects()
        .iter()
        .map(|dialect| (dialect.name.to_owned(), capabilities(dialect)))
        .collect();
    to_python(py, &table)
}

/// What sets a model of a built-in provider apart, as plain data; `None` for an unknown provider.
#[pyfunction]
pub(crate) fn reasoning_traits(
    py: Python<'_>,
    provider: &str,
    model: &str,
) -> PyResult<Option<Py<PyAny>>> {
    providers::dialect(provider)
        .map(|dialect| to_python(py, &providers::reasoning_traits(dialect, model)))
        .transpose()
}
