use std::collections::BTreeMap;
use std::sync::LazyLock;

use cascade_core::Usd;
use serde::Deserialize;
use serde_json::Map;

use super::catalogue::cheaper_of_catalogue;
use crate::pricing::PriceCatalogue;

/// The model to use instead of each when money runs short.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DegradationMap {
    entries: Vec<(String, Option<String>)>,
}

/// What to use instead of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheaperModel {
    /// The map names it.
    Mapped(String),
    /// The map does not know the model, but the price catalogue does: a cheaper one of the same
    /// provider.
    Catalogue(String),
    /// Neither knows the model: a cheap one that is known.
    Fallback(String),
    /// The model is the cheapest of its kind.
    Cheapest,
}

impl CheaperModel {
    /// The name; `None` of the cheapest.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Mapped(name) | Self::Catalogue(name) | Self::Fallback(name) => Some(name),
            Self::Cheapest => None,
        }
    }
}

#[derive(Deserialize)]
struct Table {
    fallback: String,
    models: Map<String, serde_json::Value>,
    per_thousand: BTreeMap<String, Usd>,
}

fn table() -> Option<&'static Table> {
    static TABLE: LazyLock<Option<Table>> =
        LazyLock::new(|| serde_json::from_str(include_str!("../../data/degradation.json")).ok());
    TABLE.as_ref()
}

/// The price that the table gives for a short name no catalogue lists, in USD per 1,000 tokens.
pub(super) fn listed_price(model: &str) -> Option<Usd> {
    table()?.per_thousand.get(model).copied()
}

impl DegradationMap {
    /// The map that comes with the crate.
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<DegradationMap> = LazyLock::new(|| {
            let models = table().map(|table| &table.models);
            let entry = |(name, cheaper): (&String, &serde_json::Value)| {
                (name.clone(), cheaper.as_str().map(str::to_owned))
            };
            DegradationMap { entries: models.into_iter().flatten().map(entry).collect() }
        });
        &BUILTIN
    }

    /// The map of the given models; `None` marks one that has nothing cheaper.
    pub fn new(entries: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        Self { entries: entries.into_iter().collect() }
    }

    /// Every model with the one to use instead, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.entries.iter().map(|(name, cheaper)| (name.as_str(), cheaper.as_deref()))
    }

    /// What to use instead of `model`.
    pub fn cheaper_than(&self, model: &str) -> CheaperModel {
        if let Some((_, cheaper)) = self.entries().find(|(name, _)| *name == model) {
            return cheaper.map_or(CheaperModel::Cheapest, |cheaper| {
                CheaperModel::Mapped(cheaper.to_owned())
            });
        }
        let catalogue = PriceCatalogue::embedded();
        if let Some((provider, found)) = catalogue.find_by_name(model) {
            return match cheaper_of_catalogue(&catalogue, provider, found) {
                Some(cheaper) => CheaperModel::Catalogue(cheaper.to_owned()),
                None => CheaperModel::Cheapest,
            };
        }
        match table() {
            Some(table) => CheaperModel::Fallback(table.fallback.clone()),
            None => CheaperModel::Cheapest,
        }
    }

    /// `model` and what to use instead, step by step, down to the cheapest. A map that leads in a
    /// circle ends where it would repeat.
    pub fn chain(&self, model: &str) -> Vec<String> {
        let mut chain = vec![model.to_owned()];
        while let Some(last) = chain.last() {
            match self.cheaper_than(last).name() {
                Some(next) if !chain.iter().any(|seen| seen == next) => chain.push(next.to_owned()),
                _ => break,
            }
        }
        chain
    }
}
