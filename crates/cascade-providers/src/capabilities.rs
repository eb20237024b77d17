//! The one table of what each provider's API accepts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cascade_core::ModelConfig;
use serde::Deserialize;

use crate::credentials::Lookup;
use crate::wire::openai::{LogprobsStyle, ReasoningBack, StructuredOutput};

const TABLE: &str = include_str!("../data/dialects.json");

/// Wire format a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireFormat {
    /// OpenAI's chat completions.
    #[serde(rename = "openai")]
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Ollama's native chat.
    Ollama,
    /// Cohere's chat, version 2.
    Cohere,
    /// Gemini's generateContent on Google's API for developers.
    Gemini,
    /// Gemini's generateContent and Anthropic's messages on Vertex AI.
    Vertex,
}

/// Header the credential goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum AuthHeader {
    /// `authorization: Bearer …`.
    #[default]
    #[serde(rename = "bearer")]
    Bearer,
    /// `x-api-key: …`.
    #[serde(rename = "x-api-key")]
    XApiKey,
    /// `x-goog-api-key: …`.
    #[serde(rename = "x-goog-api-key")]
    XGoogApiKey,
    /// `authorization: Bearer …` with a token of Google's cloud.
    #[serde(rename = "google-token")]
    GoogleToken,
}

/// Pictures that an API takes in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageInput {
    /// Inline, and at an address that the provider fetches.
    #[default]
    Any,
    /// Inline alone.
    Inline,
    /// None.
    None,
}

/// A setting of a driver: an extra parameter of a model that is not passed to the provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriverSetting {
    /// Name among the extra parameters.
    pub name: &'static str,
    /// Environment variables that may hold it, first wins.
    #[serde(default)]
    pub env: Vec<&'static str>,
    /// What it does.
    pub purpose: &'static str,
    /// What holds without it.
    pub without: &'static str,
}

/// What happens to a base URL that does not say which version of the API it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionRule {
    /// It is used as given.
    AsGiven,
    /// The version is appended when it names a host alone.
    AppendToBareHost,
    /// The version is appended unless it ends in a version.
    Append,
    /// A `/v1` or `/api` at its end is taken off.
    Strip,
}

/// What some models of a provider accept differently.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRule {
    /// Beginnings of the model names it is about.
    pub prefixes: Vec<&'static str>,
    /// Field of the token limit, in place of the provider's.
    #[serde(default)]
    pub max_tokens_field: Option<&'static str>,
    /// Parameters that are left out because the model refuses them.
    #[serde(default)]
    pub omit: Vec<&'static str>,
    /// Whether `temperature` and `top_p` exclude each other.
    #[serde(default)]
    pub one_sampler: bool,
    /// Surface of the API, in place of the provider's first: `responses`.
    #[serde(default)]
    pub api: Option<&'static str>,
    /// Signature that stands for one that is not known.
    #[serde(default)]
    pub placeholder_signature: Option<&'static str>,
    /// Token limit when the request gives none, in place of the provider's.
    #[serde(default)]
    pub default_max_tokens: Option<u32>,
}

/// One provider: where it is, how it is spoken to and what it accepts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialect {
    /// Name in the registry.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Other names for it.
    #[serde(default)]
    pub aliases: Vec<&'static str>,
    /// Wire format.
    pub protocol: WireFormat,
    /// Base URL when none is configured.
    pub base_url: &'static str,
    /// Environment variables that may hold a base URL, first wins.
    #[serde(default)]
    pub base_url_env: Vec<&'static str>,
    /// What happens to a base URL without a version.
    pub version: VersionRule,
    /// The version that is appended.
    #[serde(default = "version_1")]
    pub api_version: &'static str,
    /// Environment variables that may hold the credential, first wins.
    pub key_env: Vec<&'static str>,
    /// Whether a credential is required.
    #[serde(default = "yes")]
    pub key_required: bool,
    /// Header of the credential.
    #[serde(default)]
    pub auth: AuthHeader,
    /// Settings of the driver.
    #[serde(default)]
    pub settings: Vec<DriverSetting>,
    /// Most texts turned into vectors by one request; `None` where the API makes none.
    #[serde(default)]
    pub embedding_batch: Option<usize>,
    /// Headers sent with every request.
    #[serde(default)]
    pub headers: BTreeMap<&'static str, &'static str>,
    /// Whether tools can be offered; without it a request that offers some is refused.
    #[serde(default = "yes")]
    pub tools: bool,
    /// Pictures the API takes.
    #[serde(default)]
    pub images: ImageInput,
    /// Whether answers can be streamed; without it a stream is one plain answer.
    #[serde(default = "yes")]
    pub streaming: bool,
    /// Whether a seed is accepted.
    #[serde(default = "yes")]
    pub seed: bool,
    /// How log-probabilities are asked for.
    #[serde(default)]
    pub logprobs: LogprobsStyle,
    /// Most alternatives to each token whose log-probabilities are given, where there are any.
    #[serde(default = "twenty")]
    pub max_top_logprobs: u8,
    /// What structured output there is.
    #[serde(default)]
    pub structured_output: StructuredOutput,
    /// Field of the token limit.
    #[serde(default = "max_tokens")]
    pub max_tokens_field: &'static str,
    /// Whether a stream can be asked to report usage.
    #[serde(default = "yes")]
    pub stream_usage: bool,
    /// Whether Anthropic's cache markers are passed on.
    #[serde(default)]
    pub cache_control: bool,
    /// In which form the model's reasoning goes back to it.
    #[serde(default)]
    pub reasoning_back: ReasoningBack,
    /// Token limit when the request gives none; `None` leaves it to the provider.
    #[serde(default)]
    pub default_max_tokens: Option<u32>,
    /// Highest temperature accepted; `None` has no limit of its own.
    #[serde(default)]
    pub max_temperature: Option<f64>,
    /// Exceptions by model, first match wins.
    #[serde(default)]
    pub model_rules: Vec<ModelRule>,
}

const fn yes() -> bool {
    true
}

const fn twenty() -> u8 {
    20
}

const fn version_1() -> &'static str {
    "v1"
}

const fn max_tokens() -> &'static str {
    "max_tokens"
}

impl Dialect {
    /// The exception that `model` falls under; `None` when it is like the provider's others.
    pub fn rule_of(&self, model: &str) -> Option<&ModelRule> {
        self.model_rules
            .iter()
            .find(|rule| rule.prefixes.iter().any(|prefix| model.starts_with(prefix)))
    }

    /// Whether `model` refuses `parameter`.
    pub fn omits(&self, model: &str, parameter: &str) -> bool {
        self.rule_of(model).is_some_and(|rule| rule.omit.contains(&parameter))
    }

    /// Whether answers of `model` can carry log-probabilities.
    pub fn gives_logprobs(&self, model: &str) -> bool {
        self.logprobs != LogprobsStyle::None && !self.omits(model, "logprobs")
    }

    /// Most alternatives to each token that an answer carries; 0 where there are none.
    pub fn top_logprobs(&self) -> u8 {
        if self.logprobs == LogprobsStyle::None { 0 } else { self.max_top_logprobs }
    }

    /// The setting `name` for `model`: among its extra parameters, or in the setting's variables;
    /// `None` when neither has it.
    pub fn setting(&self, name: &str, model: &ModelConfig, lookup: Lookup<'_>) -> Option<String> {
        let setting = self.settings.iter().find(|setting| setting.name == name)?;
        let given = model.extra.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        given
            .or_else(|| setting.env.iter().find_map(|name| lookup(name)))
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// Whether `name` is its name or one of its aliases.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

#[expect(clippy::expect_used, reason = "the table is part of the program; a test reads all of it")]
static DIALECTS: LazyLock<Vec<Dialect>> =
    LazyLock::new(|| serde_json::from_str(TABLE).expect("the dialect table is well-formed"));

/// Every provider of the table, in its order.
pub fn dialects() -> &'static [Dialect] {
    &DIALECTS
}

/// The provider of this name or alias; `None` when there is none.
pub fn dialect(name: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.is_called(name))
}
