//! Pure decisions of the engine as data: JSON text in, JSON text out.

use cascadeflow::chat_json::{Fields, read_response_format, read_tool_choice, read_tools};
use cascadeflow::ports::{Judge, JudgeInput, PriceSource};
use cascadeflow::quality::{QualityConfig, QualityValidator};
use cascadeflow::query::QueryAnalysis;
use cascadeflow::telemetry::PriceCatalogue;
use cascadeflow::{Complexity, Error, ModelConfig, ModelPrice, Result, Usage, Usd};
use napi::Env;
use napi_derive::napi;
use serde_json::{Value, json};

use crate::convert::read_draft;
use crate::error::to_js;
use crate::runtime::{Settled, settle};

/// The complexity of `query` as `{level, confidence}`.
#[napi]
pub(crate) fn complexity(query: String) -> String {
    let analysis = QueryAnalysis::new(query);
    json!({"level": analysis.complexity, "confidence": analysis.complexity_confidence}).to_string()
}

/// The one-pass analysis of `query`.
#[napi]
pub(crate) fn analyse(query: String) -> String {
    json!(QueryAnalysis::new(query)).to_string()
}

/// The verdict on a draft. `request` holds `quality`, `query`, `draft` and optionally
/// `complexity`, `threshold`, `response_format`, `tools`, `tool_choice`.
#[napi]
pub(crate) fn verdict(env: &Env, request: String) -> napi::Result<Settled<'_, String>> {
    settle(env, async move { judge(&request).await })
}

async fn judge(request: &str) -> Result<String> {
    let mut fields = Fields::parse("request", request)?;
    let quality: QualityConfig = fields.take_or_default("quality")?;
    let query = QueryAnalysis::new(fields.take_or_default::<String>("query")?);
    let complexity = fields.take::<Complexity>("complexity")?.unwrap_or(query.complexity);
    let draft = read_draft(fields.take_value("draft").unwrap_or(Value::Null))?;
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
    let model = ModelConfig::new("draft", "custom");
    let verdict = QualityValidator::new(quality)?
        .judge(JudgeInput {
            query: &query,
            complexity,
            draft: &draft,
            model: &model,
            threshold,
            response_format: response_format.as_ref(),
            tools: &tools,
            tool_choice: tool_choice.as_ref(),
        })
        .await?;
    let mut record = json!(verdict);
    record["failed_checks"] = verdict.failed_checks().collect();
    Ok(record.to_string())
}

/// What a usage costs as `{cost}`, a decimal text. `request` holds `usage` and either `price` (USD
/// per 1,000,000 tokens) or `cost` (USD per 1,000 tokens).
#[napi]
pub(crate) fn price(request: String) -> napi::Result<String> {
    cost_of(&request).map(|cost| json!({"cost": cost}).to_string()).map_err(to_js)
}

fn cost_of(request: &str) -> Result<Usd> {
    let mut fields = Fields::parse("request", request)?;
    let usage: Usage = fields.take_or_default("usage")?;
    let flat = fields.take::<Usd>("cost")?.map(ModelPrice::flat_per_thousand);
    let price = fields
        .take::<ModelPrice>("price")?
        .or(flat)
        .ok_or_else(|| Error::validation("price", "there is no price", "give `price` or `cost`"))?;
    fields.finish()?;
    Ok(price.cost(&usage))
}

/// What `usage` of `name` costs; zero where no price is known.
pub(crate) fn price_of(configured: &ModelConfig, name: &str, usage: &Usage) -> Usd {
    let cost = configured.cost.filter(|_| configured.name == name);
    let price =
        cost.map(ModelPrice::flat_per_thousand).or_else(|| catalogue_price(configured, name));
    price.map_or(Usd::ZERO, |price| price.cost(usage))
}

/// The catalogue's price of the model `name` at the provider of `configured`; `None` where it knows
/// none.
pub(crate) fn catalogue_price(configured: &ModelConfig, name: &str) -> Option<ModelPrice> {
    PriceCatalogue::embedded().price(&ModelConfig::new(name, configured.provider.clone()))
}
