use cascade_core::{ModelPrice, Usd};
use serde::Serialize;

use super::{Capability, PriceCatalogue};

/// Tokens that prices are quoted for.
const PER_MILLION: u64 = 1_000_000;

/// What a catalogue says of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PriceListing {
    /// The provider's name in the catalogue.
    pub provider: String,
    /// Model id as the catalogue has it, or as it was asked for where the provider prices any model.
    pub model: String,
    /// Prices in USD per 1,000,000 tokens.
    pub price: ModelPrice,
    /// Half a million prompt and half a million completion tokens: what one flat price would be.
    pub blended: Usd,
    /// Most tokens of a prompt; `None` when not known.
    pub context_tokens: Option<u64>,
    /// Most completion tokens; `None` when not known.
    pub output_tokens: Option<u64>,
    /// What the model is known to be able to do.
    pub capabilities: Vec<Capability>,
}

impl PriceCatalogue {
    /// What is listed of `model`, or what its provider asks for any model; `None` when no price is
    /// known. Without a `provider` the name may begin with one (`groq/llama-3.1-8b-instant`).
    pub fn listing(&self, model: &str, provider: Option<&str>) -> Option<PriceListing> {
        let listed = match provider {
            Some(provider) => {
                self.find(provider, model).map(|row| (self.provider_name(provider), row))
            }
            None => self.find_by_name(model),
        };
        if let Some((provider, row)) = listed {
            return Some(PriceListing {
                context_tokens: row.context_tokens,
                output_tokens: row.output_tokens,
                capabilities: row.capabilities.clone(),
                ..PriceListing::new(provider, &row.id, row.price.clone())
            });
        }
        let (provider, model) = match provider {
            Some(provider) => (provider, model),
            None => model.split_once('/')?,
        };
        let price = self.price_of(provider, model)?;
        Some(PriceListing::new(self.provider_name(provider), model, price))
    }
}

impl PriceListing {
    fn new(provider: &str, model: &str, price: ModelPrice) -> Self {
        let half = PER_MILLION / 2;
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            blended: price.input.per_million(half) + price.output.per_million(half),
            price,
            context_tokens: None,
            output_tokens: None,
            capabilities: Vec::new(),
        }
    }
}
