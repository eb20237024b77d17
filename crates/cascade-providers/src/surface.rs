//! Which of a provider's APIs a model is reached through.

use cascade_core::{ChatRequest, Error, ModelConfig, Result};
use serde_json::Value;

use crate::anthropic::Anthropic;
use crate::capabilities::{Dialect, WireFormat};
use crate::cohere::Cohere;
use crate::credentials::{Lookup, resolve_base_url};
use crate::endpoint::Endpoint;
use crate::gemini::Gemini;
use crate::http_config::HttpConfig;
use crate::ollama::Ollama;
use crate::openai::OpenAi;
use crate::protocol::Protocol;
use crate::vertex::vertex;

/// Setting that chooses the surface.
const SETTING: &str = "api";

/// A surface of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// What the provider's table says for the model.
    Unset,
    /// The provider's first.
    First,
    /// OpenAI's responses.
    Responses,
}

impl Surface {
    /// The surface that `model` configures.
    ///
    /// # Errors
    /// A validation error when it names none.
    pub(crate) fn of(dialect: &Dialect, model: &ModelConfig, lookup: Lookup<'_>) -> Result<Self> {
        let Some(name) = dialect.setting(SETTING, model, lookup) else { return Ok(Self::Unset) };
        Self::named(&name).ok_or_else(|| {
            Error::validation(
                format!("extra.{SETTING}"),
                format!("unknown surface of the API: `{name}`"),
                "use `chat_completions` or `responses`",
            )
            .with_provider(dialect.name)
            .with_model(&*model.name)
        })
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "chat" | "chat_completions" | "chat/completions" => Some(Self::First),
            "responses" => Some(Self::Responses),
            _ => None,
        }
    }

    /// The surface of one request: its own choice, this one, or that of the table.
    pub(crate) fn for_request(self, dialect: &Dialect, request: &ChatRequest) -> Self {
        let has_setting = dialect.settings.iter().any(|setting| setting.name == SETTING);
        let own = request.extra.get(SETTING).and_then(Value::as_str).filter(|_| has_setting);
        let own = own.and_then(Self::named).unwrap_or(self);
        match own {
            Self::Unset => {
                let rule = dialect.rule_of(&request.model).and_then(|rule| rule.api);
                rule.and_then(Self::named).unwrap_or(Self::First)
            }
            chosen => chosen,
        }
    }
}

/// Endpoint and protocol of `model`.
///
/// # Errors
/// An auth error when a required key is missing, a config error about an address or a setting.
pub(crate) fn resolve(
    dialect: &'static Dialect,
    model: &ModelConfig,
    lookup: Lookup<'_>,
    config: HttpConfig,
) -> Result<(Endpoint, Box<dyn Protocol>)> {
    let mut default_url = config.base_url.clone();
    let protocol: Box<dyn Protocol> = match dialect.protocol {
        WireFormat::OpenAi => Box::new(OpenAi),
        WireFormat::Anthropic => Box::new(Anthropic),
        WireFormat::Ollama => Box::new(Ollama),
        WireFormat::Cohere => Box::new(Cohere),
        WireFormat::Gemini => Box::new(Gemini),
        WireFormat::Vertex => {
            let (protocol, url) = vertex(dialect, model, lookup)
                .map_err(|error| error.with_provider(dialect.name).with_model(&*model.name))?;
            default_url = default_url.or(Some(url));
            protocol
        }
    };
    let base_url = resolve_base_url(model, dialect, default_url.as_deref(), lookup)?;
    Ok((Endpoint::new(dialect, model, base_url, lookup, config)?, protocol))
}
