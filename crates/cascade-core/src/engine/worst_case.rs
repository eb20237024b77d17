//! The most that a plan, or a call, can spend.

use serde_json::Value;

use super::prompt_bound::{self, Additions};
use super::run::Run;
use super::tool_loop::DEFAULT_MAX_STEPS;
use crate::query::bound_tokens;
use crate::types::{Plan, ServiceTier, Spend};

/// Completion tokens reserved for a call whose limit is left to the provider.
const UNLIMITED_OUTPUT_TOKENS: u64 = 4_096;

/// What every model of a run is sent, at most.
#[derive(Debug, Clone, Copy)]
struct Common {
    /// The caller's system prompts; `None` when the model's own counts.
    system: Option<u64>,
    /// Descriptions of tools and of the answer's form.
    forms: u64,
}

impl Run<'_> {
    /// The most a plan can spend: every step, retry and fallback asked, every token used.
    pub(super) fn worst_case(&self, plan: &Plan) -> Spend {
        let common = self.common();
        let of_call = |index: &usize| self.most_of_call(*index, common);
        let sum = |models: &[usize]| models.iter().map(of_call).fold(Spend::ZERO, Spend::plus);
        let mut total = Spend::ZERO;
        for step in &plan.steps {
            let once = sum(&step.models);
            for _ in 0..=step.retries {
                for _ in 0..step.samples {
                    total = total.plus(once);
                }
            }
            total = total.plus(sum(&step.fallbacks));
        }
        let fallbacks: Vec<usize> =
            self.inner.fallbacks.iter().copied().filter(|index| self.is_allowed(*index)).collect();
        total = total.plus(sum(&fallbacks));
        let mut rounds = total;
        if self.inner.tool_handler.is_some() && !self.options.tools.is_empty() {
            for _ in 0..self.options.max_steps.unwrap_or(DEFAULT_MAX_STEPS) {
                rounds = rounds.plus(total);
            }
        }
        Spend { requests: 1, ..rounds }
    }

    /// The most that one call of each of `models` can spend, as the conversation stands now.
    pub(super) fn worst_case_of_calls(&self, models: impl Iterator<Item = usize>) -> Spend {
        let common = self.common();
        models.map(|index| self.most_of_call(index, common)).fold(Spend::ZERO, Spend::plus)
    }

    fn common(&self) -> Common {
        let of_text = |text: Option<&str>| text.map(prompt_bound::of_system);
        let given = of_text(self.options.system_prompt.as_deref());
        let of_messages = of_text(self.conversation.system.as_deref());
        let system = match (given, of_messages) {
            (None, None) => None,
            (given, of_messages) => Some(given.unwrap_or(0) + of_messages.unwrap_or(0)),
        };
        let format = self.options.response_format.as_ref();
        let format = format.and_then(|format| serde_json::to_string(format).ok());
        let forms = prompt_bound::of_tools(&self.options.tools)
            + format.map_or(0, |format| bound_tokens(&format));
        Common { system, forms }
    }

    fn most_of_call(&self, index: usize, common: Common) -> Spend {
        let member = self.member(index);
        let bound = self.conversation.bound();
        let own = || member.config.system_prompt.as_deref().map_or(0, prompt_bound::of_system);
        let input = bound
            .tokens(Additions::of(&member.name))
            .saturating_add(common.system.unwrap_or_else(own))
            .saturating_add(common.forms);
        let output = self
            .options
            .max_tokens
            .or(member.config.max_tokens)
            .or(self.inner.max_tokens)
            .map_or(UNLIMITED_OUTPUT_TOKENS, u64::from);
        let extra =
            |key: &str| self.options.extra.get(key).or_else(|| member.config.extra.get(key));
        let tier = extra("service_tier").and_then(Value::as_str).and_then(ServiceTier::named);
        let marked = bound.marked || extra("cache_control").is_some();
        let cost = member.tariff.most(input, output, marked, tier);
        Spend { cost, requests: 0, tokens: input.saturating_add(output) }
    }
}
