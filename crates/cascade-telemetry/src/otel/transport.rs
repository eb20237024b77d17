//! How requests reach the receiver.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;

use cascade_core::{ApiKey, Error, ErrorKind, Result};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::tonic_types::metadata::MetadataMap;
use opentelemetry_otlp::tonic_types::transport::{Certificate, ClientTlsConfig};
use opentelemetry_otlp::{
    Compression, ExporterBuildError, MetricExporter, Protocol, RetryPolicy, SpanExporter,
    WithExportConfig, WithHttpConfig, WithTonicConfig,
};
use opentelemetry_sdk::metrics::Temporality;

use super::config::{MetricTemporality, OpenTelemetryConfig, OtlpProtocol, authority};
use super::destination::Signal;

/// Longest answer of a receiver that is read, in bytes.
const MAX_ANSWER_BYTES: u64 = 4 * 1_024 * 1_024;

/// The official exporter of spans for `config`. Must be called within the runtime that it is used
/// in.
///
/// # Errors
/// A config error about `endpoint` or `ca_certificate`.
pub(super) fn span_exporter(config: &OpenTelemetryConfig) -> Result<SpanExporter> {
    let address = config.address(Signal::Traces);
    let made = match config.effective_protocol() {
        OtlpProtocol::HttpProtobuf => {
            let mut builder = SpanExporter::builder()
                .with_http()
                .with_http_client(Client::new(config, &address)?)
                .with_protocol(Protocol::HttpBinary)
                .with_endpoint(&address)
                .with_timeout(config.timeout());
            if config.gzip {
                builder = builder.with_compression(Compression::Gzip);
            }
            builder.build()
        }
        OtlpProtocol::Grpc => {
            let mut builder = SpanExporter::builder()
                .with_tonic()
                .with_endpoint(&address)
                .with_timeout(config.timeout())
                .with_interceptor(own_metadata(&config.headers)?);
            if config.gzip {
                builder = builder.with_compression(Compression::Gzip);
            }
            if address.starts_with("https://") {
                builder = builder.with_tls_config(tls(config));
            }
            builder.build()
        }
    };
    made.map_err(|error| not_made("traces_endpoint", &error))
}

/// The official exporter of metrics; as [`span_exporter`].
///
/// # Errors
/// A config error about `endpoint` or `ca_certificate`.
pub(super) fn metric_exporter(config: &OpenTelemetryConfig) -> Result<MetricExporter> {
    let address = config.address(Signal::Metrics);
    let temporality = match config.temporality {
        MetricTemporality::Cumulative => Temporality::Cumulative,
        MetricTemporality::Delta => Temporality::Delta,
    };
    // The next export holds what a failed one held, so that there is nothing to retry.
    let retry = match config.temporality {
        MetricTemporality::Cumulative => RetryPolicy::disabled(),
        MetricTemporality::Delta => RetryPolicy::recommended(),
    };
    let made = match config.effective_protocol() {
        OtlpProtocol::HttpProtobuf => {
            let mut builder = MetricExporter::builder()
                .with_http()
                .with_http_client(Client::new(config, &address)?)
                .with_protocol(Protocol::HttpBinary)
                .with_endpoint(&address)
                .with_timeout(config.timeout())
                .with_retry_policy(retry);
            if config.gzip {
                builder = builder.with_compression(Compression::Gzip);
            }
            builder.with_temporality(temporality).build()
        }
        OtlpProtocol::Grpc => {
            let mut builder = MetricExporter::builder()
                .with_tonic()
                .with_endpoint(&address)
                .with_timeout(config.timeout())
                .with_interceptor(own_metadata(&config.headers)?)
                .with_retry_policy(retry);
            if config.gzip {
                builder = builder.with_compression(Compression::Gzip);
            }
            if address.starts_with("https://") {
                builder = builder.with_tls_config(tls(config));
            }
            builder.with_temporality(temporality).build()
        }
    };
    made.map_err(|error| not_made("metrics_endpoint", &error))
}

fn not_made(field: &str, error: &ExporterBuildError) -> Error {
    Error::config(
        field,
        format!("OTLP exporter cannot be made: {error}"),
        "give an address such as `http://localhost:4318`",
    )
}

fn tls(config: &OpenTelemetryConfig) -> ClientTlsConfig {
    let tls = ClientTlsConfig::new().with_enabled_roots();
    match &config.ca_certificate {
        Some(pem) => tls.ca_certificate(Certificate::from_pem(pem)),
        None => tls,
    }
}

fn headers(given: &BTreeMap<String, ApiKey>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let fault = || {
            let message = format!("header `{name}` cannot be sent");
            Error::config("headers", message, "use printable ASCII characters")
        };
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| fault())?;
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| fault())?;
        value.set_sensitive(true);
        headers.insert(key, value);
    }
    Ok(headers)
}

/// Gives every gRPC request our headers in place of those that the library takes from the
/// environment, which may be meant for another receiver.
fn own_metadata(
    given: &BTreeMap<String, ApiKey>,
) -> Result<impl Fn(tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> + Clone + use<>>
{
    let headers = headers(given)?;
    Ok(move |mut request: tonic::Request<()>| {
        *request.metadata_mut() = MetadataMap::from_headers(headers.clone());
        Ok(request)
    })
}

/// The HTTP client of the workspace as the exporters want it. Sends our headers alone: those that
/// the library takes from the environment may be meant for another receiver.
struct Client {
    client: reqwest::Client,
    headers: HeaderMap,
}

impl Client {
    fn new(config: &OpenTelemetryConfig, address: &str) -> Result<Self> {
        let tls = address.starts_with("https://");
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("cascadeflow/", env!("CARGO_PKG_VERSION")))
            .timeout(config.timeout())
            // Headers must never travel to where a redirect points.
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        if is_local(address) {
            builder = builder.no_proxy();
        }
        if tls {
            install_crypto();
            if let Some(pem) = &config.ca_certificate {
                let list = reqwest::Certificate::from_pem_bundle(pem.as_bytes());
                let list = list.ok().filter(|list| !list.is_empty()).ok_or_else(|| {
                    Error::config(
                        "ca_certificate",
                        "ca_certificate holds no certificates",
                        "give certificates in PEM",
                    )
                })?;
                builder = builder.tls_certs_merge(list);
            }
        } else {
            builder = builder.tls_certs_only(std::iter::empty());
            install_crypto();
        }
        let client = builder.build().map_err(|error| {
            Error::new(ErrorKind::Internal, format!("HTTP client cannot be made: {error}"))
                .with_hint("check that the system's CA certificates are installed")
        })?;
        Ok(Self { client, headers: headers(&config.headers)? })
    }
}

/// Chooses ring as the cryptography of TLS, unless the program has chosen before.
fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, with the same choice or the program's own.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// Whether an address is on this machine, so that no proxy leads to it.
fn is_local(address: &str) -> bool {
    let Some(host) = authority(address) else { return false };
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl HttpClient for Client {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let mut send = self.client.request(parts.method, parts.uri.to_string());
            for name in [CONTENT_TYPE, CONTENT_ENCODING] {
                if let Some(value) = parts.headers.get(&name) {
                    send = send.header(name, value);
                }
            }
            let mut answer = send.headers(self.headers.clone()).body(body).send().await?;
            let mut given = Response::builder().status(answer.status());
            if let Some(headers) = given.headers_mut() {
                headers.clone_from(answer.headers());
            }
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await? {
                if (body.len() + chunk.len()) as u64 > MAX_ANSWER_BYTES {
                    return Err("the receiver's answer is too long".into());
                }
                body.extend_from_slice(&chunk);
            }
            Ok(given.body(Bytes::from(body))?)
        })
    }
}
