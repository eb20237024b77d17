//! The engine's decisions as functions of plain data: the same in every language.

use std::collections::BTreeSet;

use cascadeflow::chat_json::{Fields, read_response_format, read_tool_choice, read_tools};
use cascadeflow::ports::{Judge, JudgeInput};
use cascadeflow::providers::ProviderRegistry;
use cascadeflow::quality::{QualityConfig, QualityValidator};
use cascadeflow::query::QueryAnalysis;
use cascadeflow::telemetry::PriceCatalogue;
use cascadeflow::{
    AgentConfig, ChatResponse, Complexity, Error, ErrorKind, ModelConfig, ModelPrice, Result,
    Usage, Usd, env_vars, presets, providers, read_value,
};
use futures_util::FutureExt;
use pyo3::prelude::*;
use serde_json::{Value, json};

use crate::convert::{to_json, to_python};
use crate::error::to_exception;

fn answer<T: serde::Serialize>(py: Python<'_>, record: Result<T>) -> PyResult<Py<PyAny>> {
    match record {
        Ok(record) => to_python(py, &record),
        Err(error) => Err(to_exception(py, &error)),
    }
}

/// The one-pass analysis of a query.
#[pyfunction]
pub(crate) fn analyse(py: Python<'_>, query: &str) -> PyResult<Py<PyAny>> {
    answer(py, Ok(QueryAnalysis::new(query)))
}

/// `(level, confidence)` of a query's complexity.
#[pyfunction]
pub(crate) fn complexity(query: &str) -> (&'static str, f64) {
    let analysis = QueryAnalysis::new(query);
    (analysis.complexity.as_str(), analysis.complexity_confidence)
}

/// The configuration that plain data means, with every default filled in.
#[pyfunction]
pub(crate) fn check_config(py: Python<'_>, config: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    answer(py, to_json("config", config).and_then(AgentConfig::from_value))
}

/// Checks the fields of one model. Its provider must be built in, or one of `registered`.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "arguments arrive as values")]
pub(crate) fn check_model(
    py: Python<'_>,
    model: &Bound<'_, PyAny>,
    registered: Vec<String>,
) -> PyResult<()> {
    let check = || -> Result<()> {
        let model: ModelConfig = read_value(to_json("model", model)?)?;
        model.validate()?;
        let registry = ProviderRegistry::builtin();
        let is_known = registry.canonical_name(&model.provider).is_some()
            || registered.contains(&model.provider);
        // Making a provider of unknown name is the error that tells what there is.
        if is_known { Ok(()) } else { registry.create(&model, &|_| None).map(drop) }
    };
    check().map_err(|error| to_exception(py, &error))
}

/// Names of the presets.
#[pyfunction]
pub(crate) fn preset_names() -> Vec<&'static str> {
    presets::names()
}

/// The configuration of a preset over the providers that `available` names.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "arguments arrive as values")]
pub(crate) fn preset_config(
    py: Python<'_>,
    name: &str,
    available: Vec<String>,
) -> PyResult<Py<PyAny>> {
    answer(py, presets::config(name, &|provider| available.iter().any(|known| known == provider)))
}

/// The judgement of a draft under the configuration `quality`.
#[pyfunction]
pub(crate) fn verdict(
    py: Python<'_>,
    quality: &Bound<'_, PyAny>,
    input: &Bound<'_, PyAny>,
) -> PyResult<Py<PyAny>> {
    answer(py, judge(quality, input))
}

fn judge(quality: &Bound<'_, PyAny>, input: &Bound<'_, PyAny>) -> Result<Value> {
    let quality: QualityConfig = read_value(to_json("quality", quality)?)?;
    let validator = QualityValidator::new(quality)?;
    let mut fields = Fields::new("input", to_json("input", input)?)?;
    let query = QueryAnalysis::new(fields.take_or_default::<String>("query")?);
    let draft: ChatResponse = fields.take_or_default("draft")?;
    let complexity = fields.take::<Complexity>("complexity")?.unwrap_or(query.complexity);
    let threshold = fields.take("threshold")?;
    let response_format =
        fields.take_value("response_format").as_ref().map(read_response_format).transpose()?;
    let tools = match fields.take_value("tools") {
        Some(tools) => read_tools("tools", &tools)?,
        None => Vec::new(),
    };
    let tool_choice =
        fields.take_value("tool_choice").as_ref().map(read_tool_choice).transpose()?;
    fields.finish()?;
    let model = ModelConfig::new("draft", "none");
    let judged = JudgeInput {
        complexity,
        query: &query,
        draft: &draft,
        model: &model,
        threshold,
        response_format: response_format.as_ref(),
        tools: &tools,
        tool_choice: tool_choice.as_ref(),
    };
    let verdict = match validator.judge_now(judged) {
        Some(verdict) => verdict,
        // The standard checks wait for nothing.
        None => validator.judge(judged).now_or_never().unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Internal, "the judge waits for something"))
        }),
    }?;
    let failed: Vec<_> = verdict.failed_checks().map(str::to_owned).collect();
    let mut record = serde_json::to_value(&verdict)
        .map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    if let Some(record) = record.as_object_mut() {
        record.insert("failed_checks".to_owned(), json!(failed));
        record.insert("complexity".to_owned(), json!(judged.complexity));
    }
    Ok(record)
}

/// What usage costs at a price per 1,000,000 tokens, or at a cost per 1,000, as an exact decimal.
#[pyfunction]
pub(crate) fn price(py: Python<'_>, input: &Bound<'_, PyAny>) -> PyResult<String> {
    let priced = || -> Result<String> {
        let mut fields = Fields::new("input", to_json("input", input)?)?;
        let usage: Usage = fields.take_or_default("usage")?;
        let flat = fields.take::<Usd>("cost")?.map(ModelPrice::flat_per_thousand);
        let price = fields.take::<ModelPrice>("price")?.or(flat).ok_or_else(|| {
            Error::validation("price", "no price is given", "give `price` or `cost`")
        })?;
        fields.finish()?;
        Ok(price.cost(&usage).to_string())
    };
    priced().map_err(|error| to_exception(py, &error))
}

/// What tokens cost by the price catalogue, as an exact decimal in USD; `None` without a price.
#[pyfunction]
pub(crate) fn catalogue_cost(
    provider: &str,
    model: &str,
    prompt_tokens: u64,
    completion_tokens: u64,
) -> Option<String> {
    let price = PriceCatalogue::embedded().price_of(provider, model)?;
    Some(price.cost(&Usage::new(prompt_tokens, completion_tokens)).to_string())
}

/// Estimated tokens of a text.
#[pyfunction]
pub(crate) fn estimate_tokens(text: &str) -> u64 {
    QueryAnalysis::new(text).estimated_tokens
}

/// Names of the providers that have a key in the environment.
#[pyfunction]
pub(crate) fn configured_providers() -> Vec<&'static str> {
    providers::configured_providers(&env_vars::read)
}

/// The provider that lists the model `name` in the price catalogue; `None` when none does.
#[pyfunction]
pub(crate) fn infer_provider(name: &str) -> Option<String> {
    let catalogue = PriceCatalogue::embedded();
    let providers: BTreeSet<&str> = catalogue.models().map(|(provider, _)| provider).collect();
    let found = providers.into_iter().find(|provider| catalogue.find(provider, name).is_some());
    found.map(str::to_owned)
}
