use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::environment::{Environment, OLLAMA_HOST};

/// A running server with its models, smallest first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OllamaServer {
    pub(super) base_url: String,
    pub(super) models_by_size: Vec<String>,
}

/// A local server answers within a few milliseconds; without one, nobody should wait.
const PATIENCE: Duration = Duration::from_millis(500);
/// More than the list of any real collection takes.
const MOST_BYTES: u64 = 4 << 20;
const DEFAULT_PORT: u16 = 11434;

#[derive(Deserialize)]
struct Tags {
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    details: Details,
}

#[derive(Default, Deserialize)]
struct Details {
    #[serde(default)]
    family: String,
}

/// The Ollama server at `OLLAMA_HOST` or the default address, when one answers and holds a chat
/// model. Servers behind TLS are not looked for.
pub(super) async fn find(environment: &Environment) -> Option<OllamaServer> {
    let address = address(environment.get(OLLAMA_HOST).as_deref())?;
    let body = tokio::time::timeout(PATIENCE, fetch_tags(&address)).await.ok()??;
    let models_by_size = chat_models(&body)?;
    (!models_by_size.is_empty())
        .then(|| OllamaServer { base_url: format!("http://{address}"), models_by_size })
}

/// `host:port` of the server. An address that a server binds to but nobody can call, such as
/// `0.0.0.0`, stands for this machine.
fn address(host: Option<&str>) -> Option<String> {
    let host = host.unwrap_or("127.0.0.1").trim();
    if host.starts_with("https://") {
        return None;
    }
    let host = host.strip_prefix("http://").unwrap_or(host).trim_end_matches('/');
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => (name, port.to_owned()),
        _ => (host, DEFAULT_PORT.to_string()),
    };
    let name = if matches!(name, "" | "0.0.0.0" | "[::]" | "::") { "127.0.0.1" } else { name };
    Some(format!("{name}:{port}"))
}

/// The body of `GET /api/tags`. HTTP/1.0 keeps the answer in one piece that ends with the
/// connection.
async fn fetch_tags(address: &str) -> Option<Vec<u8>> {
    let mut connection = TcpStream::connect(address).await.ok()?;
    let request = format!("GET /api/tags HTTP/1.0\r\nHost: {address}\r\nAccept: application/json\r\n\r\n");
    connection.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    connection.take(MOST_BYTES).read_to_end(&mut answer).await.ok()?;
    let end_of_head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let status = answer.split(|&byte| byte == b' ').nth(1)?;
    (status == b"200").then(|| answer.split_off(end_of_head + 4))
}

/// Names of the models that can chat, smallest first; embedding models cannot.
fn chat_models(body: &[u8]) -> Option<Vec<String>> {
    let mut tags: Tags = serde_json::from_slice(body).ok()?;
    tags.models.retain(|tag| !tag.details.family.contains("bert") && !tag.name.contains("embed"));
    tags.models.sort_by_key(|tag| tag.size);
    Some(tags.models.into_iter().map(|tag| tag.name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_takes_every_form_of_the_variable() {
        for (host, expected) in [
            (None, Some("127.0.0.1:11434")),
            (Some("0.0.0.0"), Some("127.0.0.1:11434")),
            (Some("gpu:8080"), Some("gpu:8080")),
            (Some("http://gpu:8080/"), Some("gpu:8080")),
            (Some("https://gpu"), None),
        ] {
            assert_eq!(address(host).as_deref(), expected, "{host:?}");
        }
    }

    #[test]
    fn embedding_models_are_left_out_and_the_rest_sorted_by_size() {
        let body = br#"{"models":[
            {"name":"llama3.3:70b","size":42000,"details":{"family":"llama"}},
            {"name":"nomic-embed-text","size":270,"details":{"family":"nomic-bert"}},
            {"name":"qwen3:4b","size":2600}]}"#;
        assert_eq!(chat_models(body), Some(vec!["qwen3:4b".into(), "llama3.3:70b".into()]));
        assert_eq!(chat_models(b"<html>"), None);
    }
}
