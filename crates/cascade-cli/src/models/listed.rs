use std::collections::BTreeMap;

use cascadeflow::telemetry::{Capability, CataloguedModel, ModelKind, PriceFile};
use cascadeflow::{LongContext, LongContextScope, ModelPrice, ServiceTier, TokenRates, Usd};
use serde::Serialize;

/// One model as it is listed. Prices are numbers in USD per 1,000,000 tokens.
#[derive(Debug, Serialize)]
pub(super) struct Listed<'a> {
    pub(super) id: &'a str,
    pub(super) provider: &'a str,
    kind: ModelKind,
    pub(super) input: f64,
    pub(super) output: f64,
    /// Prices of other kinds of token; `None` where they cost what they would otherwise be: cached
    /// reads, cache writes, sound and pictures input, reasoning and what is made output.
    #[serde(flatten)]
    pub(super) others: OtherRates,
    /// Prices of long prompts; `None` where they cost the same.
    long_context: Option<LongContextView>,
    /// Prices of the service tiers that have their own, the batch interface among them.
    tiers: BTreeMap<ServiceTier, TierView>,
    /// Most tokens of a prompt; `None` when not known.
    pub(super) context_tokens: Option<u64>,
    /// Most completion tokens; `None` when not known.
    output_tokens: Option<u64>,
    /// Length of an embedding; `None` for what makes none, and when not known.
    embedding_dimensions: Option<u32>,
    /// What the model is known to be able to do.
    capabilities: &'a [Capability],
    /// The day it is switched off, as `YYYY-MM-DD`; `None` when not known.
    deprecated_on: Option<&'a str>,
    /// Where its prices come from.
    source: &'a str,
    /// Day of the last look-up, as `YYYY-MM-DD`.
    date: &'a str,
    pub(super) aliases: &'a [String],
}

/// Prices of the kinds of token that are not plain input and output.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct OtherRates {
    pub(super) cached_input: Option<f64>,
    cache_write_5m: Option<f64>,
    cache_write_1h: Option<f64>,
    reasoning: Option<f64>,
    audio_input: Option<f64>,
    cached_audio_input: Option<f64>,
    audio_output: Option<f64>,
    image_input: Option<f64>,
    image_output: Option<f64>,
}

/// Prices that hold in some circumstance; `None` leaves the price that holds otherwise.
#[derive(Debug, Serialize)]
struct RatesView {
    input: Option<f64>,
    output: Option<f64>,
    #[serde(flatten)]
    others: OtherRates,
}

#[derive(Debug, Serialize)]
struct LongContextView {
    threshold_tokens: u64,
    scope: LongContextScope,
    #[serde(flatten)]
    rates: RatesView,
}

#[derive(Debug, Serialize)]
struct TierView {
    #[serde(flatten)]
    rates: RatesView,
    /// Prices of long prompts in the tier; `None` where they follow the model's.
    long_context: Option<RatesView>,
}

impl<'a> Listed<'a> {
    /// `model` of `file`.
    pub(super) fn new(file: &'a PriceFile, model: &'a CataloguedModel) -> Self {
        let price = &model.price;
        let tiers = price.tiers.iter().flat_map(|tiers| tiers.iter());
        Self {
            id: &model.id,
            provider: &file.provider,
            kind: model.kind,
            input: price.input.to_f64(),
            output: price.output.to_f64(),
            others: OtherRates::of_price(price),
            long_context: price.long_context.as_deref().map(LongContextView::new),
            tiers: tiers
                .map(|(tier, rates)| {
                    let long_context = rates.long_context.as_ref().map(RatesView::new);
                    (*tier, TierView { rates: RatesView::new(&rates.rates), long_context })
                })
                .collect(),
            context_tokens: model.context_tokens,
            output_tokens: model.output_tokens,
            embedding_dimensions: model.embedding_dimensions,
            capabilities: &model.capabilities,
            deprecated_on: model.deprecated_on.as_deref(),
            source: model.source.as_deref().unwrap_or(&file.source),
            date: &file.date,
            aliases: &model.aliases,
        }
    }

    /// Whether every word of `search` is a part of its id, its provider or an alias, in any case.
    pub(super) fn is_about(&self, search: &[String]) -> bool {
        let names = [self.id, self.provider];
        let names: Vec<String> = names
            .into_iter()
            .chain(self.aliases.iter().map(String::as_str))
            .map(str::to_lowercase)
            .collect();
        search.iter().all(|word| {
            let word = word.to_lowercase();
            names.iter().any(|name| name.contains(&word))
        })
    }
}

impl OtherRates {
    fn of_price(price: &ModelPrice) -> Self {
        Self {
            cached_input: number(price.cached_input),
            cache_write_5m: number(price.cache_write_5m),
            cache_write_1h: number(price.cache_write_1h),
            reasoning: number(price.reasoning),
            audio_input: number(price.audio_input),
            cached_audio_input: number(price.cached_audio_input),
            audio_output: number(price.audio_output),
            image_input: number(price.image_input),
            image_output: number(price.image_output),
        }
    }

    fn of_rates(rates: &TokenRates) -> Self {
        Self {
            cached_input: number(rates.cached_input),
            cache_write_5m: number(rates.cache_write_5m),
            cache_write_1h: number(rates.cache_write_1h),
            reasoning: number(rates.reasoning),
            audio_input: number(rates.audio_input),
            cached_audio_input: number(rates.cached_audio_input),
            audio_output: number(rates.audio_output),
            image_input: number(rates.image_input),
            image_output: number(rates.image_output),
        }
    }
}

impl RatesView {
    fn new(rates: &TokenRates) -> Self {
        Self {
            input: number(rates.input),
            output: number(rates.output),
            others: OtherRates::of_rates(rates),
        }
    }
}

impl LongContextView {
    fn new(long: &LongContext) -> Self {
        Self {
            threshold_tokens: long.threshold_tokens,
            scope: long.scope,
            rates: RatesView::new(&long.rates),
        }
    }
}

fn number(price: Option<Usd>) -> Option<f64> {
    price.map(Usd::to_f64)
}
