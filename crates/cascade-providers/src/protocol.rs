//! What a driver knows beyond HTTP.

use bytes::Bytes;
use cascade_core::{ChatRequest, ChatResponse, Result};
use http::HeaderMap;

use crate::capabilities::Dialect;
use crate::frame::Framing;
use crate::model_listing::ListedModel;
use crate::wire::{Assembler, WireFault};

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
    /// Path of chat requests below the base URL.
    fn chat_path(&self) -> &'static str;

    /// Path of the list of models below the base URL.
    fn models_path(&self) -> &'static str;

    /// How streamed answers are framed.
    fn framing(&self) -> Framing;

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
}
