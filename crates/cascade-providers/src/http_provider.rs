//! The driver of every provider: a dialect spoken over HTTP.

use std::sync::Arc;

use cascade_core::ports::{BoxFuture, Provider, ResponseStream};
use cascade_core::{ChatRequest, ChatResponse, Error, ErrorKind, ModelConfig, Result};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use tokio::time::Instant;

use crate::anthropic::Anthropic;
use crate::base_url::BaseUrl;
use crate::capabilities::{Dialect, WireFormat};
use crate::credentials::{Lookup, request_headers, resolve_base_url, resolve_key};
use crate::deadline::{Deadline, Phase};
use crate::error_mapping::{ErrorContext, request_id};
use crate::frame::Framing;
use crate::http_config::HttpConfig;
use crate::live_stream::LiveStream;
use crate::model_listing::ListedModel;
use crate::ollama::Ollama;
use crate::openai::OpenAi;
use crate::protocol::{EncodedRequest, Protocol};
use crate::retry::{Failure, retry};
use crate::transport::{self, ClientOptions};

/// Bytes of an error report that are read.
const MAX_REPORT: usize = 64 << 10;

/// A provider reached over HTTP.
///
/// Making one opens nothing; connections are shared by all providers of the process. Dropping a
/// call or a stream closes its connection, or resets its HTTP/2 stream.
pub struct HttpProvider {
    dialect: &'static Dialect,
    protocol: &'static dyn Protocol,
    base_url: BaseUrl,
    headers: HeaderMap,
    context: ErrorContext,
    config: HttpConfig,
}

impl HttpProvider {
    /// The provider `dialect` for `model`, with what the model configures and `lookup` finds.
    ///
    /// # Errors
    /// An auth error when a required key is missing, a config error when the base URL is malformed.
    pub fn new(
        dialect: &'static Dialect,
        model: &ModelConfig,
        lookup: Lookup<'_>,
        mut config: HttpConfig,
    ) -> Result<Self> {
        if let Some(retries) = model.max_retries {
            config.retry.max_attempts = retries.saturating_add(1);
        }
        let key = resolve_key(model, dialect, lookup)?;
        let base_url = resolve_base_url(model, dialect, lookup)?;
        let mut headers = request_headers(dialect, key.as_ref())
            .map_err(|error| error.with_model(&*model.name))?;
        headers.extend(config.headers.clone());
        let protocol: &'static dyn Protocol = match dialect.protocol {
            WireFormat::OpenAi => &OpenAi,
            WireFormat::Anthropic => &Anthropic,
            WireFormat::Ollama => &Ollama,
        };
        let context = ErrorContext { dialect, model: Arc::from(&*model.name), key };
        Ok(Self { dialect, protocol, base_url, headers, context, config })
    }

    /// What the provider accepts.
    pub fn dialect(&self) -> &'static Dialect {
        self.dialect
    }

    /// The models that the provider says it serves.
    ///
    /// # Errors
    /// As any call: auth, connection, timeout, protocol and so on.
    pub async fn list_models(&self) -> Result<Vec<ListedModel>> {
        let deadline = Deadline::start(self.config.timeouts.total, None)
            .map_err(|error| self.context.label(error))?;
        retry(self.config.retry, deadline, || async move {
            let path = self.protocol.models_path();
            let response = deadline
                .limit(Phase::Answer, self.send(Method::GET, path, None, &self.context))
                .await
                .map_err(|error| self.context.label(error))??;
            let (headers, body) = self.read_answer(response, deadline, &self.context).await?;
            let models = self.protocol.decode_models(&body);
            Ok(models.map_err(|fault| self.context.fault_error(fault, &headers))?)
        })
        .await
    }

    /// Errors name the model of the request, which may differ from the one configured.
    fn context_of(&self, request: &ChatRequest) -> ErrorContext {
        ErrorContext { model: Arc::clone(&request.model), ..self.context.clone() }
    }

    /// Writes a request, refused where the dialect has no words for it.
    fn encode(
        &self,
        request: &ChatRequest,
        stream: bool,
        context: &ErrorContext,
    ) -> Result<EncodedRequest> {
        if !self.dialect.tools && !request.tools.is_empty() {
            let message = format!("provider takes no tools: `{}`", self.dialect.name);
            let hint = "take another provider, or leave the tools out";
            return Err(context.label(Error::validation("tools", message, hint)));
        }
        self.protocol.encode(request, self.dialect, stream).map_err(|error| context.label(error))
    }

    async fn complete_once(
        &self,
        encoded: &EncodedRequest,
        deadline: Deadline,
        context: &ErrorContext,
    ) -> Result<ChatResponse, Failure> {
        let path = self.protocol.chat_path();
        let response = deadline
            .limit(Phase::Answer, self.send(Method::POST, path, Some(encoded), context))
            .await
            .map_err(|error| context.label(error))??;
        let (headers, body) = self.read_answer(response, deadline, context).await?;
        Ok(self.decode(&body, &headers, context)?)
    }

    fn decode(
        &self,
        body: &[u8],
        headers: &HeaderMap,
        context: &ErrorContext,
    ) -> Result<ChatResponse> {
        let mut response =
            self.protocol.decode(body).map_err(|fault| context.fault_error(fault, headers))?;
        if let Some(id) = request_id(headers) {
            response.request_id = Some(id);
        }
        Ok(response)
    }

    async fn stream_once(
        &self,
        encoded: &EncodedRequest,
        deadline: Deadline,
        context: &ErrorContext,
    ) -> Result<LiveStream, Failure> {
        let limit = self.config.timeouts.first_token;
        let first_token = Phase::FirstToken(Instant::now() + limit, limit);
        let path = self.protocol.chat_path();
        let response = deadline
            .limit(first_token, self.send(Method::POST, path, Some(encoded), context))
            .await
            .map_err(|error| context.label(error))??;
        let kind = MediaKind::of(response.headers());
        // Some servers answer in one piece whatever they are asked.
        if kind == MediaKind::Json && self.protocol.framing() == Framing::Sse {
            let (headers, body) = self.read_answer(response, deadline, context).await?;
            return Ok(LiveStream::whole(self.decode(&body, &headers, context)?));
        }
        if kind == MediaKind::Page {
            return Err(not_an_answer(&response, context).into());
        }
        let mut stream = LiveStream::new(
            response,
            self.protocol.framing(),
            self.protocol.assembler(),
            deadline,
            self.config.timeouts.between_chunks,
            self.config.limits,
            self.base_url.origin(),
            context.clone(),
        );
        deadline
            .limit(first_token, stream.begin())
            .await
            .map_err(|error| context.label(error))??;
        Ok(stream)
    }

    /// Sends one request and waits for the head of its answer.
    async fn send(
        &self,
        method: Method,
        path: &str,
        encoded: Option<&EncodedRequest>,
        context: &ErrorContext,
    ) -> Result<reqwest::Response, Failure> {
        let client = transport::client(ClientOptions {
            connect_timeout: self.config.timeouts.connect,
            direct: self.base_url.is_loopback(),
            tls: self.base_url.is_https(),
        })
        .map_err(|error| context.label(error))?;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut url = self.base_url.join(path);
        url.set_query((!query.is_empty()).then_some(query));
        let mut request = client.request(method, url).headers(self.headers.clone());
        if let Some(encoded) = encoded {
            request = request
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .header(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"))
                .headers(encoded.headers.clone())
                .body(encoded.body.clone());
        }
        let response = request.send().await.map_err(|error| {
            context.label(transport::exchange_error(error, &self.base_url.origin()))
        })?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let headers = response.headers().clone();
        let body = read_report(response).await;
        Err(context.status_failure(status, &headers, &body))
    }

    /// Reads a plain answer to its end.
    async fn read_answer(
        &self,
        mut response: reqwest::Response,
        deadline: Deadline,
        context: &ErrorContext,
    ) -> Result<(HeaderMap, Vec<u8>)> {
        if MediaKind::of(response.headers()) == MediaKind::Page {
            return Err(not_an_answer(&response, context));
        }
        let headers = response.headers().clone();
        let phase = Phase::NextChunk(self.config.timeouts.between_chunks);
        let mut body = Vec::new();
        loop {
            let read = deadline
                .limit(phase, response.chunk())
                .await
                .map_err(|error| context.label(error))?;
            let chunk = read.map_err(|error| {
                context.label(transport::exchange_error(error, &self.base_url.origin()))
            })?;
            let Some(chunk) = chunk else { return Ok((headers, body)) };
            if body.len() + chunk.len() > self.config.limits.body {
                let limit = self.config.limits.body;
                return Err(context.label(Error::new(
                    ErrorKind::Protocol,
                    format!("answer is larger than {limit} bytes"),
                )));
            }
            body.extend_from_slice(&chunk);
        }
    }
}

impl Provider for HttpProvider {
    fn name(&self) -> &str {
        self.dialect.name
    }

    fn supports_logprobs(&self) -> bool {
        self.dialect.gives_logprobs(&self.context.model)
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        Box::pin(async move {
            let context = self.context_of(request);
            let deadline = Deadline::start(self.config.timeouts.total, request.time_left)
                .map_err(|error| context.label(error))?;
            let encoded = self.encode(request, false, &context)?;
            retry(self.config.retry, deadline, || self.complete_once(&encoded, deadline, &context))
                .await
        })
    }

    fn stream<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ResponseStream>> {
        Box::pin(async move {
            if !self.dialect.streaming {
                return Ok(LiveStream::whole(self.complete(request).await?).into_stream());
            }
            let context = self.context_of(request);
            let deadline = Deadline::start(self.config.timeouts.total, request.time_left)
                .map_err(|error| context.label(error))?;
            let encoded = self.encode(request, true, &context)?;
            let stream = retry(self.config.retry, deadline, || {
                self.stream_once(&encoded, deadline, &context)
            })
            .await?;
            Ok(stream.into_stream())
        })
    }
}

/// What the content type says about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MediaKind {
    /// One JSON value.
    Json,
    /// A web page, and so not an answer of any dialect.
    Page,
    /// Anything else; some servers name their streams oddly or not at all.
    Other,
}

impl MediaKind {
    fn of(headers: &HeaderMap) -> Self {
        let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = value.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "application/json" => Self::Json,
            "text/html" | "application/xhtml+xml" => Self::Page,
            _ => Self::Other,
        }
    }
}

fn not_an_answer(response: &reqwest::Response, context: &ErrorContext) -> Error {
    let error = Error::new(ErrorKind::Protocol, "answer is a web page, not JSON")
        .with_hint("check `base_url`, and any proxy on the way")
        .with_status(response.status().as_u16());
    let error = match request_id(response.headers()) {
        Some(id) => error.with_request_id(id),
        None => error,
    };
    context.label(error)
}

/// The beginning of an error report; what arrived when reading it fails.
async fn read_report(mut response: reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = MAX_REPORT - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == MAX_REPORT {
            break;
        }
    }
    body
}
