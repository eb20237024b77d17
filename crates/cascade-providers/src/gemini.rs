//! Gemini on Google's API for developers.

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
use crate::wire::vertex::{
    BatchEmbedRequest, BatchEmbedResponse, EmbedContent, EncodeRules, GeminiContent, GeminiPart,
    GenerateContentAssembler, ModelList, decode_response, encode_extra, encode_request,
};
use crate::wire::{Assembler, WireFault, encode_body};

pub(crate) struct Gemini;

impl Protocol for Gemini {
    fn chat_path(&self, model: &str, stream: bool) -> Cow<'static, str> {
        format!("/models/{}:{}", model_id(model), method(stream)).into()
    }

    fn models_url(&self, base: &BaseUrl) -> Url {
        let mut url = base.join("/models");
        url.set_query(Some("pageSize=1000"));
        url
    }

    fn framing(&self) -> Framing {
        Framing::Sse
    }

    fn encode(&self, request: &ChatRequest, dialect: &Dialect, _: bool) -> Result<EncodedRequest> {
        encode_gemini(request, dialect, true)
    }

    fn decode(&self, body: &[u8]) -> Result<ChatResponse, WireFault> {
        decode_response(body)
    }

    fn decode_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, WireFault> {
        decode_gemini_models(body)
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(GenerateContentAssembler::default())
    }

    fn embedding(&self) -> Option<&dyn EmbeddingProtocol> {
        Some(self)
    }
}

impl EmbeddingProtocol for Gemini {
    fn path(&self, model: &str) -> Cow<'static, str> {
        format!("/models/{}:batchEmbedContents", model_id(model)).into()
    }

    fn batch_size(&self, _: &str) -> usize {
        100
    }

    /// The extra parameters, such as `taskType`, belong to each text.
    fn encode(&self, model: &str, texts: &[&str], extra: &Map<String, Value>) -> Result<Vec<u8>> {
        let mut requests = Vec::with_capacity(texts.len());
        for text in texts {
            let part = GeminiPart { text: Some((*text).to_owned()), ..GeminiPart::default() };
            let request = EmbedContent {
                model: format!("models/{}", model_id(model)).into(),
                content: GeminiContent { role: None, parts: vec![part] },
                extra: extra.clone(),
            };
            requests.push(request);
        }
        encode_body(&BatchEmbedRequest { requests }, &Map::new())
    }

    fn decode(&self, body: &[u8]) -> Result<Embeddings, WireFault> {
        let answer: BatchEmbedResponse =
            serde_json::from_slice(body).map_err(|error| WireFault::from_json("answer", &error))?;
        let tokens = answer.usage_metadata.and_then(|usage| usage.prompt_token_count);
        Ok(Embeddings {
            vectors: answer.embeddings.into_iter().map(|entry| entry.values).collect(),
            usage: tokens.map(|tokens| Usage::new(tokens, 0)),
        })
    }
}

pub(crate) fn encode_gemini(
    request: &ChatRequest,
    dialect: &Dialect,
    call_ids: bool,
) -> Result<EncodedRequest> {
    let rule = dialect.rule_of(&request.model);
    let rules = EncodeRules {
        call_ids,
        placeholder_signature: rule.and_then(|rule| rule.placeholder_signature),
        logprobs: dialect.gives_logprobs(&request.model),
    };
    let body = encode_request(request, rules)?;
    Ok(encode_body(&body, &encode_extra(&request.extra))?.into())
}

pub(crate) fn decode_gemini_models(body: &[u8]) -> Result<Vec<ListedModel>, WireFault> {
    let list: ModelList = serde_json::from_slice(body)
        .map_err(|error| WireFault::from_json("list of models", &error))?;
    Ok(list.into_ids().into_iter().map(ListedModel::new).collect())
}

pub(crate) const fn method(stream: bool) -> &'static str {
    if stream { "streamGenerateContent?alt=sse" } else { "generateContent" }
}

/// The id without the resource name that some write in front.
fn model_id(model: &str) -> &str {
    model.strip_prefix("models/").unwrap_or(model)
}
