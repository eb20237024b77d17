//! Ollama's native API, and the search for a local server.

use std::borrow::Cow;
use std::time::Duration;

use cascade_core::ports::Embeddings;
use cascade_core::{ChatRequest, ChatResponse, ModelConfig, Result, Usage};
use serde_json::{Map, Value};
use url::Url;

use crate::base_url::BaseUrl;

use crate::capabilities::{Dialect, dialect};
use crate::credentials::Lookup;
use crate::frame::Framing;
use crate::http_config::{HttpConfig, RetryPolicy, Timeouts};
use crate::http_provider::HttpProvider;
use crate::model_listing::ListedModel;
use crate::protocol::{EmbeddingProtocol, EncodedRequest, Protocol};
use crate::wire::ollama::{
    ModelList, OllamaAssembler, OllamaEmbedRequest, OllamaEmbedResponse, decode_response,
    encode_extra, encode_request,
};
use crate::wire::{Assembler, WireFault, encode_body};

/// How long a local server may take to say that it is there. Default of [`discover_ollama`].
pub const DISCOVERY_TIMEOUT: Duration = Duration::from_millis(300);

pub(crate) struct Ollama;

impl Protocol for Ollama {
    fn chat_path(&self, _: &str, _: bool) -> Cow<'static, str> {
        Cow::Borrowed("/api/chat")
    }

    fn models_url(&self, base: &BaseUrl) -> Url {
        base.join("/api/tags")
    }

    fn framing(&self) -> Framing {
        Framing::Ndjson
    }

    fn encode(&self, request: &ChatRequest, _: &Dialect, stream: bool) -> Result<EncodedRequest> {
        let body = encode_request(request, stream)?;
        Ok(encode_body(&body, &encode_extra(&request.extra))?.into())
    }

    fn decode(&self, body: &[u8]) -> Result<ChatResponse, WireFault> {
        decode_response(body)
    }

    fn decode_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, WireFault> {
        let list: ModelList = serde_json::from_slice(body)
            .map_err(|error| WireFault::from_json("list of models", &error))?;
        Ok(list
            .models
            .into_iter()
            .map(|model| ListedModel { id: model.name, size_bytes: model.size })
            .collect())
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(OllamaAssembler::default())
    }

    fn embedding(&self) -> Option<&dyn EmbeddingProtocol> {
        Some(self)
    }
}

impl EmbeddingProtocol for Ollama {
    fn path(&self, _: &str) -> Cow<'static, str> {
        Cow::Borrowed("/api/embed")
    }

    fn batch_size(&self, _: &str) -> usize {
        512
    }

    fn encode(&self, model: &str, texts: &[&str], extra: &Map<String, Value>) -> Result<Vec<u8>> {
        let body = OllamaEmbedRequest {
            model: Cow::Borrowed(model),
            input: texts.iter().map(|text| Cow::Borrowed(*text)).collect(),
        };
        encode_body(&body, extra)
    }

    fn decode(&self, body: &[u8]) -> Result<Embeddings, WireFault> {
        let answer: OllamaEmbedResponse =
            serde_json::from_slice(body).map_err(|error| WireFault::from_json("answer", &error))?;
        let usage = answer.prompt_eval_count.map(|count| Usage::new(count, 0));
        Ok(Embeddings { vectors: answer.embeddings, usage })
    }
}

/// Models of the Ollama server that `base_url`, the environment or the default names; `None` when
/// none answers within `timeout`.
pub async fn discover_ollama(
    base_url: Option<&str>,
    lookup: Lookup<'_>,
    timeout: Duration,
) -> Option<Vec<ListedModel>> {
    let mut model = ModelConfig::new("", "ollama");
    model.base_url = base_url.map(str::to_owned);
    let config = HttpConfig {
        timeouts: Timeouts { connect: timeout, total: timeout, ..Timeouts::default() },
        retry: RetryPolicy::never(),
        circuit: None,
        ..HttpConfig::default()
    };
    let provider = HttpProvider::new(dialect("ollama")?, &model, lookup, config).ok()?;
    provider.list_models().await.ok()
}
