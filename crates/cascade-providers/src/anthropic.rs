//! Anthropic's messages API.

use std::borrow::Cow;

use cascade_core::{ChatRequest, ChatResponse, Error, Result};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use crate::base_url::BaseUrl;
use crate::capabilities::Dialect;
use crate::frame::Framing;
use crate::model_listing::ListedModel;
use crate::protocol::{EncodedRequest, Protocol, TRANSLATED};
use crate::wire::anthropic::{
    BETA_PARAMETER, EncodeRules, MessageAssembler, MessagesRequest, ModelList, decode_response,
    encode_request, may_think,
};
use crate::wire::{Assembler, PARALLEL_TOOL_CALLS, WireFault, encode_body};

const BETA_HEADER: HeaderName = HeaderName::from_static("anthropic-beta");

pub(crate) struct Anthropic;

impl Protocol for Anthropic {
    fn chat_path(&self, _: &str, _: bool) -> Cow<'static, str> {
        Cow::Borrowed("/messages")
    }

    fn models_url(&self, base: &BaseUrl) -> Url {
        let mut url = base.join("/models");
        url.set_query(Some("limit=1000"));
        url
    }

    fn framing(&self) -> Framing {
        Framing::Sse
    }

    fn understands(&self, parameter: &str) -> bool {
        TRANSLATED.contains(&parameter)
    }

    fn encode(
        &self,
        request: &ChatRequest,
        dialect: &Dialect,
        stream: bool,
    ) -> Result<EncodedRequest> {
        let body = encode_request(request, rules_of(dialect, &request.model), stream)?;
        with_beta(&body, request)
    }

    fn decode(&self, body: &[u8]) -> Result<ChatResponse, WireFault> {
        decode_response(body)
    }

    fn decode_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, WireFault> {
        let list: ModelList = serde_json::from_slice(body)
            .map_err(|error| WireFault::from_json("list of models", &error))?;
        Ok(list.data.into_iter().map(|model| ListedModel::new(model.id)).collect())
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(MessageAssembler::default())
    }
}

/// The body, and the header of the beta features that the extra parameters name.
pub(crate) fn with_beta(
    body: &MessagesRequest<'_>,
    request: &ChatRequest,
) -> Result<EncodedRequest> {
    let beta = request.extra.get(BETA_PARAMETER);
    let drops_thinking = request.extra.contains_key("thinking") && !may_think(&body.messages);
    // It stands in the choice of tools.
    let drops_parallel = request.extra.contains_key(PARALLEL_TOOL_CALLS);
    if beta.is_none() && !drops_thinking && !drops_parallel {
        return Ok(encode_body(body, &request.extra)?.into());
    }
    let mut headers = HeaderMap::new();
    if let Some(beta) = beta {
        headers.insert(BETA_HEADER, beta_header(beta)?);
    }
    let mut extra = (*request.extra).clone();
    extra.shift_remove(BETA_PARAMETER);
    extra.shift_remove(PARALLEL_TOOL_CALLS);
    if drops_thinking {
        extra.shift_remove("thinking");
    }
    Ok(EncodedRequest { body: encode_body(body, &extra)?.into(), headers })
}

pub(crate) fn rules_of(dialect: &Dialect, model: &str) -> EncodeRules {
    let defaults = EncodeRules::default();
    let rule = dialect.rule_of(model);
    EncodeRules {
        default_max_tokens: rule
            .and_then(|rule| rule.default_max_tokens)
            .or(dialect.default_max_tokens)
            .unwrap_or(defaults.default_max_tokens),
        sampling: !dialect.omits(model, "temperature"),
        one_sampler: rule.is_some_and(|rule| rule.one_sampler),
        max_temperature: dialect.max_temperature.unwrap_or(defaults.max_temperature),
    }
}

fn beta_header(value: &Value) -> Result<HeaderValue> {
    let text = match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            items.iter().map(Value::as_str).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        _ => None,
    };
    text.and_then(|text| HeaderValue::from_str(&text).ok()).ok_or_else(|| {
        Error::validation(
            format!("extra.{BETA_PARAMETER}"),
            "beta features are neither a text nor a list of texts",
            "give names such as `context-1m-2025-08-07`",
        )
    })
}
