use cascade_core::{
    Error, Message, ModelConfig, ModelPrice, Priced, Result, ServiceTier, Usage, Usd,
};
use serde::Serialize;

use crate::pricing::PriceCatalogue;
use crate::tokens::{CountSource, TokenCounter};

/// What a call may cost at most, before it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CostEstimate {
    /// Id of the model as the catalogue or the caller has it.
    pub model: String,
    /// Its provider; `None` when the model is not known and none was named.
    pub provider: Option<String>,
    /// Prompt tokens.
    pub input_tokens: u64,
    /// How the prompt tokens were counted.
    pub counted: CountSource,
    /// The most completion tokens.
    pub output_tokens: u64,
    /// Cost of the prompt, nothing of it being cached; `None` when no price is known.
    pub input_cost: Option<Usd>,
    /// Cost of the prompt and an answer of `output_tokens`; `None` when no price is known.
    pub cost: Option<Usd>,
    /// How the price is known.
    pub priced: Priced,
}

/// Estimates calls by a catalogue.
#[derive(Debug, Clone)]
pub struct CostEstimator {
    catalogue: PriceCatalogue,
    service_tier: Option<ServiceTier>,
}

impl CostEstimator {
    /// By the prices of `catalogue`, at the standard tier.
    pub const fn new(catalogue: PriceCatalogue) -> Self {
        Self { catalogue, service_tier: None }
    }

    /// At another service tier.
    #[must_use]
    pub const fn at_tier(mut self, tier: ServiceTier) -> Self {
        self.service_tier = Some(tier);
        self
    }

    /// Estimates a call of `model`, named with its provider (`groq/llama-3.1-8b-instant`) or alone,
    /// with `messages` and at most `max_tokens` completion tokens. `None` takes the most the model
    /// can write.
    ///
    /// # Errors
    /// A validation error on `max_tokens` when there is none and the model's own limit is not known.
    pub fn estimate_cost(
        &self,
        model: &str,
        messages: &[Message],
        max_tokens: Option<u64>,
    ) -> Result<CostEstimate> {
        if let Some((provider, found)) = self.catalogue.find_by_name(model) {
            let known = Known {
                provider: Some(provider),
                id: &found.id,
                price: Some(&found.price),
                limit: found.output_tokens,
                source: Priced::Catalogue,
            };
            return self.estimate(&known, messages, max_tokens);
        }
        let split = model.split_once('/').map(|(provider, rest)| {
            (self.catalogue.provider_name(provider), rest, self.catalogue.price_of(provider, rest))
        });
        let known = match &split {
            Some((provider, rest, Some(price))) => Known {
                provider: Some(provider),
                id: rest,
                price: Some(price),
                limit: None,
                source: Priced::Catalogue,
            },
            _ => Known {
                provider: None,
                id: model,
                price: None,
                limit: None,
                source: Priced::Unpriced,
            },
        };
        self.estimate(&known, messages, max_tokens)
    }

    /// Estimates a call of a configured model: its `cost` wins over the catalogue, its `max_tokens`
    /// holds where the call gives none.
    ///
    /// # Errors
    /// As [`Self::estimate_cost`].
    pub fn estimate_model(
        &self,
        model: &ModelConfig,
        messages: &[Message],
        max_tokens: Option<u64>,
    ) -> Result<CostEstimate> {
        let found = self.catalogue.find(&model.provider, &model.name);
        let configured = model.cost.map(ModelPrice::flat_per_thousand);
        let source = if configured.is_some() { Priced::Configured } else { Priced::Catalogue };
        let price = configured.or_else(|| self.catalogue.price_of(&model.provider, &model.name));
        let known = Known {
            provider: Some(&model.provider),
            id: &model.name,
            price: price.as_ref(),
            limit: found.and_then(|found| found.output_tokens),
            source,
        };
        self.estimate(&known, messages, max_tokens.or(model.max_tokens.map(u64::from)))
    }

    fn estimate(
        &self,
        known: &Known<'_>,
        messages: &[Message],
        max_tokens: Option<u64>,
    ) -> Result<CostEstimate> {
        let Some(output_tokens) = max_tokens.or(known.limit) else {
            return Err(Error::validation(
                "max_tokens",
                format!("how much `{}` can write is not known", known.id),
                "give `max_tokens`",
            )
            .with_model(known.id));
        };
        let counted = TokenCounter::for_model(known.id).messages(messages);
        let usage = |output| Usage {
            service_tier: self.service_tier,
            ..Usage::estimate(counted.tokens, output)
        };
        let cost = |output| known.price.map(|price| price.cost(&usage(output)));
        Ok(CostEstimate {
            model: known.id.to_owned(),
            provider: known.provider.map(str::to_owned),
            input_tokens: counted.tokens,
            counted: counted.source,
            output_tokens,
            input_cost: cost(0),
            cost: cost(output_tokens),
            priced: match known.price {
                Some(price) if price.is_free() => Priced::Free,
                Some(_) => known.source,
                None => Priced::Unpriced,
            },
        })
    }
}

/// What is known of the model of an estimate.
struct Known<'a> {
    provider: Option<&'a str>,
    id: &'a str,
    price: Option<&'a ModelPrice>,
    limit: Option<u64>,
    source: Priced,
}
