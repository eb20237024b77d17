//! Prices by the name of a model alone, for callers that name models as other libraries do.

use cascadeflow::telemetry::PriceCatalogue;
use cascadeflow::{Error, ModelPrice, Result, Usage, Usd};
use pyo3::prelude::*;
use serde_json::{Value, json};

use crate::convert::{from_python, to_python};
use crate::error::to_exception;

/// Tokens that prices are quoted for.
const PER_MILLION: u64 = 1_000_000;

/// The price of a model as plain data, amounts in USD per 1,000,000 tokens as decimal texts, with
/// its limits; `None` when no price is known. Without a provider the name may begin with one.
#[pyfunction]
#[pyo3(signature = (model, provider = None))]
pub(crate) fn catalogue_price(
    py: Python<'_>,
    model: &str,
    provider: Option<&str>,
) -> PyResult<Option<Py<PyAny>>> {
    find(model, provider).map(|found| to_python(py, &found.record())).transpose()
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
    Ok(find(model, provider).map(|found| found.price.cost(&usage).to_string()))
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

struct Found {
    provider: String,
    model: String,
    price: ModelPrice,
    limits: Value,
}

impl Found {
    fn record(&self) -> Value {
        let half = PER_MILLION / 2;
        let mut record = json!({
            "provider": self.provider,
            "model": self.model,
            "price": self.price,
            // Half prompt, half completion: what one flat price would be.
            "blended": (self.price.input.per_million(half) + self.price.output.per_million(half))
                .to_string(),
        });
        if let (Some(record), Some(limits)) = (record.as_object_mut(), self.limits.as_object()) {
            record.extend(limits.clone());
        }
        record
    }
}

/// A listed model, or one that a provider prices whatever its name.
fn find(model: &str, provider: Option<&str>) -> Option<Found> {
    let catalogue = PriceCatalogue::embedded();
    let listed = match provider {
        Some(provider) => {
            catalogue.find(provider, model).map(|row| (catalogue.provider_name(provider), row))
        }
        None => catalogue.find_by_name(model),
    };
    if let Some((provider, row)) = listed {
        return Some(Found {
            provider: provider.to_owned(),
            model: row.id.clone(),
            price: row.price.clone(),
            limits: json!({
                "context_tokens": row.context_tokens,
                "output_tokens": row.output_tokens,
                "capabilities": row.capabilities,
            }),
        });
    }
    let (provider, model) = match provider {
        Some(provider) => (provider, model),
        None => model.split_once('/')?,
    };
    Some(Found {
        provider: catalogue.provider_name(provider).to_owned(),
        model: model.to_owned(),
        price: catalogue.price_of(provider, model)?,
        limits: Value::Null,
    })
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
