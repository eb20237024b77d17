//! A receiver that is down, slow or refuses: no run waits, nothing grows, and what is lost is counted.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use cascade_core::RunOptions;
use cascade_telemetry::{OpenTelemetryConfig, OpenTelemetryExporter, OtlpProtocol};
use cascade_testkit::ScriptedProvider;
use cascade_testkit::http::{LoopbackServer, Script};

use crate::otel_support::{PATIENCE, answer, builder, config, exporter};

/// Longer than a test may take to notice that something waits for a receiver that never answers.
const FOREVER_MS: u64 = 600_000;

/// An address of this machine where nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn run(exporter: &OpenTelemetryExporter, runs: usize) {
    let provider = ScriptedProvider::new("scripted").always("small", answer("good", 1));
    let agent = builder(&provider, exporter).build().unwrap();
    for _ in 0..runs {
        agent.run("q?", RunOptions::default()).await.unwrap();
    }
}

#[tokio::test]
async fn a_receiver_that_is_down_loses_spans_and_nothing_else() {
    for protocol in [OtlpProtocol::HttpProtobuf, OtlpProtocol::Grpc] {
        let mut config = config(nowhere());
        config.protocol = Some(protocol);
        let exporter = exporter(config);
        run(&exporter, 10).await;
        assert!(!exporter.force_flush(PATIENCE), "{protocol:?}: the loss is told");
        let counts = exporter.counts();
        assert_eq!((counts.runs, counts.exported_spans, counts.failed_spans), (10, 0, 50));
        assert_eq!((counts.metric_exports, counts.failed_metric_exports), (0, 1));
        assert!(counts.last_error.is_some());
        exporter.shutdown(PATIENCE);
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_holds_nobody_up() {
    let server = LoopbackServer::start(|_, _| Script::raw(Vec::new()).hang());
    let mut config = config(server.url());
    config.span_interval_ms = 1;
    config.timeout_ms = FOREVER_MS;
    config.queue_size = 8;
    let exporter = exporter(config);
    // The first run makes the worker wait for the receiver, so that the queue fills up.
    run(&exporter, 1).await;
    let begun = Instant::now();
    while server.requests().is_empty() {
        assert!(begun.elapsed() < PATIENCE, "the worker asks the receiver");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    run(&exporter, 100).await;
    let counts = exporter.counts();
    assert_eq!((counts.runs, counts.dropped_runs), (101, 92));
    let begun = Instant::now();
    assert!(!exporter.force_flush(Duration::from_millis(50)));
    assert!(!exporter.shutdown(Duration::from_millis(50)));
    assert!(begun.elapsed() < PATIENCE, "a flush ends when its time is over");
    // After the end nothing is kept any more.
    run(&exporter, 3).await;
    assert_eq!(exporter.counts().runs, 104);
}

#[tokio::test]
async fn a_receiver_that_refuses_is_counted() {
    let server = LoopbackServer::start(|_, _| Script::body(401, "text/plain", "no"));
    let exporter = exporter(config(server.url()));
    run(&exporter, 2).await;
    assert!(!exporter.force_flush(PATIENCE));
    let counts = exporter.counts();
    assert_eq!((counts.exported_spans, counts.failed_spans), (0, 10));
    assert!(counts.last_error.unwrap().contains("401"));
    exporter.shutdown(PATIENCE);
}

#[tokio::test]
async fn an_exporter_that_is_off_starts_nothing() {
    let mut config = config(nowhere());
    config.enabled = false;
    let exporter = exporter(config);
    run(&exporter, 2).await;
    assert!(exporter.force_flush(PATIENCE) && exporter.shutdown(PATIENCE));
    assert_eq!(exporter.counts(), cascade_telemetry::ExportCounts::default());
}

#[tokio::test]
async fn a_dropped_exporter_sends_what_it_has() {
    let receiver = crate::otel_support::Receiver::start();
    let exporter = exporter(receiver.config());
    run(&exporter, 1).await;
    drop(exporter);
    let begun = Instant::now();
    while receiver.spans().len() < 5 || receiver.metrics().is_empty() {
        assert!(begun.elapsed() < PATIENCE, "the last words arrive");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn faults_name_the_field_and_the_remedy() {
    let new = |change: fn(&mut OpenTelemetryConfig)| {
        let mut config = OpenTelemetryConfig::default();
        change(&mut config);
        OpenTelemetryExporter::new(config).unwrap_err()
    };
    let faults = [
        ("endpoint", new(|config| config.endpoint = "localhost:4318".to_owned())),
        ("endpoint", new(|config| config.endpoint = "http://".to_owned())),
        ("traces_endpoint", new(|config| config.traces_endpoint = Some("ftp://x".to_owned()))),
        ("service_name", new(|config| config.service_name = " ".to_owned())),
        ("sample_ratio", new(|config| config.sample_ratio = 1.5)),
        ("timeout_ms", new(|config| config.timeout_ms = 0)),
        ("queue_size", new(|config| config.queue_size = 0)),
        (
            "ca_certificate",
            new(|config| {
                config.endpoint = "https://receiver.example".to_owned();
                config.ca_certificate = Some("nothing".to_owned());
            }),
        ),
    ];
    for (field, error) in faults {
        assert_eq!(error.field(), Some(field), "{error}");
        assert!(error.hint().is_some());
    }
    let error = new(|config| config.endpoint = "user:hush@host".to_owned());
    assert!(error.to_string().contains("endpoint is no address"));
}

#[test]
fn port_4317_means_grpc() {
    let protocol = |endpoint: &str| OpenTelemetryConfig::new(endpoint).effective_protocol();
    assert_eq!(protocol("http://localhost:4317"), OtlpProtocol::Grpc);
    assert_eq!(protocol("http://localhost:4318"), OtlpProtocol::HttpProtobuf);
    assert_eq!(protocol("https://receiver.example/path:4317"), OtlpProtocol::HttpProtobuf);
}
