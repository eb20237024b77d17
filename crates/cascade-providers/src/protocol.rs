//! What a driver knows beyond HTTP.

use std::borrow::Cow;

use bytes::Bytes;
use cascade_core::ports::Embeddings;
use cascade_core::{ChatRequest, ChatResponse, Result};
use http::HeaderMap;
use serde_json::{Map, Value};
use url::Url;

use crate::base_url::BaseUrl;
use crate::capabilities::Dialect;
use crate::frame::Framing;
use crate::model_listing::ListedModel;
use crate::wire::anthropic::BETA_PARAMETER;
use crate::wire::{Assembler, PARALLEL_TOOL_CALLS, WireFault};

/// Extra parameters of one provider that a conversation may carry to another, as when a gateway
/// reads a client's request: formats that have no words for them never see them. Every other extra
/// parameter is passed on untouched.
pub(crate) const TRANSLATED: [&str; 2] = [BETA_PARAMETER, PARALLEL_TOOL_CALLS];

/// A request ready to be sent.
#[derive(Debug)]
pub(crate) struct EncodedRequest {
    pub(crate) body: Bytes,
    /// Headers that this request alone needs.
    pub(crate) headers: HeaderMap,
}

impl From<Vec<u8>> for EncodedRequest {
    fn from(body: Vec<u8>) -> Self {
        Self { body: body.into(), headers: HeaderMap::new() }
    }
}

/// One wire format: how requests are written and answers read.
pub(crate) trait Protocol: Send + Sync {
    /// The format of `model`, where one API speaks several; `None` where this one is for all.
    fn of_model(&self, _model: &str) -> Option<&dyn Protocol> {
        None
    }

    /// Path of chat requests to `model` below the base URL; a query may follow.
    fn chat_path(&self, model: &str, stream: bool) -> Cow<'static, str>;

    /// Where the list of models is.
    fn models_url(&self, base: &BaseUrl) -> Url;

    /// How streamed answers are framed.
    fn framing(&self) -> Framing;

    /// Whether the format has words for one of the [`TRANSLATED`] parameters.
    fn understands(&self, _parameter: &str) -> bool {
        false
    }

    /// Writes a request.
    fn encode(
        &self,
        request: &ChatRequest,
        dialect: &Dialect,
        stream: bool,
    ) -> Result<EncodedRequest>;

    /// Reads a plain answer.
    fn decode(&self, body: &[u8]) -> Result<ChatResponse, WireFault>;

    /// Reads a list of models.
    fn decode_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, WireFault>;

    /// Begins a streamed answer.
    fn assembler(&self) -> Box<dyn Assembler>;

    /// How texts become vectors; `None` where the format has no words for it.
    fn embedding(&self) -> Option<&dyn EmbeddingProtocol> {
        None
    }
}

/// How a wire format asks for vectors.
pub(crate) trait EmbeddingProtocol: Send + Sync {
    /// Path of requests to `model` below the base URL.
    fn path(&self, model: &str) -> Cow<'static, str>;

    /// Most texts that one request to `model` holds.
    fn batch_size(&self, model: &str) -> usize;

    /// Writes a request.
    fn encode(&self, model: &str, texts: &[&str], extra: &Map<String, Value>) -> Result<Vec<u8>>;

    /// Reads an answer.
    fn decode(&self, body: &[u8]) -> Result<Embeddings, WireFault>;
}
