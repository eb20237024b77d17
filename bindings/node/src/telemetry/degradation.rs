//! Cheaper models instead of dear ones, and what cascades cost.

use cascadeflow::chat_json::Fields;
use cascadeflow::telemetry::{
    self, CascadeTokens, CheaperModel, CostCalculator, DegradationMap, PriceCatalogue,
};
use cascadeflow::{ModelConfig, Result, Usage};
use napi_derive::napi;
use serde_json::{Map, Value, json};

use super::text::{read, write};
use crate::error::to_js;

/// The model to use instead of each that is known, in order, as the JSON text of a mapping; null of
/// the cheapest.
#[napi]
pub(crate) fn degradation_map() -> String {
    let entries = DegradationMap::builtin().entries();
    let entries = entries.map(|(model, cheaper)| (model.to_owned(), json!(cheaper)));
    Value::Object(entries.collect::<Map<_, _>>()).to_string()
}

/// The map in the JSON text of a mapping.
fn map_of(given: Option<&str>) -> Result<Option<DegradationMap>> {
    let Some(given) = given else { return Ok(None) };
    let entries: std::collections::BTreeMap<String, Option<String>> =
        read("degradationMap", given)?;
    Ok(Some(DegradationMap::new(entries)))
}

/// What to use instead of `model` as the JSON text of a pair: its name (null when nothing is cheaper)
/// and where that comes from: `mapped`, `catalogue`, `fallback` or `cheapest`.
#[napi]
pub(crate) fn cheaper_model(model: String, map: Option<String>) -> napi::Result<String> {
    let own = map_of(map.as_deref()).map_err(to_js)?;
    let found = own.as_ref().unwrap_or(DegradationMap::builtin()).cheaper_than(&model);
    let source = match &found {
        CheaperModel::Mapped(_) => "mapped",
        CheaperModel::Catalogue(_) => "catalogue",
        CheaperModel::Fallback(_) => "fallback",
        CheaperModel::Cheapest => "cheapest",
    };
    Ok(json!([found.name(), source]).to_string())
}

/// `model` and what to use instead, step by step, down to the cheapest.
#[napi]
pub(crate) fn degradation_chain(model: String, map: Option<String>) -> napi::Result<Vec<String>> {
    let own = map_of(map.as_deref()).map_err(to_js)?;
    Ok(own.as_ref().unwrap_or(DegradationMap::builtin()).chain(&model))
}

/// The share of the cost that one model saves against another, 0 to 1; null when the price of either
/// is not known.
#[napi]
pub(crate) fn estimated_saving(from_model: String, to_model: String) -> Option<f64> {
    telemetry::estimated_saving(&from_model, &to_model)
}

/// The `models` of the JSON text `request` that do the work of `input_tokens` and `output_tokens` for
/// less than the one at `position`, cheapest first: the JSON text of a list of `{position, cost,
/// saving}`.
#[napi]
pub(crate) fn cheaper_models(request: String) -> napi::Result<String> {
    let find = || {
        let mut fields = Fields::parse("request", &request)?;
        let models: Vec<ModelConfig> = fields.take_or_default("models")?;
        let position: usize = fields.take_or_default("position")?;
        let usage = Usage::new(
            fields.take_or_default("input_tokens")?,
            fields.take_or_default("output_tokens")?,
        );
        fields.finish()?;
        let catalogue = PriceCatalogue::embedded();
        let cheaper = telemetry::cheaper_models(&catalogue, &models, position, &usage);
        let cheaper = cheaper.iter().map(|choice| {
            json!({
                "position": choice.position,
                "cost": choice.cost.to_f64(),
                "saving": choice.saving,
            })
        });
        write(&cheaper.collect::<Vec<_>>())
    };
    find().map_err(to_js)
}

/// What a cascade of the models `drafter` and `verifier` of the JSON text `request` cost, beside the
/// verifier alone, by `input_tokens`, `draft_output_tokens`, `verifier_output_tokens` and
/// `draft_accepted`: JSON text with amounts as decimal texts.
#[napi]
pub(crate) fn cascade_cost(request: String) -> napi::Result<String> {
    let calculate = || {
        let mut fields = Fields::parse("request", &request)?;
        let mut model = |field: &str| -> Result<ModelConfig> {
            cascadeflow::read_value(fields.take_value(field).unwrap_or_default())
        };
        let (drafter, verifier) = (model("drafter")?, model("verifier")?);
        let tokens = CascadeTokens {
            input: fields.take_or_default("input_tokens")?,
            draft_output: fields.take_or_default("draft_output_tokens")?,
            verifier_output: fields.take_or_default("verifier_output_tokens")?,
        };
        let accepted = fields.take_or_default("draft_accepted")?;
        fields.finish()?;
        let calculator =
            CostCalculator::of_models(&PriceCatalogue::embedded(), &drafter, &verifier)?;
        write(&calculator.calculate(tokens, accepted))
    };
    calculate().map_err(to_js)
}
