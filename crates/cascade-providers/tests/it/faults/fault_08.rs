//! An event of a megabyte, a body of 50 MB, JSON nested beyond reason, a zip bomb.

use std::io::Write;

use cascade_core::ErrorKind;
use cascade_core::ports::Provider;
use cascade_testkit::http::{LoopbackServer, Script};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::support::{ask, fail, hear_all, once, openai_answer, openai_chunks, provider_with};

const LIMIT: usize = 4 << 20;

fn limited() -> cascade_providers::HttpConfig {
    let mut config = once();
    config.limits.body = LIMIT;
    config.limits.event = 2 << 20;
    config
}

#[tokio::test]
async fn an_event_of_a_megabyte_passes() {
    let long = "é".repeat(1 << 19);
    let server = LoopbackServer::sequence([Script::sse(openai_chunks(&[&long]))]);
    let heard = hear_all(&provider_with("openai", &server, limited()), &ask("?")).await;
    assert_eq!(heard.text, long);
}

#[tokio::test]
async fn a_body_of_fifty_megabytes_is_refused() {
    let body = openai_answer(&"x".repeat(50 << 20)).to_string();
    let server = LoopbackServer::sequence([Script::body(200, "application/json", body)]);
    let error = fail(&provider_with("openai", &server, limited()), &ask("?")).await;
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.message().contains("larger than 4194304 bytes"), "{error}");
    let (counts, requests) = (server.counts(), server.requests());
    assert_eq!((counts.requests, requests.len()), (1, 1));
}

#[tokio::test]
async fn a_zip_bomb_is_refused_by_its_unpacked_size() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..200 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 1 << 20, "200 MB in {} bytes", bomb.len());
    let script = Script::body(200, "application/json", bomb).header("content-encoding", "gzip");
    let server = LoopbackServer::sequence([script]);
    let before = resident_mb();
    let error = fail(&provider_with("openai", &server, limited()), &ask("?")).await;
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.message().contains("larger than"), "{error}");
    assert!(resident_mb() - before < 60.0, "memory is bounded");
}

#[tokio::test]
async fn json_nested_beyond_reason_is_an_error_and_not_a_crash() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let plain = format!("{{\"choices\":[{{\"message\":{{\"content\":{deep}}}}}]}}");
    let extra = format!("{{\"unknown\":{deep},\"choices\":[]}}");
    for body in [plain.clone(), extra, deep] {
        let server = LoopbackServer::sequence([Script::body(200, "application/json", body)]);
        let error = fail(&provider_with("openai", &server, limited()), &ask("?")).await;
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(error.message().len() < 400, "the body is not echoed");
    }
    let chunk = plain.replace("\"message\"", "\"delta\"");
    let server = LoopbackServer::sequence([Script::sse([chunk])]);
    let error = provider_with("openai", &server, limited()).stream(&ask("?")).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    // An error report may be as deep as it likes: its status still counts.
    let server = LoopbackServer::sequence([Script::body(429, "application/json", plain)]);
    let error = fail(&provider_with("openai", &server, limited()), &ask("?")).await;
    assert_eq!(error.kind(), ErrorKind::RateLimit);
}

#[tokio::test]
async fn an_endless_report_of_an_error_is_cut() {
    let report = serde_json::json!({"error": {"message": "x".repeat(3 << 20)}}).to_string();
    let server = LoopbackServer::sequence([Script::body(500, "application/json", report)]);
    let error = fail(&provider_with("openai", &server, limited()), &ask("?")).await;
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    assert!(error.message().len() < 500);
    assert_eq!(Value::from(error.status()), 500);
}

/// Resident memory of this process in megabytes; 0 where the system does not tell.
fn resident_mb() -> f64 {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return 0.0 };
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok())
        .map_or(0.0, |kilobytes| kilobytes / 1024.0)
}
