//! OpenAI's responses API, the second surface of the OpenAI driver.

use std::borrow::Cow;

use cascade_core::{ChatRequest, ChatResponse, Result};
use url::Url;

use crate::base_url::BaseUrl;
use crate::capabilities::Dialect;
use crate::frame::Framing;
use crate::model_listing::ListedModel;
use crate::openai::decode_models;
use crate::protocol::{EncodedRequest, Protocol};
use crate::wire::responses::{
    EncodeRules, ResponsesAssembler, decode_response, encode_extra, encode_request,
};
use crate::wire::{Assembler, PARALLEL_TOOL_CALLS, WireFault, encode_body};

pub(crate) struct Responses;

impl Protocol for Responses {
    fn chat_path(&self, _: &str, _: bool) -> Cow<'static, str> {
        Cow::Borrowed("/responses")
    }

    fn models_url(&self, base: &BaseUrl) -> Url {
        base.join("/models")
    }

    fn framing(&self) -> Framing {
        Framing::Sse
    }

    fn understands(&self, parameter: &str) -> bool {
        parameter == PARALLEL_TOOL_CALLS
    }

    fn encode(
        &self,
        request: &ChatRequest,
        dialect: &Dialect,
        stream: bool,
    ) -> Result<EncodedRequest> {
        let rules = EncodeRules {
            sampling: !dialect.omits(&request.model, "temperature"),
            logprobs: dialect.gives_logprobs(&request.model),
        };
        let body = encode_request(request, rules, stream)?;
        Ok(encode_body(&body, &encode_extra(&request.extra))?.into())
    }

    fn decode(&self, body: &[u8]) -> Result<ChatResponse, WireFault> {
        decode_response(body)
    }

    fn decode_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, WireFault> {
        decode_models(body)
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(ResponsesAssembler::default())
    }
}
