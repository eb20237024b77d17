//! How an API is reached: headers, proxy, certificates, timeouts.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::Provider;
use cascade_core::{ApiKey, Error, ErrorKind, HttpOptions, ModelConfig};
use cascade_providers::{HttpConfig, HttpProvider, dialect};
use cascade_testkit::http::{LoopbackServer, Script};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::support::{SOON, ask, once, openai_answer};

fn data(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn provider(base_url: &str, options: HttpOptions) -> Result<HttpProvider, Error> {
    let mut model = ModelConfig::new("small", "openai");
    model.api_key = Some(ApiKey::new("k"));
    model.base_url = Some(base_url.to_owned());
    model.http = Some(options);
    HttpProvider::new(dialect("openai").unwrap(), &model, &|_| None, once())
}

fn options(value: serde_json::Value) -> HttpOptions {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn headers_are_sent_and_replace_the_drivers_own() {
    let server = LoopbackServer::sequence([Script::json(200, &openai_answer("x"))]);
    let options = options(json!({"headers": {
        "X-Team": "blue", "authorization": "Basic abc", "openai-organization": "org-1"}}));
    provider(&server.url(), options).unwrap().complete(&ask("?")).await.unwrap();
    let sent = &server.requests()[0];
    assert_eq!(sent.header("x-team"), Some("blue"));
    assert_eq!(sent.header("openai-organization"), Some("org-1"));
    assert_eq!(sent.header("authorization"), Some("Basic abc"));
}

#[tokio::test]
async fn calls_go_through_the_proxy_but_for_the_hosts_left_out() {
    let proxy = LoopbackServer::sequence([Script::json(200, &openai_answer("by proxy"))]);
    let url = proxy.url().replace("http://", "http://me:pass-word@");
    let through = options(json!({"proxy": url, "no_proxy": "127.0.0.1,localhost"}));
    let away = provider("http://models.invalid/v1", through.clone()).unwrap();
    assert_eq!(away.complete(&ask("?")).await.unwrap().content, "by proxy");
    let sent = &proxy.requests()[0];
    assert_eq!(sent.path, "http://models.invalid/v1/chat/completions");
    assert!(sent.header("proxy-authorization").is_some_and(|value| value.starts_with("Basic ")));
    let server = LoopbackServer::sequence([Script::json(200, &openai_answer("direct"))]);
    let near = provider(&server.url(), through).unwrap();
    assert_eq!(near.complete(&ask("?")).await.unwrap().content, "direct");
    assert_eq!(proxy.counts().requests, 1);
    // A proxy that is named goes before the rule that passes it by on this machine.
    let all = provider(&server.url(), options(json!({"proxy": proxy.url()}))).unwrap();
    assert_eq!(all.complete(&ask("?")).await.unwrap().content, "by proxy");
}

#[tokio::test]
async fn each_timeout_can_be_set() {
    let slow = Script::json(200, &openai_answer("late")).delay_head(Duration::from_secs(20));
    let server = LoopbackServer::sequence([slow]);
    let made = provider(&server.url(), options(json!({"timeout_ms": 60}))).unwrap();
    let error = made.complete(&ask("?")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("60 ms"), "{error}");
    let made = provider(&server.url(), options(json!({"first_token_timeout_ms": 70}))).unwrap();
    let error = made.stream(&ask("?")).await.err().unwrap();
    assert!(error.message().contains("first token within 70 ms"), "{error}");
}

#[test]
fn what_is_wrong_names_its_field() {
    for (value, field) in [
        (json!({"proxy": "http://"}), "http.proxy"),
        (json!({"proxy": "nonsense:/x"}), "http.proxy"),
        (json!({"proxy": "socks5://127.0.0.1:1080"}), "http.proxy"),
        (json!({"ca_file": "/no/such.pem"}), "http.ca_file"),
        (json!({"ca_file": data("README.md")}), "http.ca_file"),
        (json!({"client_certificate_file": data("client.pem")}), "http.client_certificate_file"),
        (
            json!({"client_certificate_file": data("client.pem"), "client_key_file": "/no.pem"}),
            "http.client_key_file",
        ),
        (json!({"headers": {"bad header": "x"}}), "http.headers.bad header"),
        (json!({"headers": {"x-a": "two\nlines"}}), "http.headers.x-a"),
    ] {
        let error = provider("http://127.0.0.1:9", options(value)).err().unwrap();
        assert_eq!((error.kind(), error.field()), (ErrorKind::Config, Some(field)));
        assert_eq!((error.provider(), error.model()), (Some("openai"), Some("small")));
        assert!(error.hint().is_some() && !error.to_string().contains("two"));
    }
    assert!(serde_json::from_value::<HttpOptions>(json!({"verfy": true})).is_err());
}

#[test]
fn secrets_are_not_shown() {
    let options = options(json!({
        "headers": {"x-key": "header-secret"}, "proxy": "http://me:proxy-secret@proxy.test:3128/"}));
    let config = HttpConfig::default().with_options(&options).unwrap();
    let shown = format!("{options:?} {config:?} {}", serde_json::to_string(&options).unwrap());
    assert!(!shown.contains("secret"), "{shown}");
    assert!(shown.contains("http://***@proxy.test:3128/"), "{shown}");
}

#[test]
fn the_environment_names_certificate_authorities() {
    let authority = data("authority.pem");
    let lookup = |name: &str| (name == "REQUESTS_CA_BUNDLE").then(|| authority.clone());
    let config = HttpConfig::from_env(&lookup).unwrap();
    assert!(format!("{config:?}").contains("has_authorities: true"));
    let missing = |name: &str| (name == "SSL_CERT_FILE").then(|| "/no/such.pem".to_owned());
    assert_eq!(HttpConfig::from_env(&missing).unwrap_err().field(), Some("http.ca_file"));
}

#[tokio::test]
async fn a_base_url_can_be_set_for_all_models() {
    let server = LoopbackServer::sequence([Script::json(200, &openai_answer("x"))]);
    let mut model = ModelConfig::new("small", "openai");
    model.api_key = Some(ApiKey::new("k"));
    let config = HttpConfig { base_url: Some(server.url()), ..once() };
    let made = HttpProvider::new(dialect("openai").unwrap(), &model, &|_| None, config).unwrap();
    made.complete(&ask("?")).await.unwrap();
    assert_eq!(server.counts().requests, 1);
}

/// A server over TLS on a thread of its own that gives one answer to each connection.
fn tls_server(asks_for_certificate: bool) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let certificate = CertificateDer::from_pem_file(data("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(data("server_key.pem")).unwrap();
    let builder = if asks_for_certificate {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(data("authority.pem")).unwrap()).unwrap();
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let config = Arc::new(builder.with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            stream.set_read_timeout(Some(SOON)).unwrap();
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            let mut request = Vec::new();
            let mut bytes = [0; 4096];
            // The body is small and comes with the head or right after it.
            while !request.ends_with(b"}") {
                match stream.read(&mut bytes) {
                    Ok(count) if count > 0 => request.extend_from_slice(&bytes[..count]),
                    _ => break,
                }
            }
            let body = openai_answer("over TLS").to_string();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n{body}",
                body.len()
            );
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    port
}

#[tokio::test]
async fn a_server_is_trusted_by_a_further_authority_or_not_at_all() {
    let url = format!("https://127.0.0.1:{}", tls_server(false));
    let error = provider(&url, HttpOptions::default()).unwrap().complete(&ask("?")).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Connection, "an unknown authority");
    for value in [json!({"ca_file": data("authority.pem")}), json!({"verify": false})] {
        let made = provider(&url, options(value)).unwrap();
        assert_eq!(made.complete(&ask("?")).await.unwrap().content, "over TLS");
    }
}

#[tokio::test]
async fn a_server_is_shown_the_clients_certificate() {
    let url = format!("https://127.0.0.1:{}", tls_server(true));
    let without = provider(&url, options(json!({"ca_file": data("authority.pem")}))).unwrap();
    assert_eq!(without.complete(&ask("?")).await.unwrap_err().kind(), ErrorKind::Connection);
    let with = options(json!({
        "ca_file": data("authority.pem"), "client_certificate_file": data("client.pem"),
        "client_key_file": data("client_key.pem")}));
    let made = provider(&url, with).unwrap();
    assert_eq!(made.complete(&ask("?")).await.unwrap().content, "over TLS");
}
