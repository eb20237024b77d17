use cascadeflow::ports::PriceSource;
use cascadeflow::telemetry::PriceCatalogue;
use cascadeflow::{Error, ModelConfig, ModelPrice, Result, Usd};
use serde::Serialize;

use super::recorded_provider::Side;

/// Price of the strong model as a multiple of the cheap one's when nothing better is known: about
/// the middle of the price gaps between the small and large models of one family.
const DEFAULT_RATIO: u32 = 10;

/// Where the prices of a pair come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PriceBasis {
    /// Both models stand in the catalogue.
    Catalogue,
    /// A multiple, given or by default.
    Ratio,
}

/// What the two models of a recording cost.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PairPrices {
    pub(super) cheap: ModelPrice,
    pub(super) strong: ModelPrice,
    pub(super) basis: PriceBasis,
}

impl PairPrices {
    /// The prices of a pair: `ratio` where given, else the catalogue's where it knows both models
    /// and neither is free, else the default ratio.
    pub(super) fn new(
        catalogue: &PriceCatalogue,
        cheap_model: &str,
        strong_model: &str,
        ratio: Option<Usd>,
    ) -> Self {
        if ratio.is_none() {
            let known = |model| catalogue_price(catalogue, model);
            if let (Some(cheap), Some(strong)) = (known(cheap_model), known(strong_model)) {
                return Self { cheap, strong, basis: PriceBasis::Catalogue };
            }
        }
        let cheap = Usd::from_decimal(1.into());
        let strong = ratio.unwrap_or(Usd::from_decimal(DEFAULT_RATIO.into()));
        Self { cheap: flat(cheap), strong: flat(strong), basis: PriceBasis::Ratio }
    }

    /// Refuses a ratio that is not above zero.
    pub(super) fn check_ratio(ratio: Option<Usd>) -> Result<()> {
        match ratio {
            Some(ratio) if ratio.is_negative() || ratio.is_zero() => Err(Error::validation(
                "price_ratio",
                format!("price ratio is not above zero: `{ratio}`"),
                "give how many times the strong model costs what the cheap one does",
            )),
            _ => Ok(()),
        }
    }
}

impl PriceSource for PairPrices {
    fn price(&self, model: &ModelConfig) -> Option<ModelPrice> {
        [(Side::Cheap, &self.cheap), (Side::Strong, &self.strong)]
            .into_iter()
            .find_map(|(side, price)| (model.provider == side.provider()).then(|| price.clone()))
    }
}

/// One price per 1,000,000 tokens of every kind.
fn flat(per_million: Usd) -> ModelPrice {
    ModelPrice::new(per_million, per_million)
}

/// The price of a model that a recording names without its provider: that of the first provider in
/// the catalogue that has a model of the same name and is not free. Names may carry the publisher
/// (`mistralai/…`), which only some providers repeat.
fn catalogue_price(catalogue: &PriceCatalogue, name: &str) -> Option<ModelPrice> {
    let bare = bare_name(name);
    let listed = catalogue.models().filter(|(provider, model)| {
        catalogue.find(provider, name).is_some_and(|found| found.id == model.id)
            || std::iter::once(&model.id)
                .chain(&model.aliases)
                .any(|known| bare_name(known) == bare)
    });
    listed.map(|(_, model)| &model.price).find(|price| !price.is_free()).cloned()
}

/// A model's name without its publisher, in lower case.
fn bare_name(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_lowercase()
}
