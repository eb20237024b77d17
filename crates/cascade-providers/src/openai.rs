//! OpenAI, and everything that speaks its chat-completions format.

use std::borrow::Cow;

use cascade_core::ports::Embeddings;
use cascade_core::{ChatRequest, ChatResponse, Result};
use serde_json::{Map, Value};
use url::Url;

use crate::base_url::BaseUrl;
use crate::capabilities::Dialect;
use crate::frame::Framing;
use crate::model_listing::ListedModel;
use crate::protocol::{EmbeddingProtocol, EncodedRequest, Protocol};
use crate::wire::openai::LogprobsStyle;
use crate::wire::openai::{
    ChatCompletionAssembler, EmbeddingsRequest, EncodeRules, ModelList, decode_embeddings,
    decode_response, encode_request,
};
use crate::wire::{Assembler, PARALLEL_TOOL_CALLS, WireFault, encode_body};

pub(crate) struct OpenAi;

impl Protocol for OpenAi {
    fn chat_path(&self, _: &str, _: bool) -> Cow<'static, str> {
        Cow::Borrowed("/chat/completions")
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
        let rules = rules_of(dialect, &request.model);
        let body = encode_request(request, rules, stream)?;
        Ok(encode_body(&body, &request.extra)?.into())
    }

    fn decode(&self, body: &[u8]) -> Result<ChatResponse, WireFault> {
        decode_response(body)
    }

    fn decode_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, WireFault> {
        decode_models(body)
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(ChatCompletionAssembler::default())
    }

    fn embedding(&self) -> Option<&dyn EmbeddingProtocol> {
        Some(self)
    }
}

impl EmbeddingProtocol for OpenAi {
    fn path(&self, _: &str) -> Cow<'static, str> {
        Cow::Borrowed("/embeddings")
    }

    fn batch_size(&self, _: &str) -> usize {
        // Smaller limits stand in the dialect table.
        2048
    }

    fn encode(&self, model: &str, texts: &[&str], extra: &Map<String, Value>) -> Result<Vec<u8>> {
        let body = EmbeddingsRequest {
            model: Cow::Borrowed(model),
            input: texts.iter().map(|text| Cow::Borrowed(*text)).collect(),
        };
        encode_body(&body, extra)
    }

    fn decode(&self, body: &[u8]) -> Result<Embeddings, WireFault> {
        decode_embeddings(body)
    }
}

pub(crate) fn decode_models(body: &[u8]) -> Result<Vec<ListedModel>, WireFault> {
    let list: ModelList = serde_json::from_slice(body)
        .map_err(|error| WireFault::from_json("list of models", &error))?;
    Ok(list.into_ids().into_iter().map(ListedModel::new).collect())
}

fn rules_of(dialect: &Dialect, model: &str) -> EncodeRules {
    let rule = dialect.rule_of(model);
    let field = rule.and_then(|rule| rule.max_tokens_field).unwrap_or(dialect.max_tokens_field);
    EncodeRules {
        max_completion_tokens: field == "max_completion_tokens",
        sampling: !dialect.omits(model, "temperature"),
        logprobs: if dialect.gives_logprobs(model) {
            dialect.logprobs
        } else {
            LogprobsStyle::None
        },
        seed: dialect.seed,
        structured_output: dialect.structured_output,
        stream_usage: dialect.stream_usage,
        cache_control: dialect.cache_control,
        reasoning_back: dialect.reasoning_back,
    }
}
