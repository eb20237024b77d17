//! What most tests need.

use std::time::Duration;

use cascade_core::ports::{Provider, ResponseStream};
use cascade_core::{
    ApiKey, ChatRequest, ChatResponse, Error, Message, ModelConfig, Part, ResponseDelta, Tool,
};
use cascade_providers::{HttpConfig, HttpProvider, RetryPolicy, Timeouts, dialect};
use cascade_testkit::http::LoopbackServer;
use futures_util::StreamExt;
use serde_json::json;

pub(crate) const KEY: &str = "sk-test-0123456789abcdef";
pub(crate) const SOON: Duration = Duration::from_secs(5);

/// A provider at `server` with quick retries.
pub(crate) fn provider(name: &str, server: &LoopbackServer) -> HttpProvider {
    provider_with(name, server, quick())
}

pub(crate) fn provider_with(
    name: &str,
    server: &LoopbackServer,
    config: HttpConfig,
) -> HttpProvider {
    let mut model = ModelConfig::new("small", name);
    model.api_key = Some(ApiKey::new(KEY));
    model.base_url = Some(server.url());
    HttpProvider::new(dialect(name).unwrap(), &model, &|_| None, config).unwrap()
}

/// Settings whose waits a test can afford.
pub(crate) fn quick() -> HttpConfig {
    HttpConfig {
        retry: RetryPolicy {
            base_delay: Duration::from_millis(5),
            max_delay: Duration::from_millis(20),
            ..RetryPolicy::default()
        },
        timeouts: Timeouts { total: Duration::from_secs(20), ..Timeouts::default() },
        ..HttpConfig::default()
    }
}

/// Settings without retries.
pub(crate) fn once() -> HttpConfig {
    HttpConfig { retry: RetryPolicy::never(), ..quick() }
}

pub(crate) fn ask(text: &str) -> ChatRequest {
    ChatRequest::new("small", vec![Message::user(text)])
}

pub(crate) fn weather_tool() -> Tool {
    Tool::new(
        "weather",
        "Weather of a city",
        json!({"type": "object", "properties": {"city": {"type": "string"}}}),
    )
}

/// Everything a stream gave.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) text: String,
    pub(crate) thinking: String,
    /// Reasoning blocks that were said to be complete.
    pub(crate) reasoned: Vec<Part>,
    /// Arguments of each call, put together from the fragments.
    pub(crate) arguments: Vec<String>,
    pub(crate) done: Option<ChatResponse>,
    pub(crate) error: Option<Error>,
    pub(crate) deltas: usize,
}

pub(crate) async fn hear(mut stream: ResponseStream) -> Heard {
    let mut heard = Heard::default();
    while let Some(next) = stream.next().await {
        assert!(heard.done.is_none() && heard.error.is_none(), "nothing follows the end");
        heard.deltas += 1;
        match next {
            Ok(ResponseDelta::Text(text)) => heard.text.push_str(&text),
            Ok(ResponseDelta::Thinking(text)) => heard.thinking.push_str(&text),
            Ok(ResponseDelta::ThinkingDone(part)) => heard.reasoned.push(part),
            Ok(ResponseDelta::ToolCall(delta)) => {
                if delta.index == heard.arguments.len() {
                    assert!(delta.id.is_some() && delta.name.is_some(), "a call begins named");
                    heard.arguments.push(String::new());
                }
                heard.arguments[delta.index].push_str(&delta.arguments);
            }
            Ok(ResponseDelta::Done(response)) => heard.done = Some(*response),
            Err(error) => heard.error = Some(error),
        }
    }
    heard
}

pub(crate) async fn hear_all(provider: &HttpProvider, request: &ChatRequest) -> Heard {
    hear(provider.stream(request).await.unwrap()).await
}

pub(crate) async fn fail(provider: &HttpProvider, request: &ChatRequest) -> Error {
    provider.complete(request).await.unwrap_err()
}

pub(crate) fn openai_answer(text: &str) -> serde_json::Value {
    json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "small-2026",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop"
        }],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
    })
}

/// The chunks of a streamed text, its end included.
pub(crate) fn openai_chunks(pieces: &[&str]) -> Vec<String> {
    let chunk = |delta: serde_json::Value, finish: Option<&str>| {
        json!({
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "small-2026",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]
        })
        .to_string()
    };
    let mut chunks = vec![chunk(json!({"role": "assistant", "content": ""}), None)];
    chunks.extend(pieces.iter().map(|piece| chunk(json!({"content": piece}), None)));
    chunks.push(chunk(json!({}), Some("stop")));
    chunks.push(
        json!({
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "choices": [],
            "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
        })
        .to_string(),
    );
    chunks.push("[DONE]".into());
    chunks
}
