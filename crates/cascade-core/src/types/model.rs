//! A model the cascade may call.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ApiKey, HttpOptions, Usd};
use crate::error::{Error, Result};

/// A model and how the cascade sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Model id as the provider knows it.
    pub name: String,
    /// Name of the provider in the registry, such as `openai`.
    pub provider: String,
    /// USD per 1,000 tokens, input and output alike. `None` takes the price from the catalogue;
    /// zero declares the model free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Usd>,
    /// Most completion tokens when the call does not say; `None` leaves it to the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Sampling temperature when the call does not say, in [0, 2].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// System prompt when the call gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// Words that draw a query to this model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Domains the model is meant for; empty means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Expected answer time in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_ms: Option<u32>,
    /// Expected quality in [0, 1].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_score: Option<f64>,
    /// Confidence a draft of this model must reach, in [0, 1]; overrides the agent's thresholds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_threshold: Option<f64>,
    /// Credential; `None` takes the provider's environment variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<ApiKey>,
    /// Base URL of the provider's API; `None` takes the provider's own. Trailing slashes are
    /// harmless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Most times a temporary failure is retried; `None` takes the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_retries: Option<u32>,
    /// How the API is reached: proxy, certificates, headers, timeouts; `None` keeps the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpOptions>,
    /// Whether the model can call tools.
    #[serde(default = "yes")]
    pub supports_tools: bool,
    /// Further parameters, passed to the provider untouched.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(with = "std::collections::BTreeMap<String, Value>")]
    pub extra: Map<String, Value>,
}

const fn yes() -> bool {
    true
}

impl ModelConfig {
    /// A model priced by the catalogue.
    pub fn new(name: impl Into<String>, provider: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            provider: provider.into(),
            cost: None,
            max_tokens: None,
            temperature: None,
            system_prompt: None,
            keywords: Vec::new(),
            domains: Vec::new(),
            speed_ms: None,
            quality_score: None,
            quality_threshold: None,
            api_key: None,
            base_url: None,
            max_retries: None,
            http: None,
            supports_tools: true,
            extra: Map::new(),
        }
    }

    /// Sets the price in USD per 1,000 tokens.
    #[must_use]
    pub fn with_cost(mut self, cost: Usd) -> Self {
        self.cost = Some(cost);
        self
    }

    /// Checks every field.
    ///
    /// # Errors
    /// A validation error that names the first field out of range.
    pub fn validate(&self) -> Result<()> {
        let fail = |field: &str, message: String, hint: &str| {
            Err(Error::validation(field, message, hint).with_model(self.name.clone()))
        };
        if self.name.trim().is_empty() {
            return fail(
                "name",
                "model name is empty".into(),
                "give the provider's model id, such as `gpt-4o-mini`",
            );
        }
        if self.provider.trim().is_empty() {
            return fail(
                "provider",
                format!("model `{}` has no provider", self.name),
                "give a provider name, such as `openai`",
            );
        }
        if let Some(cost) = self.cost.filter(|cost| cost.is_negative()) {
            return fail(
                "cost",
                format!("cost of `{}` is negative: `{cost}`", self.name),
                "give USD per 1,000 tokens, zero or more",
            );
        }
        if let Some(t) = self.temperature.filter(|t| !(0.0..=2.0).contains(t)) {
            return fail(
                "temperature",
                format!("temperature of `{}` is out of range: `{t}`", self.name),
                "give a number from 0 to 2",
            );
        }
        if self.max_tokens == Some(0) {
            return fail(
                "max_tokens",
                format!("max_tokens of `{}` is zero", self.name),
                "give at least 1, or leave it out",
            );
        }
        for (field, value) in
            [("quality_score", self.quality_score), ("quality_threshold", self.quality_threshold)]
        {
            if let Some(v) = value.filter(|v| !(0.0..=1.0).contains(v)) {
                return fail(
                    field,
                    format!("{field} of `{}` is out of range: `{v}`", self.name),
                    "give a number from 0 to 1",
                );
            }
        }
        Ok(())
    }
}
