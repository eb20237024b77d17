//! The driver of every provider: a dialect spoken over HTTP.

use std::borrow::Cow;
use std::sync::Arc;

use cascade_core::ports::{BoxFuture, Provider, ResponseStream};
use cascade_core::{ChatRequest, ChatResponse, Error, ErrorKind, ModelConfig, Result};
use http::{HeaderMap, Method};
use tokio::time::Instant;

use crate::capabilities::{Dialect, WireFormat};
use crate::circuit_breaker::CircuitBreaker;
use crate::credentials::Lookup;
use crate::deadline::{Deadline, Phase};
use crate::endpoint::{Endpoint, not_an_answer};
use crate::error_mapping::{ErrorContext, request_id, speaks_of_signature};
use crate::frame::Framing;
use crate::http_config::HttpConfig;
use crate::live_stream::{LiveStream, StreamLimits};
use crate::media_kind::MediaKind;
use crate::model_listing::ListedModel;
use crate::protocol::{EncodedRequest, Protocol, TRANSLATED};
use crate::responses::Responses;
use crate::retry::Failure;
use crate::surface::{Surface, resolve};
use crate::wire::without_thinking;

/// Setting that names who serves a model behind a router.
const SERVED_BY: &str = "inference_provider";

/// A provider reached over HTTP.
///
/// Making one opens nothing; connections are shared by all providers of the process. Dropping a
/// call or a stream closes its connection, or resets its HTTP/2 stream.
///
/// A conversation whose signed reasoning the provider refuses, as when another model wrote it or a
/// part of it is lost, is sent once more without it.
pub struct HttpProvider {
    endpoint: Endpoint,
    protocol: Box<dyn Protocol>,
    surface: Surface,
    /// Who serves models whose names do not say it, where a router can be told.
    served_by: Option<String>,
}

impl HttpProvider {
    /// The provider `dialect` for `model`, with what the model configures and `lookup` finds.
    ///
    /// # Errors
    /// An auth error when a required key is missing, a config error when the base URL, a setting
    /// of the driver or a field of `http` is malformed.
    pub fn new(
        dialect: &'static Dialect,
        model: &ModelConfig,
        lookup: Lookup<'_>,
        config: HttpConfig,
    ) -> Result<Self> {
        let (endpoint, protocol) = resolve(dialect, model, lookup, config)?;
        let surface = Surface::of(dialect, model, lookup)?;
        let served_by = dialect.setting(SERVED_BY, model, lookup);
        Ok(Self { endpoint, protocol, surface, served_by })
    }

    /// What the provider accepts.
    pub fn dialect(&self) -> &'static Dialect {
        self.endpoint.dialect
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The circuit breaker that watches calls of `model` with this provider's key; `None` when
    /// breakers are turned off.
    pub fn circuit_breaker(&self, model: &str) -> Option<Arc<CircuitBreaker>> {
        self.endpoint.target_of(model).breaker()
    }

    /// The models that the provider says it serves.
    ///
    /// # Errors
    /// As any call: auth, connection, timeout, protocol and so on.
    pub async fn list_models(&self) -> Result<Vec<ListedModel>> {
        let endpoint = &self.endpoint;
        let context = &endpoint.context;
        let deadline = Deadline::start(endpoint.config.timeouts.total, None)
            .map_err(|error| context.label(error))?;
        let target = endpoint.target_of(&context.model);
        endpoint
            .call(deadline, &target, context, || async {
                let url = self.protocol.models_url(&endpoint.base_url);
                let (headers, body) =
                    endpoint.exchange(Method::GET, url, None, deadline, context).await?;
                let models = self.protocol.decode_models(&body);
                Ok(models.map_err(|fault| context.fault_error(fault, &headers))?)
            })
            .await
    }

    /// Errors name the model of the request, which may differ from the one configured.
    fn context_of(&self, request: &ChatRequest) -> ErrorContext {
        ErrorContext { model: Arc::clone(&request.model), ..self.endpoint.context.clone() }
    }

    fn deadline(&self, request: &ChatRequest, context: &ErrorContext) -> Result<Deadline> {
        Deadline::start(self.endpoint.config.timeouts.total, request.time_left)
            .map_err(|error| context.label(error))
    }

    /// How `request` is spoken.
    fn protocol_of(&self, request: &ChatRequest) -> &dyn Protocol {
        let is_openai = self.dialect().protocol == WireFormat::OpenAi;
        match self.surface.for_request(self.dialect(), request) {
            Surface::Responses if is_openai => &Responses,
            _ => self.protocol.of_model(&request.model).unwrap_or(&*self.protocol),
        }
    }

    /// Writes a request, refused where the dialect has no words for it.
    fn encode(
        &self,
        request: &ChatRequest,
        stream: bool,
        context: &ErrorContext,
    ) -> Result<EncodedRequest> {
        let dialect = self.dialect();
        if !dialect.tools && !request.tools.is_empty() {
            let message = format!("provider takes no tools: `{}`", dialect.name);
            let hint = "take another provider, or leave the tools out";
            return Err(context.label(Error::validation("tools", message, hint)));
        }
        let protocol = self.protocol_of(request);
        let mut sent = without_foreign(dialect, protocol, request);
        if let Some(served_by) = self.served_by.as_deref().filter(|_| !request.model.contains(':'))
        {
            sent.to_mut().model = format!("{}:{served_by}", request.model).into();
        }
        protocol.encode(&sent, dialect, stream).map_err(|error| context.label(error))
    }

    async fn complete_by(&self, request: &ChatRequest, deadline: Deadline) -> Result<ChatResponse> {
        let context = &self.context_of(request);
        let encoded = &self.encode(request, false, context)?;
        let protocol = self.protocol_of(request);
        let target = self.endpoint.target_of(&request.model);
        self.endpoint
            .call(deadline, &target, context, || async move {
                let url = self.endpoint.url(&protocol.chat_path(&request.model, false));
                let (headers, body) = self
                    .endpoint
                    .exchange(Method::POST, url, Some(encoded), deadline, context)
                    .await?;
                Ok(decode(protocol, &body, &headers, context)?)
            })
            .await
    }

    async fn stream_by(&self, request: &ChatRequest, deadline: Deadline) -> Result<LiveStream> {
        let context = &self.context_of(request);
        let encoded = &self.encode(request, true, context)?;
        let target = &self.endpoint.target_of(&request.model);
        let attempt = || async move {
            let stream = self.stream_once(request, encoded, deadline, context).await?;
            Ok::<_, Failure>(stream.watched_by(target.clone()))
        };
        self.endpoint.call(deadline, target, context, attempt).await
    }

    async fn stream_once(
        &self,
        request: &ChatRequest,
        encoded: &EncodedRequest,
        deadline: Deadline,
        context: &ErrorContext,
    ) -> Result<LiveStream, Failure> {
        let endpoint = &self.endpoint;
        let protocol = self.protocol_of(request);
        let limit = endpoint.config.timeouts.first_token;
        let first_token = Phase::FirstToken(Instant::now() + limit, limit);
        let url = endpoint.url(&protocol.chat_path(&request.model, true));
        let response = deadline
            .limit(first_token, endpoint.send(Method::POST, url, Some(encoded), context))
            .await
            .map_err(|error| context.label(error))??;
        let kind = MediaKind::of(response.headers());
        // Some servers answer in one piece whatever they are asked.
        if kind == MediaKind::Json && protocol.framing() == Framing::Sse {
            let (headers, body) = endpoint.read_answer(response, deadline, context).await?;
            return Ok(LiveStream::whole(decode(protocol, &body, &headers, context)?));
        }
        if kind == MediaKind::Page {
            return Err(not_an_answer(&response, context).into());
        }
        let limits = StreamLimits {
            deadline,
            between_chunks: endpoint.config.timeouts.between_chunks,
            sizes: endpoint.config.limits,
        };
        let mut stream = LiveStream::new(
            response,
            protocol.framing(),
            protocol.assembler(),
            limits,
            endpoint.base_url.origin(),
            context.clone(),
        );
        deadline
            .limit(first_token, stream.begin())
            .await
            .map_err(|error| context.label(error))??;
        Ok(stream)
    }
}

impl Provider for HttpProvider {
    fn name(&self) -> &str {
        self.dialect().name
    }

    fn supports_logprobs(&self) -> bool {
        self.dialect().gives_logprobs(&self.endpoint.context.model)
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        Box::pin(async move {
            let deadline = self.deadline(request, &self.context_of(request))?;
            let error = match self.complete_by(request, deadline).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            match stripped(request, &error) {
                Some(stripped) => self.complete_by(&stripped, deadline).await,
                None => Err(error),
            }
        })
    }

    fn stream<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ResponseStream>> {
        Box::pin(async move {
            if !self.dialect().streaming {
                return Ok(LiveStream::whole(self.complete(request).await?).into_stream());
            }
            let deadline = self.deadline(request, &self.context_of(request))?;
            let error = match self.stream_by(request, deadline).await {
                Ok(stream) => return Ok(stream.into_stream()),
                Err(error) => error,
            };
            match stripped(request, &error) {
                Some(stripped) => Ok(self.stream_by(&stripped, deadline).await?.into_stream()),
                None => Err(error),
            }
        })
    }
}

/// The request without the parameters that are the driver's own, or of other formats.
fn without_foreign<'a>(
    dialect: &Dialect,
    protocol: &dyn Protocol,
    request: &'a ChatRequest,
) -> Cow<'a, ChatRequest> {
    let is_foreign = |name: &str| {
        dialect.settings.iter().any(|setting| setting.name == name)
            || (TRANSLATED.contains(&name) && !protocol.understands(name))
    };
    if !request.extra.keys().any(|name| is_foreign(name)) {
        return Cow::Borrowed(request);
    }
    let mut sent = request.clone();
    Arc::make_mut(&mut sent.extra).retain(|name, _| !is_foreign(name));
    Cow::Owned(sent)
}

/// The request without reasoning, where `error` says that the provider refuses what it was shown;
/// `None` where that is not what is wrong.
fn stripped(request: &ChatRequest, error: &Error) -> Option<ChatRequest> {
    if error.kind() != ErrorKind::InvalidRequest || !speaks_of_signature(error.message()) {
        return None;
    }
    let messages = without_thinking(&request.messages);
    if Arc::ptr_eq(&messages, &request.messages) {
        return None;
    }
    tracing::debug!(model = &*request.model, "reasoning is refused: sending without it");
    Some(ChatRequest { messages, ..request.clone() })
}

fn decode(
    protocol: &dyn Protocol,
    body: &[u8],
    headers: &HeaderMap,
    context: &ErrorContext,
) -> Result<ChatResponse> {
    let mut response =
        protocol.decode(body).map_err(|fault| context.fault_error(fault, headers))?;
    if let Some(id) = request_id(headers) {
        response.request_id = Some(id);
    }
    Ok(response)
}
