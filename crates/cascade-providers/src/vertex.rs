//! Vertex AI: Gemini, and Anthropic's models.

use std::borrow::Cow;

use cascade_core::ports::Embeddings;
use cascade_core::{ChatRequest, ChatResponse, Error, ModelConfig, Result, Usage};
use serde_json::{Map, Value};
use url::Url;

use crate::anthropic::{rules_of, with_beta};
use crate::base_url::BaseUrl;
use crate::capabilities::{Dialect, dialect};
use crate::credentials::Lookup;
use crate::endpoint::PROJECT_SLOT;
use crate::frame::Framing;
use crate::gemini::{decode_gemini_models, encode_gemini, method};
use crate::model_listing::ListedModel;
use crate::protocol::{EmbeddingProtocol, EncodedRequest, Protocol, TRANSLATED};
use crate::wire::vertex::{
    EmbedInstance, GenerateContentAssembler, PredictRequest, PredictResponse, decode_response,
};
use crate::wire::{Assembler, WireFault, anthropic, encode_body};

/// Version of Anthropic's format that Vertex AI speaks; it stands in the body.
const ANTHROPIC_VERSION: &str = "vertex-2023-10-16";
/// Location when none is configured: served from wherever there is room.
const DEFAULT_LOCATION: &str = "global";

/// Where a model runs.
#[derive(Debug, Clone)]
struct Place {
    /// `None` takes the project of the credentials.
    project: Option<String>,
    location: String,
}

impl Place {
    fn path(&self, publisher: &str, model: &str, method: &str) -> Cow<'static, str> {
        let project = self.project.as_deref().unwrap_or(PROJECT_SLOT);
        let location = &self.location;
        format!(
            "/projects/{project}/locations/{location}/publishers/{publisher}/models/{model}:{method}"
        )
        .into()
    }
}

/// The protocol of the models, each by its maker, and the base URL when none is configured.
///
/// # Errors
/// A config error about a setting that cannot stand in an address.
pub(crate) fn vertex(
    table: &Dialect,
    model: &ModelConfig,
    lookup: Lookup<'_>,
) -> Result<(Box<dyn Protocol>, String)> {
    let project = table.setting("vertex_project", model, lookup);
    let location = table
        .setting("vertex_location", model, lookup)
        .unwrap_or_else(|| DEFAULT_LOCATION.to_owned());
    for (name, value) in
        [("vertex_project", project.as_deref()), ("vertex_location", Some(&*location))]
    {
        let is_plain = |text: &str| {
            text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':' | b'.'))
        };
        if value.is_some_and(|value| !is_plain(value)) {
            return Err(Error::config(
                format!("extra.{name}"),
                format!("setting cannot stand in an address: `{}`", value.unwrap_or_default()),
                "give an id of letters, digits and dashes",
            ));
        }
    }
    let base_url = match location.as_str() {
        "global" => table.base_url.to_owned(),
        location => format!("https://{location}-aiplatform.googleapis.com/v1"),
    };
    let place = Place { project, location };
    let protocol = Vertex {
        configured_is_claude: is_claude(&model.name),
        gemini: VertexGemini { place: place.clone() },
        anthropic: VertexAnthropic { place },
    };
    Ok((Box::new(protocol), base_url))
}

fn models_url(base: &BaseUrl, publisher: &str) -> Url {
    // The list is there in this version alone.
    let mut url = base.with_version("v1beta1").join(&format!("/publishers/{publisher}/models"));
    url.set_query(Some("pageSize=300"));
    url
}

fn is_claude(model: &str) -> bool {
    model.starts_with("claude")
}

/// Both formats: a request is spoken in that of its model, whatever the provider was made for.
struct Vertex {
    configured_is_claude: bool,
    gemini: VertexGemini,
    anthropic: VertexAnthropic,
}

impl Vertex {
    fn configured(&self) -> &dyn Protocol {
        if self.configured_is_claude { &self.anthropic } else { &self.gemini }
    }
}

impl Protocol for Vertex {
    fn of_model(&self, model: &str) -> Option<&dyn Protocol> {
        Some(if is_claude(model) { &self.anthropic } else { &self.gemini })
    }

    fn chat_path(&self, model: &str, stream: bool) -> Cow<'static, str> {
        self.configured().chat_path(model, stream)
    }

    fn models_url(&self, base: &BaseUrl) -> Url {
        self.configured().models_url(base)
    }

    fn framing(&self) -> Framing {
        self.configured().framing()
    }

    fn encode(&self, request: &ChatRequest, own: &Dialect, stream: bool) -> Result<EncodedRequest> {
        self.configured().encode(request, own, stream)
    }

    fn decode(&self, body: &[u8]) -> Result<ChatResponse, WireFault> {
        self.configured().decode(body)
    }

    fn decode_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, WireFault> {
        self.configured().decode_models(body)
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        self.configured().assembler()
    }

    fn embedding(&self) -> Option<&dyn EmbeddingProtocol> {
        self.configured().embedding()
    }
}

struct VertexGemini {
    place: Place,
}

impl Protocol for VertexGemini {
    fn chat_path(&self, model: &str, stream: bool) -> Cow<'static, str> {
        self.place.path("google", model, method(stream))
    }

    fn models_url(&self, base: &BaseUrl) -> Url {
        models_url(base, "google")
    }

    fn framing(&self) -> Framing {
        Framing::Sse
    }

    fn encode(&self, request: &ChatRequest, dialect: &Dialect, _: bool) -> Result<EncodedRequest> {
        encode_gemini(request, dialect, false)
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

impl EmbeddingProtocol for VertexGemini {
    fn path(&self, model: &str) -> Cow<'static, str> {
        self.place.path("google", model, "predict")
    }

    fn batch_size(&self, model: &str) -> usize {
        if model.starts_with("gemini-") { 1 } else { 100 }
    }

    /// The extra parameters, such as `outputDimensionality`, go into `parameters`.
    fn encode(&self, _: &str, texts: &[&str], extra: &Map<String, Value>) -> Result<Vec<u8>> {
        let instances =
            texts.iter().map(|text| EmbedInstance { content: Cow::Borrowed(*text) }).collect();
        let mut top = Map::new();
        if !extra.is_empty() {
            top.insert("parameters".into(), Value::Object(extra.clone()));
        }
        encode_body(&PredictRequest { instances }, &top)
    }

    fn decode(&self, body: &[u8]) -> Result<Embeddings, WireFault> {
        let answer: PredictResponse =
            serde_json::from_slice(body).map_err(|error| WireFault::from_json("answer", &error))?;
        let counts: Option<Vec<f64>> = answer
            .predictions
            .iter()
            .map(|entry| entry.embeddings.statistics.map(|statistics| statistics.token_count))
            .collect();
        let usage =
            counts.map(|counts| Usage::new(crate::wire::cohere::whole(counts.iter().sum()), 0));
        Ok(Embeddings {
            vectors: answer.predictions.into_iter().map(|entry| entry.embeddings.values).collect(),
            usage,
        })
    }
}

struct VertexAnthropic {
    place: Place,
}

impl Protocol for VertexAnthropic {
    fn chat_path(&self, model: &str, stream: bool) -> Cow<'static, str> {
        let method = if stream { "streamRawPredict" } else { "rawPredict" };
        self.place.path("anthropic", model, method)
    }

    fn models_url(&self, base: &BaseUrl) -> Url {
        models_url(base, "anthropic")
    }

    fn framing(&self) -> Framing {
        Framing::Sse
    }

    fn understands(&self, parameter: &str) -> bool {
        TRANSLATED.contains(&parameter)
    }

    fn encode(&self, request: &ChatRequest, own: &Dialect, stream: bool) -> Result<EncodedRequest> {
        let rules = rules_of(dialect("anthropic").unwrap_or(own), &request.model);
        let mut body = anthropic::encode_request(request, rules, stream)?;
        // The path names the model.
        body.model = Cow::Borrowed("");
        body.extra.insert("anthropic_version".into(), Value::from(ANTHROPIC_VERSION));
        with_beta(&body, request)
    }

    fn decode(&self, body: &[u8]) -> Result<ChatResponse, WireFault> {
        anthropic::decode_response(body)
    }

    fn decode_models(&self, body: &[u8]) -> Result<Vec<ListedModel>, WireFault> {
        decode_gemini_models(body)
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(anthropic::MessageAssembler::default())
    }
}
