//! Cohere's API, version 2.

use std::borrow::Cow;

use cascade_core::ports::Embeddings;
use cascade_core::{ChatRequest, ChatResponse, Result, Usage};
use serde_json::{Map, Value};
use url::Url;

use crate::base_url::BaseUrl;
use crate::capabilities::Dialect;
use crate::frame::Framing;
use crate::model_listing::ListedModel;
use crate::protocol::{EmbeddingProtocol, EncodedRequest, Protocol};
use crate::wire::cohere::{
    CohereAssembler, CohereEmbedRequest, CohereEmbedResponse, ModelList, decode_response,
    encode_request, whole,
};
use crate::wire::{Assembler, WireFault, encode_body};

pub(crate) struct Cohere;

impl Protocol for Cohere {
    fn chat_path(&self, _: &str, _: bool) -> Cow<'static, str> {
        Cow::Borrowed("/chat")
    }

    fn models_url(&self, base: &BaseUrl) -> Url {
        // The list has stayed in the version before.
        let mut url = base.with_version("v1").join("/models");
        url.set_query(Some("page_size=1000"));
        url
    }

    fn framing(&self) -> Framing {
        Framing::Sse
    }

    fn encode(&self, request: &ChatRequest, _: &Dialect, stream: bool) -> Result<EncodedRequest> {
        let body = encode_request(request, stream)?;
        Ok(encode_body(&body, &request.extra)?.into())
    }

    fn decode(&self, body: &[u8]) -> Result<ChatResponse, WireFault> {
        decode_response(body)
    }

    fn decode_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, WireFault> {
        let list: ModelList = serde_json::from_slice(body)
            .map_err(|error| WireFault::from_json("list of models", &error))?;
        Ok(list.models.into_iter().map(|model| ListedModel::new(model.name)).collect())
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(CohereAssembler::default())
    }

    fn embedding(&self) -> Option<&dyn EmbeddingProtocol> {
        Some(self)
    }
}

impl EmbeddingProtocol for Cohere {
    fn path(&self, _: &str) -> Cow<'static, str> {
        Cow::Borrowed("/embed")
    }

    fn batch_size(&self, _: &str) -> usize {
        96
    }

    fn encode(&self, model: &str, texts: &[&str], extra: &Map<String, Value>) -> Result<Vec<u8>> {
        let body = CohereEmbedRequest {
            model: Cow::Borrowed(model),
            texts: texts.iter().map(|text| Cow::Borrowed(*text)).collect(),
            input_type: Cow::Borrowed("search_document"),
            embedding_types: vec![Cow::Borrowed("float")],
        };
        encode_body(&body, extra)
    }

    fn decode(&self, body: &[u8]) -> Result<Embeddings, WireFault> {
        let answer: CohereEmbedResponse =
            serde_json::from_slice(body).map_err(|error| WireFault::from_json("answer", &error))?;
        let Some(vectors) = answer.embeddings.float else {
            return Err(WireFault::Malformed("answer has no vectors of numbers".into()));
        };
        let billed = answer.meta.and_then(|meta| meta.billed_units);
        let usage = billed.and_then(|units| Some(Usage::new(whole(units.input_tokens?), 0)));
        Ok(Embeddings { vectors, usage })
    }
}
