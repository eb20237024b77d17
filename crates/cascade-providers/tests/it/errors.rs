use cascade_core::ErrorKind;
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::{Value, json};

use crate::support::{KEY, ask, fail, once, provider_with};

async fn error_of(provider: &str, script: Script) -> cascade_core::Error {
    let server = LoopbackServer::sequence([script]);
    let error = fail(&provider_with(provider, &server, once()), &ask("?")).await;
    assert_eq!(error.provider(), Some(provider));
    assert_eq!(error.model(), Some("small"));
    error
}

fn openai(kind: &str, code: Value, message: &str) -> Value {
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
}

fn anthropic(kind: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_b"})
}

#[tokio::test]
async fn every_way_of_failing_has_its_kind() {
    use ErrorKind as K;
    let invalid = "invalid_request_error";
    let none = Value::Null;
    let cases: Vec<(&str, u16, Value, K)> = vec![
        ("openai", 401, openai(invalid, json!("invalid_api_key"), "Incorrect API key"), K::Auth),
        ("openai", 403, openai("forbidden", none.clone(), "no access"), K::Permission),
        ("openai", 404, openai(invalid, json!("model_not_found"), "no such"), K::NotFound),
        ("openai", 400, openai(invalid, none.clone(), "bad value"), K::InvalidRequest),
        ("openai", 422, json!({"detail": [{"loc": ["body"], "msg": "bad"}]}), K::InvalidRequest),
        (
            "openai",
            400,
            openai(invalid, json!("context_length_exceeded"), "too long"),
            K::ContextLength,
        ),
        (
            "vllm",
            400,
            json!({"object": "error", "message": "This model's maximum context length is 10",
                "type": "BadRequestError", "code": 400}),
            K::ContextLength,
        ),
        (
            "openai",
            400,
            openai(invalid, json!("content_policy_violation"), "rejected"),
            K::ContentFilter,
        ),
        (
            "openai",
            429,
            openai("requests", json!("rate_limit_exceeded"), "Rate limit reached for tokens"),
            K::RateLimit,
        ),
        (
            "openai",
            429,
            openai("insufficient_quota", json!("insufficient_quota"), "You exceeded your current"),
            K::Quota,
        ),
        ("openai", 500, openai("server_error", none.clone(), "oops"), K::Overloaded),
        ("openai", 503, json!("down"), K::Overloaded),
        ("openai", 504, json!({}), K::Timeout),
        ("anthropic", 401, anthropic("authentication_error", "invalid x-api-key"), K::Auth),
        ("anthropic", 403, anthropic("permission_error", "not allowed"), K::Permission),
        ("anthropic", 404, anthropic("not_found_error", "model: x"), K::NotFound),
        ("anthropic", 413, anthropic("request_too_large", "32 MB"), K::InvalidRequest),
        ("anthropic", 429, anthropic("rate_limit_error", "slow down"), K::RateLimit),
        ("anthropic", 529, anthropic("overloaded_error", "Overloaded"), K::Overloaded),
        (
            "anthropic",
            400,
            anthropic(invalid, "prompt is too long: 210000 tokens > 200000 maximum"),
            K::ContextLength,
        ),
        (
            "anthropic",
            400,
            anthropic(invalid, "Your credit balance is too low to access the API."),
            K::Quota,
        ),
        ("anthropic", 400, anthropic(invalid, "usage limit reached until 2026-12-01"), K::Quota),
        ("deepseek", 402, openai("unknown_error", none, "Insufficient Balance"), K::Quota),
        ("openrouter", 402, json!({"error": {"code": 402, "message": "credits"}}), K::Quota),
        ("together", 400, json!({"error": {"message": "model overloaded"}}), K::Overloaded),
    ];
    for (provider, status, body, kind) in cases {
        let error = error_of(provider, Script::json(status, &body)).await;
        assert_eq!(error.kind(), kind, "{provider} {status} {body}: {error}");
        assert_eq!(error.status(), Some(status));
    }
}

#[tokio::test]
async fn an_error_carries_what_a_caller_needs() {
    let body = anthropic("rate_limit_error", "Number of requests has exceeded your rate limit");
    let script = Script::json(429, &body).header("retry-after", "17").header("request-id", "req_h");
    let error = error_of("anthropic", script).await;
    assert_eq!(error.retry_after(), Some(std::time::Duration::from_secs(17)));
    assert_eq!(error.request_id(), Some("req_h"));
    assert!(error.message().contains("Number of requests"), "{error}");

    let error =
        error_of("anthropic", Script::json(401, &anthropic("authentication_error", "no"))).await;
    assert_eq!(error.request_id(), Some("req_b"));
    assert_eq!((error.env_var(), error.field()), (Some("ANTHROPIC_API_KEY"), Some("api_key")));
    assert!(error.hint().unwrap().contains("ANTHROPIC_API_KEY"));
}

#[tokio::test]
async fn keys_never_appear() {
    let echo = format!("bad key {KEY} and sk-proj-zyxwvutsrqponm and Bearer abcdefghijklm");
    let error = error_of("openai", Script::json(401, &openai("x", Value::Null, &echo))).await;
    let shown = format!("{error} {error:?}");
    for secret in [KEY, "zyxwvutsrqponm", "abcdefghijklm"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("bad key"));
}

#[tokio::test]
async fn long_messages_are_cut_at_a_character() {
    let words = "é".repeat(5000);
    let error = error_of("openai", Script::json(400, &openai("x", Value::Null, &words))).await;
    assert!(error.message().chars().count() < 400);
    assert!(error.message().ends_with('…'));
}

#[tokio::test]
async fn a_web_page_or_cut_json_is_a_protocol_error_and_not_quoted() {
    let page = "<html><body>corporate login secret-page</body></html>";
    let cases = [
        Script::body(200, "text/html; charset=utf-8", page),
        Script::body(200, "text/plain", page),
        Script::body(200, "application/json", r#"{"choices": [{"message": {"content": "Pa"#),
        Script::body(200, "application/json", r#"{"choices": []}"#),
        Script::body(200, "application/json", "[1]"),
        Script::body(200, "application/json", ""),
    ];
    for script in cases {
        for stream in [false, true] {
            let server = LoopbackServer::sequence([script.clone()]);
            let provider = provider_with("openai", &server, once());
            let error = if stream {
                match cascade_core::ports::Provider::stream(&provider, &ask("?")).await {
                    Ok(stream) => crate::support::hear(stream).await.error.unwrap(),
                    Err(error) => error,
                }
            } else {
                fail(&provider, &ask("?")).await
            };
            assert!(
                matches!(error.kind(), ErrorKind::Protocol | ErrorKind::Connection),
                "{error:?}"
            );
            assert!(error.kind().is_temporary());
            assert!(!format!("{error} {error:?}").contains("secret-page"));
        }
    }
    let error = error_of("openai", Script::body(502, "text/html", page)).await;
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    assert!(!format!("{error:?}").contains("secret-page"));
}

#[tokio::test]
async fn an_error_inside_status_200_is_an_error() {
    let body = json!({"error": {"code": 429, "message": "rate-limited upstream"}});
    let error = error_of("openrouter", Script::json(200, &body)).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::RateLimit, Some(429)));
    let body = json!({"object": "error", "message": "boom", "code": 500});
    let error = error_of("vllm", Script::json(200, &body)).await;
    assert_eq!(error.kind(), ErrorKind::Overloaded);
}

#[tokio::test]
async fn redirects_are_refused_and_no_key_travels() {
    let thief = LoopbackServer::sequence([Script::json(200, &json!({}))]);
    let location = format!("{}/steal", thief.url());
    let script = Script::body(307, "text/plain", "").header("location", &location);
    let error = error_of("anthropic", script).await;
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.hint().unwrap().contains("base_url"));
    assert_eq!(thief.counts().connections, 0);
}

#[tokio::test]
async fn nobody_listening_is_a_connection_error_that_names_the_place() {
    let server = LoopbackServer::sequence([Script::json(200, &json!({}))]);
    let provider = provider_with("vllm", &server, once());
    let place = server.url();
    drop(server);
    let error = fail(&provider, &ask("?")).await;
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.message().contains(&place), "{error}");
    assert!(error.hint().unwrap().contains("base_url"));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let mut config = once();
    config.limits.body = 10_000;
    let body = vec![b' '; 20_000];
    let server = LoopbackServer::sequence([Script::body(200, "application/json", body)]);
    let error = fail(&provider_with("openai", &server, config), &ask("?")).await;
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.message().contains("10000 bytes"), "{error}");
}

#[tokio::test]
async fn a_body_that_cannot_be_decompressed_is_a_protocol_error() {
    let script = Script::body(200, "application/json", vec![7_u8; 300]);
    let error = error_of("openai", script.header("content-encoding", "gzip")).await;
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_a_temporary_error() {
    let error = error_of("openai", Script::raw("220 mail.example.com ESMTP\r\n")).await;
    assert!(error.kind().is_temporary(), "{error:?}");
}

#[tokio::test]
async fn a_zip_bomb_is_refused_before_it_unfolds() {
    use std::io::Write;

    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 100_000);
    let mut config = once();
    config.limits.body = 1 << 20;
    let script = Script::body(200, "application/json", bomb).header("content-encoding", "gzip");
    let server = LoopbackServer::sequence([script]);
    let error = fail(&provider_with("openai", &server, config), &ask("?")).await;
    assert_eq!(error.kind(), ErrorKind::Protocol);
    assert!(error.message().contains("1048576 bytes"), "{error}");
}

#[tokio::test]
async fn json_nested_without_end_is_a_protocol_error() {
    let body = format!("{{\"choices\": {}", "[".repeat(100_000));
    let error = error_of("openai", Script::body(200, "application/json", body)).await;
    assert_eq!(error.kind(), ErrorKind::Protocol);
}
