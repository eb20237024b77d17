use std::time::Duration;

use cascade_core::ErrorKind;
use cascade_providers::{HttpConfig, Timeouts};
use cascade_testkit::http::{LoopbackServer, Script};

use crate::support::{once, provider, provider_with};

fn lines(texts: &[&str]) -> Script {
    texts
        .iter()
        .fold(Script::stream("application/x-ndjson"), |script, text| {
            script.piece(format!("{text}\n"))
        })
        .split_every(7)
}

#[tokio::test]
async fn a_pull_is_over_when_the_model_is_there() {
    let server = LoopbackServer::sequence([lines(&[
        r#"{"status":"pulling manifest"}"#,
        r#"{"status":"pulling 6a0746a1ec1a","digest":"sha256:6a07","total":100,"completed":40}"#,
        r#"{"status":"verifying sha256 digest"}"#,
        r#"{"status":"success"}"#,
    ])]);
    provider("ollama", &server).pull_model("llama3.2").await.unwrap();
    let request = &server.requests()[0];
    assert_eq!((&*request.method, &*request.path), ("POST", "/api/pull"));
    assert_eq!(request.json(), serde_json::json!({"model": "llama3.2", "stream": true}));
}

#[tokio::test]
async fn a_model_that_does_not_exist_is_not_found() {
    let server = LoopbackServer::sequence([lines(&[
        r#"{"status":"pulling manifest"}"#,
        r#"{"error":"pull model manifest: file does not exist"}"#,
    ])]);
    let error = provider_with("ollama", &server, once()).pull_model("lama").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.model(), Some("lama"));
    assert_eq!(error.provider(), Some("ollama"));
}

#[tokio::test]
async fn a_pull_that_ends_early_is_no_success() {
    let server = LoopbackServer::start(|_, _| lines(&[r#"{"status":"pulling manifest"}"#]));
    let error = provider_with("ollama", &server, once()).pull_model("llama3.2").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.message().contains("before the model was there"), "{error}");
}

#[tokio::test]
async fn silence_ends_a_pull() {
    let server = LoopbackServer::sequence([lines(&[r#"{"status":"pulling manifest"}"#]).hang()]);
    let limit = Duration::from_millis(100);
    let config =
        HttpConfig { timeouts: Timeouts { total: limit, ..Timeouts::default() }, ..once() };
    let error = provider_with("ollama", &server, config).pull_model("llama3.2").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn only_ollama_fetches_models_and_only_by_name() {
    let server = LoopbackServer::start(|_, _| lines(&[r#"{"status":"success"}"#]));
    let error = provider("openai", &server).pull_model("gpt-4o").await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("provider")));
    let error = provider("ollama", &server).pull_model(" ").await.unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("model")));
    assert!(server.requests().is_empty());
}
