//! Which models reason before they answer, and what sets them apart.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::capabilities::Dialect;

const TABLE: &str = include_str!("../data/reasoning_models.json");

/// What a model of a provider takes, as far as its name and the provider's table tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent fact about a model")]
pub struct ReasoningTraits {
    /// Whether it reasons before it answers.
    pub is_reasoning: bool,
    /// Whether its answers can be streamed.
    pub supports_streaming: bool,
    /// Whether it calls tools.
    pub supports_tools: bool,
    /// Whether it takes a system prompt.
    pub supports_system_messages: bool,
    /// Whether `reasoning_effort`, or the provider's word for it, has an effect.
    pub supports_reasoning_effort: bool,
    /// Whether its reasoning comes as blocks of the answer.
    pub supports_extended_thinking: bool,
    /// Whether its token limit is called `max_completion_tokens`.
    pub requires_max_completion_tokens: bool,
    /// Whether it reasons only when given a budget of tokens for it.
    pub requires_thinking_budget: bool,
    /// Whether its answers can carry log-probabilities.
    pub supports_logprobs: bool,
    /// Whether it takes a temperature.
    pub supports_temperature: bool,
}

/// One family of models; the first that fits counts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    /// Beginnings of the names, in lower case and without their makers.
    prefixes: Vec<String>,
    /// Providers that it is about; none means all.
    #[serde(default)]
    providers: Vec<String>,
    #[serde(default = "yes")]
    reasoning: bool,
    #[serde(default = "yes")]
    tools: bool,
    #[serde(default = "yes")]
    system_messages: bool,
    #[serde(default)]
    effort: bool,
    #[serde(default)]
    thinking: bool,
    #[serde(default)]
    thinking_budget: bool,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::expect_used, reason = "the table is part of the program; a test reads all of it")]
static FAMILIES: LazyLock<Vec<Family>> =
    LazyLock::new(|| serde_json::from_str(TABLE).expect("the reasoning table is well-formed"));

/// What sets `model` of the provider apart; an unknown name is no reasoning model.
///
/// A maker before the name (`deepseek-ai/DeepSeek-R1`) and the case do not matter.
pub fn reasoning_traits(dialect: &Dialect, model: &str) -> ReasoningTraits {
    let lower = model.trim().to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let family = FAMILIES.iter().find(|family| {
        (family.providers.is_empty() || family.providers.iter().any(|own| own == dialect.name))
            && family.prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()))
    });
    let limit = dialect.rule_of(name).and_then(|rule| rule.max_tokens_field);
    let says = |of: fn(&Family) -> bool| family.is_some_and(of);
    ReasoningTraits {
        is_reasoning: says(|family| family.reasoning),
        supports_streaming: dialect.streaming,
        supports_tools: dialect.tools && family.is_none_or(|family| family.tools),
        supports_system_messages: family.is_none_or(|family| family.system_messages),
        supports_reasoning_effort: says(|family| family.effort),
        supports_extended_thinking: says(|family| family.thinking),
        requires_max_completion_tokens: limit.unwrap_or(dialect.max_tokens_field)
            == "max_completion_tokens",
        requires_thinking_budget: says(|family| family.thinking_budget),
        supports_logprobs: dialect.gives_logprobs(name),
        supports_temperature: !dialect.omits(name, "temperature"),
    }
}
