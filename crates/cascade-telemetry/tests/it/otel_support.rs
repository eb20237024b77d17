//! A receiver of OTLP over HTTP that decodes what it gets, and agents that export to it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{BoxFuture, Clock, Judge, JudgeInput};
use cascade_core::{Agent, AgentBuilder, ModelConfig, Result, Usd, Verdict};
use cascade_telemetry::{OpenTelemetryConfig, OpenTelemetryExporter};
use cascade_testkit::http::{LoopbackServer, Script};
use cascade_testkit::{FakeClock, ScriptedAnswer, ScriptedProvider};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// When the fake clock's runs begin: 2026-01-01.
pub(crate) const EPOCH: Duration = Duration::from_hours(490_896);
/// Longer than any export to this machine takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) type Attributes = BTreeMap<String, String>;

/// One point of a metric: its attributes, and its sum or, of a histogram, the sum with the count.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    pub(crate) attributes: Attributes,
    pub(crate) sum: f64,
    pub(crate) count: u64,
}

pub(crate) struct Receiver {
    pub(crate) server: LoopbackServer,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let answer = || Script::body(200, "application/x-protobuf", Vec::new());
        Self { server: LoopbackServer::start(move |_, _| answer()) }
    }

    pub(crate) fn config(&self) -> OpenTelemetryConfig {
        config(self.server.url())
    }

    /// Every span received, in the order of their beginning, a parent before its children.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let requests = self.bodies("/v1/traces");
        let requests =
            requests.iter().map(|body| ExportTraceServiceRequest::decode(&**body).unwrap());
        let mut spans: Vec<Span> = requests
            .flat_map(|request| request.resource_spans)
            .flat_map(|resource| resource.scope_spans)
            .flat_map(|scope| scope.spans)
            .collect();
        spans.sort_by_key(|span| (span.start_time_unix_nano, !span.parent_span_id.is_empty()));
        spans
    }

    /// The program that the last metrics came from.
    pub(crate) fn resource(&self) -> Attributes {
        let last = self.bodies("/v1/metrics").pop().unwrap();
        let request = ExportMetricsServiceRequest::decode(&*last).unwrap();
        let Resource { attributes, .. } = request.resource_metrics[0].resource.clone().unwrap();
        attributes_of(&attributes)
    }

    /// The points of every metric as they were received last, by its name, with its unit.
    pub(crate) fn metrics(&self) -> BTreeMap<String, (String, Vec<Point>)> {
        let Some(last) = self.bodies("/v1/metrics").pop() else { return BTreeMap::new() };
        let request = ExportMetricsServiceRequest::decode(&*last).unwrap();
        let metrics = request
            .resource_metrics
            .into_iter()
            .flat_map(|resource| resource.scope_metrics)
            .flat_map(|scope| scope.metrics);
        metrics.map(|metric| (metric.name, (metric.unit, points(metric.data.unwrap())))).collect()
    }

    /// The points of one metric; none when it was not received.
    pub(crate) fn points(&self, name: &str) -> Vec<Point> {
        self.metrics().remove(name).map(|(_, points)| points).unwrap_or_default()
    }

    fn bodies(&self, path: &str) -> Vec<Vec<u8>> {
        let requests = self.server.requests().into_iter();
        requests.filter(|request| request.path == path).map(|request| request.body).collect()
    }
}

fn points(data: Data) -> Vec<Point> {
    match data {
        Data::Sum(sum) => {
            assert!(sum.is_monotonic);
            let points = sum.data_points.into_iter().map(|point| Point {
                attributes: attributes_of(&point.attributes),
                sum: match point.value.unwrap() {
                    number_data_point::Value::AsDouble(value) => value,
                    number_data_point::Value::AsInt(value) => value as f64,
                },
                count: 1,
            });
            points.collect()
        }
        Data::Histogram(histogram) => {
            let points = histogram.data_points.into_iter().map(|point| Point {
                attributes: attributes_of(&point.attributes),
                sum: point.sum.unwrap(),
                count: point.count,
            });
            points.collect()
        }
        other => panic!("no such metric is exported: {other:?}"),
    }
}

pub(crate) fn attributes_of(given: &[KeyValue]) -> Attributes {
    given.iter().map(|pair| (pair.key.clone(), text(pair.value.as_ref()))).collect()
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::DoubleValue(value)) => value.to_string(),
        Some(Value::ArrayValue(list)) => {
            let texts: Vec<String> = list.values.iter().map(|value| text(Some(value))).collect();
            texts.join(",")
        }
        other => panic!("no such value is exported: {other:?}"),
    }
}

/// The configuration of an exporter that only sends when it is told to.
pub(crate) fn config(endpoint: impl Into<String>) -> OpenTelemetryConfig {
    OpenTelemetryConfig {
        export_interval_ms: 3_600_000,
        span_interval_ms: 3_600_000,
        ..OpenTelemetryConfig::new(endpoint)
    }
}

pub(crate) fn exporter(config: OpenTelemetryConfig) -> OpenTelemetryExporter {
    OpenTelemetryExporter::new(config).unwrap()
}

/// Rejects what begins with `bad`.
struct Strict;

impl Judge for Strict {
    fn judge<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<Verdict>> {
        let mut verdict = Verdict::unjudged("as it begins");
        verdict.accepted = !input.draft.content.starts_with("bad");
        verdict.score = if verdict.accepted { 0.9 } else { 0.2 };
        verdict.confidence = verdict.score;
        verdict.threshold = 0.7;
        Box::pin(async move { Ok(verdict) })
    }
}

/// An agent of `small` at 0.001 and `big` at 0.01 USD per 1,000 tokens on a clock that jumps.
pub(crate) fn builder(
    provider: &ScriptedProvider,
    exporter: &OpenTelemetryExporter,
) -> AgentBuilder {
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::jumping().with_epoch(EPOCH));
    let model = |name: &str, cost: &str| {
        ModelConfig::new(name, "scripted").with_cost(cost.parse::<Usd>().unwrap())
    };
    let provider = Arc::new(provider.clone().with_clock(Arc::clone(&clock)));
    Agent::builder()
        .model(model("small", "0.001"), provider.clone())
        .model(model("big", "0.01"), provider)
        .judge(Arc::new(Strict))
        .clock(clock)
        .event_sink(Arc::new(exporter.clone()))
}

/// An answer of 10 prompt and 20 completion tokens that takes `ms` milliseconds.
pub(crate) fn answer(text: &str, ms: u64) -> ScriptedAnswer {
    ScriptedAnswer::text(text)
        .with_usage(cascade_core::Usage::new(10, 20))
        .with_delay(Duration::from_millis(ms))
}
