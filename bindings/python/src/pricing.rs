//! Prices by the name of a model alone, for callers that name models as other libraries do.

use std::collections::BTreeMap;

use cascadeflow::telemetry::PriceCatalogue;
use cascadeflow::{Error, ModelPrice, Result, Usage, Usd};
use pyo3::prelude::*;

use crate::convert::{from_python, to_python};
use crate::error::to_exception;

/// The price of a model as plain data, amounts in USD per 1,000,000 tokens as decimal texts, with
/// its limits; `None` when no price is known. Without a provider the name may begin with one.
#[pyfunction]
#[pyo3(signature = (model, provider = None))]
pub(crate) fn catalogue_price(
    py: Python<'_>,
    model: &str,
    provider: Option<&str>,
) -> PyResult<Option<Py<PyAny>>> {
    PriceCatalogue::embedded()
        .listing(model, provider)
        .map(|found| to_python(py, &found))
        .transpose()
}

/// What `usage` of a model costs in USD as an exact decimal; `None` when no price is known. `usage`
/// has the counts of the engine's usage by name.
#[pyfunction]
pub(crate) fn usage_cost(
    model: &str,
    provider: Option<&str>,
    usage: &Bound<'_, PyAny>,
) -> PyResult<Option<String>> {
    let usage: Usage =
        from_python("usage", usage).map_err(|error| to_exception(usage.py(), &error))?;
    let found = PriceCatalogue::embedded().listing(model, provider);
    Ok(found.map(|found| found.price.cost(&usage).to_string()))
}

/// What `usage` costs at `input` and `output` USD per 1,000,000 tokens, as an exact decimal.
#[pyfunction]
pub(crate) fn cost_at(
    py: Python<'_>,
    input: &str,
    output: &str,
    prompt_tokens: u64,
    completion_tokens: u64,
) -> PyResult<String> {
    let priced = || -> Result<String> {
        let price = ModelPrice::new(amount("input", input)?, amount("output", output)?);
        Ok(price.cost(&Usage::new(prompt_tokens, completion_tokens)).to_string())
    };
    priced().map_err(|error| to_exception(py, &error))
}

/// The cheapest and the dearest listed chat price of a provider, in USD per 1,000,000 tokens of
/// prompt and of completion, as decimal texts; `None` when it lists none.
#[pyfunction]
pub(crate) fn price_range(provider: &str) -> Option<(String, String)> {
    let catalogue = PriceCatalogue::embedded();
    let provider = catalogue.provider_name(provider);
    let amounts: Vec<Usd> = catalogue
        .models()
        .filter(|(own, _)| *own == provider)
        .flat_map(|(_, model)| [model.price.input, model.price.output])
        .collect();
    let least = amounts.iter().min()?;
    let most = amounts.iter().max()?;
    Some((least.to_string(), most.to_string()))
}

/// The listed prices of a provider by model id: prompt and completion, in USD per 1,000,000 tokens, as
/// decimal texts.
#[pyfunction]
pub(crate) fn price_list(provider: &str) -> BTreeMap<String, (String, String)> {
    let catalogue = PriceCatalogue::embedded();
    let provider = catalogue.provider_name(provider);
    catalogue
        .models()
        .filter(|(own, _)| *own == provider)
        .map(|(_, model)| {
            let price = &model.price;
            (model.id.clone(), (price.input.to_string(), price.output.to_string()))
        })
        .collect()
}

fn amount(field: &str, text: &str) -> Result<Usd> {
    text.parse().map_err(|_| {
        Error::validation(
            field,
            format!("not an amount in USD: `{text}`"),
            "give a decimal such as `2.50`",
        )
    })
}
