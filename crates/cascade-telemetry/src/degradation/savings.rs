use cascade_core::{ModelConfig, ModelPrice, Usage, Usd};

use super::map::listed_price;
use crate::pricing::PriceCatalogue;

/// Prompt and completion tokens that a saving is estimated for.
const TYPICAL: (u64, u64) = (1_000, 1_000);

/// The share of the cost that `to` saves against `from`, in [0, 1]; 0 when it costs as much or more.
/// `None` when the price of either is not known.
///
/// By the price catalogue, for as many prompt as completion tokens; short names that it does not
/// list have a flat price of the degradation table.
pub fn estimated_saving(from: &str, to: &str) -> Option<f64> {
    let usage = Usage::new(TYPICAL.0, TYPICAL.1);
    let (from, to) = (price_of(from)?.cost(&usage), price_of(to)?.cost(&usage));
    Some(share_saved(from, to))
}

fn price_of(name: &str) -> Option<ModelPrice> {
    let catalogue = PriceCatalogue::embedded();
    if let Some((_, found)) = catalogue.find_by_name(name) {
        return Some(found.price.clone());
    }
    listed_price(name).map(ModelPrice::flat_per_thousand)
}

fn share_saved(from: Usd, to: Usd) -> f64 {
    if from <= to { 0.0 } else { (from - to).ratio_of(from) }
}

/// A model that costs less than another, for the same work.
#[derive(Debug, Clone, PartialEq)]
pub struct CheaperChoice {
    /// Its position among the models.
    pub position: usize,
    /// What the work costs with it.
    pub cost: Usd,
    /// The share saved, in (0, 1]; 1 of a free model.
    pub saving: f64,
}

/// The models among `models` that would do the work of `usage` for less than the one at `position`,
/// cheapest first. A model's own `cost` wins over the catalogue; one without a known price is never
/// cheaper. Empty when `position` is none of them or has no known price.
pub fn cheaper_models(
    catalogue: &PriceCatalogue,
    models: &[ModelConfig],
    position: usize,
    usage: &Usage,
) -> Vec<CheaperChoice> {
    let cost = |model: &ModelConfig| {
        let configured = model.cost.map(ModelPrice::flat_per_thousand);
        let price = configured.or_else(|| catalogue.price_of(&model.provider, &model.name))?;
        Some(price.cost(usage))
    };
    let Some(dear) = models.get(position).and_then(cost) else { return Vec::new() };
    let mut cheaper: Vec<_> = models
        .iter()
        .enumerate()
        .filter_map(|(position, model)| {
            let cost = cost(model).filter(|cost| *cost < dear)?;
            Some(CheaperChoice { position, cost, saving: share_saved(dear, cost) })
        })
        .collect();
    cheaper.sort_by_key(|choice| choice.cost);
    cheaper
}
