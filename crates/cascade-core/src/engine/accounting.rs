//! Prices attempts.

use crate::error::{Error, Result};
use crate::query::estimate_tokens;
use crate::types::{
    ChatResponse, ModelConfig, ModelPrice, Priced, ServiceTier, UnpricedPolicy, Usage, Usd,
};

/// How the calls of one model are priced, settled when the agent is built.
#[derive(Debug, Clone)]
pub(super) struct Tariff {
    price: Option<ModelPrice>,
    source: Priced,
}

impl Tariff {
    /// The configured cost wins over the catalogue; zero declares the model free.
    pub(super) fn resolve(
        model: &ModelConfig,
        catalogue: Option<ModelPrice>,
        policy: UnpricedPolicy,
    ) -> Result<Self> {
        if let Some(cost) = model.cost {
            let source = if cost.is_zero() { Priced::Free } else { Priced::Configured };
            return Ok(Self { price: Some(ModelPrice::flat_per_thousand(cost)), source });
        }
        if let Some(price) = catalogue {
            let source = if price.is_free() { Priced::Free } else { Priced::Catalogue };
            return Ok(Self { price: Some(price), source });
        }
        match policy {
            UnpricedPolicy::Refuse => Err(Error::config(
                "cost",
                format!("no price is known for `{}` of `{}`", model.name, model.provider),
                "set `cost` in USD per 1,000 tokens, or choose the policy `flag` or `zero`",
            )
            .with_model(model.name.clone())),
            UnpricedPolicy::Flag => Ok(Self { price: None, source: Priced::Unpriced }),
            UnpricedPolicy::Zero => Ok(Self { price: None, source: Priced::Free }),
        }
    }

    /// Orders models by price: those of unknown price last.
    pub(super) fn sort_key(&self) -> (bool, Usd) {
        (
            self.is_unknown(),
            self.price.as_ref().map_or(Usd::ZERO, |price| price.input + price.output),
        )
    }

    /// Whether the price is unknown and to be flagged.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.source, Priced::Unpriced)
    }

    /// What `usage` costs by this tariff.
    pub(super) fn cost(&self, usage: &Usage) -> Usd {
        self.price.as_ref().map_or(Usd::ZERO, |price| price.cost(usage))
    }

    /// The most that a prompt of up to `input` tokens and an answer of up to `output` can cost:
    /// written to a cache where it is `marked` for one, all of it reasoning, at the tier asked for.
    pub(super) fn most(
        &self,
        input: u64,
        output: u64,
        marked: bool,
        tier: Option<ServiceTier>,
    ) -> Usd {
        let plain = Usage::new(input, output);
        let reasoning = Usage { reasoning_tokens: output, ..plain };
        let written = if marked { input } else { 0 };
        let cases = [
            plain,
            reasoning,
            Usage { cache_write_1h_tokens: written, ..plain },
            Usage { cache_write_1h_tokens: written, ..reasoning },
            Usage { cache_write_5m_tokens: written, ..plain },
            Usage { cache_write_5m_tokens: written, ..reasoning },
        ];
        let used = if marked { &cases[..] } else { &cases[..2] };
        let costs = used.iter().flat_map(|usage| {
            // A provider may serve a call at the standard tier all the same.
            [None, tier].map(|tier| self.cost(&Usage { service_tier: tier, ..*usage }))
        });
        costs.max().unwrap_or(Usd::ZERO)
    }

    /// The cost of an answer and how it is known: the provider's own figure wins.
    pub(super) fn settle(&self, usage: &Usage, reported: Option<Usd>) -> (Usd, Priced) {
        match reported {
            Some(cost) => (cost, Priced::Reported),
            None => (self.cost(usage), self.source),
        }
    }
}

/// The usage that the provider reports; what it leaves out is estimated from the texts.
pub(super) fn usage_of(response: &ChatResponse, input_estimate: u64) -> Usage {
    let mut usage = response.usage.unwrap_or(Usage::estimate(0, 0));
    if usage.estimated && usage.input_tokens == 0 {
        usage.input_tokens = input_estimate;
    }
    if usage.estimated && usage.output_tokens == 0 {
        usage.output_tokens = estimate_tokens(&response.content);
        for call in &response.tool_calls {
            usage.output_tokens += estimate_tokens(&call.name) + estimate_tokens(&call.arguments);
        }
    }
    usage
}

/// Sums usage over attempts.
pub(super) fn add_usage(total: &mut Usage, usage: &Usage) {
    total.input_tokens += usage.input_tokens;
    total.output_tokens += usage.output_tokens;
    total.cached_input_tokens += usage.cached_input_tokens;
    total.cache_write_5m_tokens += usage.cache_write_5m_tokens;
    total.cache_write_1h_tokens += usage.cache_write_1h_tokens;
    total.reasoning_tokens += usage.reasoning_tokens;
    total.audio_input_tokens += usage.audio_input_tokens;
    total.cached_audio_input_tokens += usage.cached_audio_input_tokens;
    total.audio_output_tokens += usage.audio_output_tokens;
    total.image_input_tokens += usage.image_input_tokens;
    total.image_output_tokens += usage.image_output_tokens;
    total.estimated |= usage.estimated;
}
