//! The OpenTelemetry configuration of the environment, by the variables that OpenTelemetry
//! specifies (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>).

use std::collections::BTreeMap;
use std::str::FromStr;

use cascade_core::{ApiKey, Error, Result};
use cascade_telemetry::{MetricTemporality, OpenTelemetryConfig, OtlpProtocol};
use serde_json::Value;

use crate::{env_vars, read_value};

/// Set to `true`, turns all export off.
pub const OTEL_SDK_DISABLED: &str = "OTEL_SDK_DISABLED";
/// Base address of the receiver.
pub const OTEL_EXPORTER_OTLP_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Complete address for traces.
pub const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
/// Complete address for metrics.
pub const OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
/// `http/protobuf` or `grpc`.
pub const OTEL_EXPORTER_OTLP_PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
/// Headers of every request.
pub const OTEL_EXPORTER_OTLP_HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
/// Time for one export in milliseconds.
pub const OTEL_EXPORTER_OTLP_TIMEOUT: &str = "OTEL_EXPORTER_OTLP_TIMEOUT";
/// `gzip` or `none`.
pub const OTEL_EXPORTER_OTLP_COMPRESSION: &str = "OTEL_EXPORTER_OTLP_COMPRESSION";
/// File of certificate authorities in PEM.
pub const OTEL_EXPORTER_OTLP_CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";
/// `cumulative` or `delta`.
pub const OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: &str =
    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
/// `none` turns traces off.
pub const OTEL_TRACES_EXPORTER: &str = "OTEL_TRACES_EXPORTER";
/// `none` turns metrics off.
pub const OTEL_METRICS_EXPORTER: &str = "OTEL_METRICS_EXPORTER";
/// Time between exports of metrics in milliseconds.
pub const OTEL_METRIC_EXPORT_INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";
/// Name of the program.
pub const OTEL_SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
/// Attributes of the program.
pub const OTEL_RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
/// `true` captures the text of questions and answers.
pub const OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: &str =
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

/// The variables with their meaning and what holds without them.
pub(crate) const VARIABLES: [(&str, &str, &str); 16] = [
    (OTEL_SDK_DISABLED, "Set to `true`, turns OpenTelemetry export off.", "on where it is used"),
    (
        OTEL_EXPORTER_OTLP_ENDPOINT,
        "Base address of the OTLP receiver; `/v1/traces` and `/v1/metrics` are appended over HTTP.",
        "`http://localhost:4318`",
    ),
    (
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
        "Complete address of the OTLP receiver for traces.",
        "the base address",
    ),
    (
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
        "Complete address of the OTLP receiver for metrics.",
        "the base address",
    ),
    (
        OTEL_EXPORTER_OTLP_PROTOCOL,
        "How OTLP is spoken: `http/protobuf` or `grpc`.",
        "`grpc` on port 4317, else `http/protobuf`",
    ),
    (
        OTEL_EXPORTER_OTLP_HEADERS,
        "Headers of every OTLP request, `name=value` separated by commas.",
        "none",
    ),
    (OTEL_EXPORTER_OTLP_TIMEOUT, "Time for one OTLP export in milliseconds.", "10000"),
    (OTEL_EXPORTER_OTLP_COMPRESSION, "Compression of OTLP requests: `gzip` or `none`.", "`none`"),
    (
        OTEL_EXPORTER_OTLP_CERTIFICATE,
        "File of certificate authorities in PEM that the OTLP receiver's certificate may come from.",
        "the system's",
    ),
    (
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE,
        "What exported metrics count from: `cumulative` or `delta`.",
        "`cumulative`",
    ),
    (OTEL_TRACES_EXPORTER, "`none` turns the export of traces off; else `otlp`.", "`otlp`"),
    (OTEL_METRICS_EXPORTER, "`none` turns the export of metrics off; else `otlp`.", "`otlp`"),
    (OTEL_METRIC_EXPORT_INTERVAL, "Time between exports of metrics in milliseconds.", "10000"),
    (OTEL_SERVICE_NAME, "Name of the program in traces and metrics.", "`cascadeflow`"),
    (
        OTEL_RESOURCE_ATTRIBUTES,
        "Attributes of the program in traces and metrics, `name=value` separated by commas.",
        "none",
    ),
    (
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT,
        "Set to `true`, spans hold the text of questions and answers.",
        "they hold none",
    ),
];

/// Whether the environment names a receiver and export is not turned off.
pub fn names_receiver() -> bool {
    names_receiver_with(&env_vars::read)
}

/// The defaults with what the environment sets in their place.
///
/// # Errors
/// A config error that names the variable and the remedy.
pub fn config() -> Result<OpenTelemetryConfig> {
    config_with(&env_vars::read)
}

/// The configuration of the environment with the fields that `options` holds in its place. An
/// `endpoint` that is given also takes the place of the environment's addresses for one signal.
///
/// # Errors
/// A config error that names the field or variable and the remedy.
pub fn config_with_options(options: Value) -> Result<OpenTelemetryConfig> {
    overridden(config()?, options)
}

fn overridden(mut config: OpenTelemetryConfig, options: Value) -> Result<OpenTelemetryConfig> {
    let named: Vec<String> = match &options {
        Value::Object(fields) => fields.keys().cloned().collect(),
        _ => Vec::new(),
    };
    let is_named = |field: &str| named.iter().any(|name| name == field);
    let given: OpenTelemetryConfig = read_value(options)?;
    macro_rules! take {
        ($($field:ident),* $(,)?) => {{
            let OpenTelemetryConfig { $($field),* } = given;
            if is_named("endpoint") {
                config.traces_endpoint = None;
                config.metrics_endpoint = None;
            }
            $(if is_named(stringify!($field)) {
                config.$field = $field;
            })*
        }};
    }
    take!(
        enabled,
        endpoint,
        traces_endpoint,
        metrics_endpoint,
        protocol,
        headers,
        timeout_ms,
        gzip,
        ca_certificate,
        service_name,
        environment,
        resource_attributes,
        traces,
        metrics,
        sample_ratio,
        temporality,
        export_interval_ms,
        span_interval_ms,
        queue_size,
        user_labels,
        max_users,
        max_models,
        capture_content,
    );
    config.validate()?;
    Ok(config)
}

type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

fn names_receiver_with(read: Read<'_>) -> bool {
    let addresses = [
        OTEL_EXPORTER_OTLP_ENDPOINT,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
    ];
    !is_true(read, OTEL_SDK_DISABLED) && addresses.into_iter().any(|name| read(name).is_some())
}

fn config_with(read: Read<'_>) -> Result<OpenTelemetryConfig> {
    let mut config = OpenTelemetryConfig {
        enabled: !is_true(read, OTEL_SDK_DISABLED),
        traces_endpoint: read(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT),
        metrics_endpoint: read(OTEL_EXPORTER_OTLP_METRICS_ENDPOINT),
        traces: !is_none(read, OTEL_TRACES_EXPORTER),
        metrics: !is_none(read, OTEL_METRICS_EXPORTER),
        capture_content: is_true(read, OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT),
        ..OpenTelemetryConfig::default()
    };
    if let Some(endpoint) = read(OTEL_EXPORTER_OTLP_ENDPOINT) {
        config.endpoint = endpoint;
    }
    if let Some(name) = read(OTEL_EXPORTER_OTLP_PROTOCOL) {
        let protocol = OtlpProtocol::from_name(name.trim());
        config.protocol = Some(protocol.map_err(|e| e.with_env_var(OTEL_EXPORTER_OTLP_PROTOCOL))?);
    }
    for (name, value) in pairs(read, OTEL_EXPORTER_OTLP_HEADERS)? {
        config.headers.insert(name, ApiKey::new(value));
    }
    if let Some(time) = number(read, OTEL_EXPORTER_OTLP_TIMEOUT)? {
        config.timeout_ms = time;
    }
    if let Some(time) = number(read, OTEL_METRIC_EXPORT_INTERVAL)? {
        config.export_interval_ms = time;
    }
    config.gzip = match read(OTEL_EXPORTER_OTLP_COMPRESSION).as_deref().map(str::trim) {
        None | Some("none") => false,
        Some("gzip") => true,
        Some(other) => {
            return Err(fault(OTEL_EXPORTER_OTLP_COMPRESSION, other, "use `gzip` or `none`"));
        }
    };
    if let Some(file) = read(OTEL_EXPORTER_OTLP_CERTIFICATE) {
        let pem = std::fs::read_to_string(&file);
        config.ca_certificate = Some(pem.map_err(|error| {
            Error::config(
                "ca_certificate",
                format!("file of certificates `{file}` cannot be read: {error}"),
                "give the path of a file in PEM",
            )
            .with_env_var(OTEL_EXPORTER_OTLP_CERTIFICATE)
        })?);
    }
    let name = OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE;
    config.temporality = match read(name).map(|value| value.to_ascii_lowercase()).as_deref() {
        None | Some("cumulative") => MetricTemporality::Cumulative,
        Some("delta" | "lowmemory") => MetricTemporality::Delta,
        Some(other) => return Err(fault(name, other, "use `cumulative` or `delta`")),
    };
    config.resource_attributes = pairs(read, OTEL_RESOURCE_ATTRIBUTES)?;
    let named = config.resource_attributes.remove("service.name");
    if let Some(name) = read(OTEL_SERVICE_NAME).or(named) {
        config.service_name = name;
    }
    Ok(config)
}

fn is_true(read: Read<'_>, name: &str) -> bool {
    read(name).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

fn is_none(read: Read<'_>, name: &str) -> bool {
    read(name).is_some_and(|value| value.trim() == "none")
}

fn number<T: FromStr>(read: Read<'_>, name: &str) -> Result<Option<T>> {
    let Some(text) = read(name) else { return Ok(None) };
    let number = text.trim().parse().map_err(|_| fault(name, &text, "give milliseconds"))?;
    Ok(Some(number))
}

fn fault(name: &str, value: &str, hint: &str) -> Error {
    Error::config(name, format!("{name} is not understood: `{value}`"), hint).with_env_var(name)
}

/// `name=value` separated by commas, the values percent-encoded. Values may be secrets, so that no
/// error shows one.
fn pairs(read: Read<'_>, name: &str) -> Result<BTreeMap<String, String>> {
    let Some(text) = read(name) else { return Ok(BTreeMap::new()) };
    let fault = || {
        let message = format!("{name} is no list of `name=value`");
        Error::config(name, message, "separate the pairs by commas").with_env_var(name)
    };
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').ok_or_else(fault)?;
        let value = decoded(value.trim()).ok_or_else(fault)?;
        Ok((name.trim().to_owned(), value))
    });
    pairs.collect()
}

/// `text` without percent-encoding; `None` when it is damaged.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<OpenTelemetryConfig> {
        let find = |name: &str| variables.iter().find(|(known, _)| *known == name);
        config_with(&|name| find(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn nothing_set_gives_the_defaults() {
        assert_eq!(of(&[]).unwrap(), OpenTelemetryConfig::default());
        assert!(!names_receiver_with(&|_| None));
    }

    #[test]
    fn every_variable_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "PEM").unwrap();
        let config = of(&[
            (OTEL_SDK_DISABLED, "TRUE"),
            (OTEL_EXPORTER_OTLP_ENDPOINT, "http://receiver:4318"),
            (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, "http://traces/"),
            (OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, "http://metrics/"),
            (OTEL_EXPORTER_OTLP_PROTOCOL, "grpc"),
            (OTEL_EXPORTER_OTLP_HEADERS, "authorization=Basic%20c2VjcmV0, x-team=a%3Db"),
            (OTEL_EXPORTER_OTLP_TIMEOUT, "1500"),
            (OTEL_EXPORTER_OTLP_COMPRESSION, "gzip"),
            (OTEL_EXPORTER_OTLP_CERTIFICATE, file.path().to_str().unwrap()),
            (OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE, "Delta"),
            (OTEL_TRACES_EXPORTER, "none"),
            (OTEL_METRICS_EXPORTER, "none"),
            (OTEL_METRIC_EXPORT_INTERVAL, "2500"),
            (OTEL_RESOURCE_ATTRIBUTES, "service.name=ignored,host.name=h"),
            (OTEL_SERVICE_NAME, "shop"),
            (OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT, "true"),
        ])
        .unwrap();
        let expected = OpenTelemetryConfig {
            enabled: false,
            endpoint: "http://receiver:4318".to_owned(),
            traces_endpoint: Some("http://traces/".to_owned()),
            metrics_endpoint: Some("http://metrics/".to_owned()),
            protocol: Some(OtlpProtocol::Grpc),
            headers: BTreeMap::from([
                ("authorization".to_owned(), ApiKey::new("Basic c2VjcmV0")),
                ("x-team".to_owned(), ApiKey::new("a=b")),
            ]),
            timeout_ms: 1_500,
            gzip: true,
            ca_certificate: Some("PEM".to_owned()),
            temporality: MetricTemporality::Delta,
            traces: false,
            metrics: false,
            export_interval_ms: 2_500,
            service_name: "shop".to_owned(),
            resource_attributes: BTreeMap::from([("host.name".to_owned(), "h".to_owned())]),
            capture_content: true,
            ..OpenTelemetryConfig::default()
        };
        assert_eq!(config, expected);
        assert!(!format!("{config:?}").contains("c2VjcmV0"));
    }

    #[test]
    fn options_go_before_the_environment() {
        let config = of(&[
            (OTEL_EXPORTER_OTLP_ENDPOINT, "http://receiver:4318"),
            (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, "http://traces/"),
            (OTEL_SERVICE_NAME, "shop"),
        ])
        .unwrap();
        let options = serde_json::json!({ "endpoint": "http://other:4318", "max_users": 7 });
        let config = overridden(config, options).unwrap();
        assert_eq!((&*config.endpoint, config.traces_endpoint), ("http://other:4318", None));
        assert_eq!((&*config.service_name, config.max_users), ("shop", 7));
        for (options, field) in [
            (serde_json::json!({ "endpiont": "x" }), "endpiont"),
            (serde_json::json!({ "endpoint": "nowhere" }), "endpoint"),
            (serde_json::json!({ "queue_size": 0 }), "queue_size"),
            (serde_json::json!({ "headers": { "bad name": "topsecret" } }), "headers"),
            (serde_json::json!({ "headers": { "name": "topsecret\n" } }), "headers"),
        ] {
            let error = overridden(OpenTelemetryConfig::default(), options).unwrap_err();
            assert_eq!(error.field(), Some(field));
            assert!(!error.to_string().contains("topsecret"), "{error}");
        }
    }

    #[test]
    fn faults_name_the_variable_and_show_no_header() {
        for (name, value) in [
            (OTEL_EXPORTER_OTLP_PROTOCOL, "http/json"),
            (OTEL_EXPORTER_OTLP_HEADERS, "topsecret"),
            (OTEL_EXPORTER_OTLP_HEADERS, "a=topsecret%2"),
            (OTEL_EXPORTER_OTLP_TIMEOUT, "soon"),
            (OTEL_EXPORTER_OTLP_COMPRESSION, "zstd"),
            (OTEL_EXPORTER_OTLP_CERTIFICATE, "/nowhere/at-all.pem"),
            (OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE, "now"),
        ] {
            let error = of(&[(name, value)]).unwrap_err();
            assert_eq!(error.env_var(), Some(name));
            assert!(error.hint().is_some() && !error.to_string().contains("topsecret"));
        }
    }
}
