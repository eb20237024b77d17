//! Where telemetry goes and what it tells.

use std::collections::BTreeMap;

use cascade_core::{ApiKey, Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How OTLP is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OtlpProtocol {
    /// Protobuf over HTTP.
    #[serde(rename = "http/protobuf")]
    HttpProtobuf,
    /// gRPC.
    #[serde(rename = "grpc")]
    Grpc,
}

impl OtlpProtocol {
    /// The protocol of this name.
    ///
    /// # Errors
    /// A config error about `protocol` that lists the names.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "http/protobuf" => Ok(Self::HttpProtobuf),
            "grpc" => Ok(Self::Grpc),
            _ => Err(Error::config(
                "protocol",
                format!("unknown OTLP protocol: `{name}`"),
                "use `http/protobuf` or `grpc`",
            )),
        }
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HttpProtobuf => "http/protobuf",
            Self::Grpc => "grpc",
        }
    }
}

/// What the points of counters and histograms count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MetricTemporality {
    /// The start of the process, as Prometheus wants it.
    #[default]
    Cumulative,
    /// The export before.
    Delta,
}

/// An exporter's configuration as data. `Debug` shows no header's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OpenTelemetryConfig {
    /// Whether anything is exported.
    pub enabled: bool,
    /// Base address of the receiver; over HTTP, `/v1/traces` and `/v1/metrics` are appended.
    pub endpoint: String,
    /// Complete address for traces; `None` derives it from `endpoint`.
    pub traces_endpoint: Option<String>,
    /// Complete address for metrics; `None` derives it from `endpoint`.
    pub metrics_endpoint: Option<String>,
    /// How OTLP is spoken; `None` is gRPC on port 4317, and protobuf over HTTP elsewhere.
    pub protocol: Option<OtlpProtocol>,
    /// Headers of every request, such as a key of the receiver.
    pub headers: BTreeMap<String, ApiKey>,
    /// Time for one export, in milliseconds.
    pub timeout_ms: u64,
    /// Whether requests are compressed by gzip.
    pub gzip: bool,
    /// Certificate authorities in PEM, trusted beside the system's.
    pub ca_certificate: Option<String>,
    /// Name of the program, `service.name`.
    pub service_name: String,
    /// Where the program runs, such as `production`; `None` does not say.
    pub environment: Option<String>,
    /// Further attributes of the program.
    pub resource_attributes: BTreeMap<String, String>,
    /// Whether spans are exported.
    pub traces: bool,
    /// Whether metrics are exported.
    pub metrics: bool,
    /// Share of runs whose spans are exported, in [0, 1]; the metrics count all.
    pub sample_ratio: f64,
    /// What the points of counters and histograms count from.
    pub temporality: MetricTemporality,
    /// Time between exports of metrics, in milliseconds.
    pub export_interval_ms: u64,
    /// Longest time that a finished run waits for its spans' export, in milliseconds.
    pub span_interval_ms: u64,
    /// Finished runs that may wait for export; beyond, runs are left out of the traces and counted.
    pub queue_size: usize,
    /// Whether spans and spending are labelled with user id and tier.
    pub user_labels: bool,
    /// Most user ids among the labels of metrics; beyond, they are `other`.
    pub max_users: usize,
    /// Most models among the labels of metrics; beyond, they are `other`.
    pub max_models: usize,
    /// Whether spans hold the text of questions and answers.
    pub capture_content: bool,
}

impl Default for OpenTelemetryConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            endpoint: "http://localhost:4318".to_owned(),
            traces_endpoint: None,
            metrics_endpoint: None,
            protocol: None,
            headers: BTreeMap::new(),
            timeout_ms: 10_000,
            gzip: false,
            ca_certificate: None,
            service_name: "cascadeflow".to_owned(),
            environment: None,
            resource_attributes: BTreeMap::new(),
            traces: true,
            metrics: true,
            sample_ratio: 1.0,
            temporality: MetricTemporality::Cumulative,
            export_interval_ms: 10_000,
            span_interval_ms: 1_000,
            queue_size: 2_048,
            user_labels: false,
            max_users: 100,
            max_models: 100,
            capture_content: false,
        }
    }
}

impl OpenTelemetryConfig {
    /// The defaults with this receiver.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self { endpoint: endpoint.into(), ..Self::default() }
    }

    /// The protocol that is spoken.
    pub fn effective_protocol(&self) -> OtlpProtocol {
        let on_grpc_port = || authority(&self.endpoint).is_some_and(|a| a.ends_with(":4317"));
        self.protocol.unwrap_or_else(|| {
            if on_grpc_port() { OtlpProtocol::Grpc } else { OtlpProtocol::HttpProtobuf }
        })
    }

    /// Checks every field.
    ///
    /// # Errors
    /// A config error that names the first field at fault and the remedy.
    pub fn validate(&self) -> Result<()> {
        let addresses = [
            ("endpoint", Some(&self.endpoint)),
            ("traces_endpoint", self.traces_endpoint.as_ref()),
            ("metrics_endpoint", self.metrics_endpoint.as_ref()),
        ];
        for (field, address) in addresses {
            if let Some(address) = address.filter(|address| authority(address).is_none()) {
                return Err(Error::config(
                    field,
                    format!("{field} is no address: `{}`", without_credentials(address)),
                    "give one such as `http://localhost:4318`",
                ));
            }
        }
        if self.service_name.trim().is_empty() {
            return Err(Error::config("service_name", "service_name is empty", "name the program"));
        }
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            return Err(Error::config(
                "sample_ratio",
                format!("sample_ratio is out of range: `{}`", self.sample_ratio),
                "give a number from 0 to 1",
            ));
        }
        let counts = [
            ("timeout_ms", self.timeout_ms),
            ("export_interval_ms", self.export_interval_ms),
            ("span_interval_ms", self.span_interval_ms),
            ("queue_size", self.queue_size as u64),
        ];
        if let Some((field, _)) = counts.into_iter().find(|(_, value)| *value == 0) {
            return Err(Error::config(field, format!("{field} is zero"), "give at least 1"));
        }
        for (name, value) in &self.headers {
            check_header(name, value)?;
        }
        Ok(())
    }
}

/// Host and port of an address; `None` when it is none that HTTP reaches.
pub(super) fn authority(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let bad = |c: char| c.is_whitespace() || c.is_control();
    (!host.is_empty() && !host.starts_with(':') && !address.contains(bad)).then_some(host)
}

/// The address without what stands before an `@`, which may be a password.
fn without_credentials(address: &str) -> String {
    address.rfind('@').map_or_else(|| address.to_owned(), |at| format!("***{}", &address[at..]))
}

fn check_header(name: &str, value: &ApiKey) -> Result<()> {
    let is_name_byte = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || !name.bytes().all(is_name_byte) {
        return Err(Error::config(
            "headers",
            format!("no name of a header: `{name}`"),
            "use letters, digits and hyphens",
        ));
    }
    if !value.expose().bytes().all(|b| (b' '..=b'~').contains(&b) || b == b'\t') {
        return Err(Error::config(
            "headers",
            format!("value of the header `{name}` cannot be sent"),
            "use printable ASCII characters",
        ));
    }
    Ok(())
}
