//! One provider's API as calls reach it: address, credentials, limits, breaker.

use std::sync::Arc;

use cascade_core::{Error, ErrorKind, ModelConfig, Result};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use crate::base_url::BaseUrl;
use crate::capabilities::{AuthHeader, Dialect};
use crate::credentials::{Lookup, request_headers, resolve_key};
use crate::deadline::{Deadline, Phase};
use crate::error_mapping::{ErrorContext, request_id};
use crate::google_credentials::GoogleCredentials;
use crate::http_config::HttpConfig;
use crate::media_kind::MediaKind;
use crate::protocol::EncodedRequest;
use crate::retry::{Failure, retry};
use crate::target::Target;
use crate::transport::{self, ClientOptions};

/// Bytes of an error report that are read.
const MAX_REPORT: usize = 64 << 10;
/// Stands in a path where the project goes that the credentials name.
pub(crate) const PROJECT_SLOT: &str = "{project}";

/// Remedy where a call goes through a proxy.
const PROXY_HINT: &str = "check that `proxy` of the HTTP settings is right, and `base_url`";

/// One provider's API for one model and key.
pub(crate) struct Endpoint {
    pub(crate) dialect: &'static Dialect,
    pub(crate) base_url: BaseUrl,
    pub(crate) context: ErrorContext,
    pub(crate) config: HttpConfig,
    headers: HeaderMap,
    /// Where tokens come from; `None` where a key in the headers is enough.
    tokens: Option<GoogleCredentials>,
    client: ClientOptions,
    target: Target,
}

impl Endpoint {
    /// The endpoint of `dialect` for `model`.
    ///
    /// # Errors
    /// An auth error when a required key is missing, a config error about an address or a file.
    pub(crate) fn new(
        dialect: &'static Dialect,
        model: &ModelConfig,
        base_url: BaseUrl,
        lookup: Lookup<'_>,
        config: HttpConfig,
    ) -> Result<Self> {
        let label = |error: Error| error.with_provider(dialect.name).with_model(&*model.name);
        let mut config = match &model.http {
            Some(options) => config.with_options(options).map_err(label)?,
            None => config,
        };
        if let Some(retries) = model.max_retries {
            config.retry.max_attempts = retries.saturating_add(1);
        }
        let uses_tokens = dialect.auth == AuthHeader::GoogleToken;
        let key = if uses_tokens { None } else { resolve_key(model, dialect, lookup)? };
        let tokens =
            uses_tokens.then(|| GoogleCredentials::resolve(dialect, model, lookup)).transpose();
        let tokens = tokens.map_err(label)?;
        let mut headers = request_headers(dialect, key.as_ref()).map_err(label)?;
        headers.extend(config.headers.clone());
        let client = ClientOptions {
            connect_timeout: config.timeouts.connect,
            direct: base_url.is_loopback(),
            tls: base_url.is_https() || config.network.has_proxy(),
            network: Arc::new(config.network.clone()),
        };
        let place = place(dialect, &base_url);
        let identity = key.as_ref().or(tokens.as_ref().and_then(GoogleCredentials::identity));
        let target = Target::of(&config, &place, &model.name, identity);
        let context = ErrorContext { dialect, model: Arc::from(&*model.name), key };
        Ok(Self { dialect, base_url, context, config, headers, tokens, client, target })
    }

    /// What calls of `model` share.
    pub(crate) fn target_of(&self, model: &str) -> Target {
        if *model == *self.context.model {
            return self.target.clone();
        }
        let identity =
            self.context.key.as_ref().or(self.tokens.as_ref().and_then(|tokens| tokens.identity()));
        Target::of(&self.config, &place(self.dialect, &self.base_url), model, identity)
    }

    /// Calls until success or until trying again is no use.
    pub(crate) async fn call<T, F>(
        &self,
        deadline: Deadline,
        target: &Target,
        context: &ErrorContext,
        attempt: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        retry(self.config.retry, deadline, target, attempt)
            .await
            .map_err(|error| if error.provider().is_none() { context.label(error) } else { error })
    }

    /// The URL of `path`, which begins with a slash; a query may follow.
    pub(crate) fn url(&self, path: &str) -> Url {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut url = self.base_url.join(path);
        url.set_query((!query.is_empty()).then_some(query));
        url
    }

    /// Sends one request and waits for the head of its answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: Url,
        encoded: Option<&EncodedRequest>,
        context: &ErrorContext,
    ) -> Result<reqwest::Response, Failure> {
        let client = transport::client(self.client.clone()).map_err(|e| context.label(e))?;
        let (url, authorization) = self.authorise(url).await.map_err(|e| context.label(e))?;
        let mut request = client.request(method, url);
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value);
        }
        request = request.headers(self.headers.clone());
        if let Some(encoded) = encoded {
            request = request
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .header(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"))
                .headers(encoded.headers.clone())
                .body(encoded.body.clone());
        }
        let response = request.send().await.map_err(|error| {
            let error = transport::exchange_error(error, &self.base_url.origin());
            let by_proxy = self.client.network.has_proxy() && error.kind() == ErrorKind::Connection;
            context.label(if by_proxy { error.with_hint(PROXY_HINT) } else { error })
        })?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let headers = response.headers().clone();
        let body = read_report(response).await;
        Err(context.status_failure(status, &headers, &body))
    }

    /// Fetches a token where the provider takes tokens, and fills in the project they are for.
    async fn authorise(&self, mut url: Url) -> Result<(Url, Option<HeaderValue>)> {
        let Some(tokens) = &self.tokens else { return Ok((url, None)) };
        let value = tokens.authorization(&self.client).await?;
        // The slot is percent-encoded in a URL.
        let slot = PROJECT_SLOT.replace('{', "%7B").replace('}', "%7D");
        if url.path().contains(&slot) {
            let project = tokens.project().await?;
            let path = url.path().replace(&slot, &project);
            url.set_path(&path);
        }
        Ok((url, Some(value)))
    }

    /// Reads a plain answer to its end.
    pub(crate) async fn read_answer(
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

    /// One exchange: the whole answer of one request.
    pub(crate) async fn exchange(
        &self,
        method: Method,
        url: Url,
        encoded: Option<&EncodedRequest>,
        deadline: Deadline,
        context: &ErrorContext,
    ) -> Result<(HeaderMap, Vec<u8>), Failure> {
        let response = deadline
            .limit(Phase::Answer, self.send(method, url, encoded, context))
            .await
            .map_err(|error| context.label(error))??;
        Ok(self.read_answer(response, deadline, context).await?)
    }
}

/// The provider's name, with the address where it is not the provider's own.
fn place(dialect: &Dialect, base_url: &BaseUrl) -> String {
    match BaseUrl::parse(dialect.base_url, dialect) {
        Ok(own) if own == *base_url => dialect.name.to_owned(),
        _ => format!("{}@{}", dialect.name, base_url.origin()),
    }
}

pub(crate) fn not_an_answer(response: &reqwest::Response, context: &ErrorContext) -> Error {
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
