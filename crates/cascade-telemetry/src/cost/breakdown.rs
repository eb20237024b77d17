use cascade_core::{Error, ModelConfig, ModelPrice, Result, Usage, Usd};
use serde::Serialize;

use crate::pricing::PriceCatalogue;

/// What a cascade of two models cost, beside what the verifier alone would have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CostBreakdown {
    /// Cost of the draft.
    pub draft_cost: Usd,
    /// Cost of the verifier's answer; zero when the draft was accepted.
    pub verifier_cost: Usd,
    /// Both.
    pub total_cost: Usd,
    /// What the verifier alone would have cost.
    pub baseline_cost: Usd,
    /// The baseline less the total; negative after a rejection, which pays for both.
    pub cost_saved: Usd,
    /// The saving as percentage of the baseline; 0 when the baseline is free.
    pub savings_percent: f64,
    /// Tokens of the drafter.
    pub draft_tokens: u64,
    /// Tokens of the verifier; zero when the draft was accepted.
    pub verifier_tokens: u64,
    /// Both.
    pub total_tokens: u64,
    /// Whether the verifier was spared.
    pub draft_accepted: bool,
}

/// Tokens of one query through a cascade of two models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CascadeTokens {
    /// Prompt tokens, the same for both models.
    pub input: u64,
    /// Completion tokens of the draft.
    pub draft_output: u64,
    /// Completion tokens of the verifier.
    pub verifier_output: u64,
}

/// Prices cascades of two models.
#[derive(Debug, Clone)]
pub struct CostCalculator {
    drafter: ModelPrice,
    verifier: ModelPrice,
}

impl CostCalculator {
    /// By the given prices.
    pub const fn new(drafter: ModelPrice, verifier: ModelPrice) -> Self {
        Self { drafter, verifier }
    }

    /// By the models' own `cost`, or else the catalogue's prices.
    ///
    /// # Errors
    /// A config error that names the model of which no price is known.
    pub fn of_models(
        catalogue: &PriceCatalogue,
        drafter: &ModelConfig,
        verifier: &ModelConfig,
    ) -> Result<Self> {
        let price = |model: &ModelConfig| {
            let configured = model.cost.map(ModelPrice::flat_per_thousand);
            configured.or_else(|| catalogue.price_of(&model.provider, &model.name)).ok_or_else(
                || {
                    Error::config(
                        "cost",
                        format!("no price is known for `{}` of `{}`", model.name, model.provider),
                        "set `cost` in USD per 1,000 tokens; 0 declares the model free",
                    )
                    .with_model(model.name.clone())
                },
            )
        };
        Ok(Self::new(price(drafter)?, price(verifier)?))
    }

    /// The cost of a query whose draft was accepted or not. The baseline is the verifier's price of
    /// the tokens of the answer that was given.
    pub fn calculate(&self, tokens: CascadeTokens, draft_accepted: bool) -> CostBreakdown {
        let draft = Usage::new(tokens.input, tokens.draft_output);
        let verifier = Usage::new(tokens.input, tokens.verifier_output);
        let draft_cost = self.drafter.cost(&draft);
        let (verifier_cost, verifier_tokens, answer) = if draft_accepted {
            (Usd::ZERO, 0, draft)
        } else {
            (self.verifier.cost(&verifier), tokens.input + tokens.verifier_output, verifier)
        };
        let total_cost = draft_cost + verifier_cost;
        let baseline_cost = self.verifier.cost(&answer);
        let cost_saved = baseline_cost - total_cost;
        let draft_tokens = tokens.input + tokens.draft_output;
        CostBreakdown {
            draft_cost,
            verifier_cost,
            total_cost,
            baseline_cost,
            cost_saved,
            savings_percent: cost_saved.ratio_of(baseline_cost) * 100.0,
            draft_tokens,
            verifier_tokens,
            total_tokens: draft_tokens + verifier_tokens,
            draft_accepted,
        }
    }
}
