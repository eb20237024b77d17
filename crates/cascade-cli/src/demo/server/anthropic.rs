//! Anthropic's messages.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::asked_request::{AskedRequest, tokens};
use super::delivery::{chunks, events, rate_limited, refusal, whole};
use super::servers::KEY;
use super::stage::{Reply, Stage, Turn};

const ID: &str = "msg_scripted";
const CALL_ID: &str = "toolu_scripted";

pub(super) async fn complete(
    State(stage): State<Arc<Stage>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let key = headers.get("x-api-key").and_then(|value| value.to_str().ok());
    if key != Some(KEY) {
        let body = error("authentication_error", "wrong x-api-key");
        return refusal(StatusCode::UNAUTHORIZED, body);
    }
    if !headers.contains_key("anthropic-version") {
        let body = error("invalid_request_error", "anthropic-version is missing");
        return refusal(StatusCode::BAD_REQUEST, body);
    }
    let asked = AskedRequest::read(&body).filter(|_| body["max_tokens"].is_u64());
    let Some(asked) = asked else {
        let body = error("invalid_request_error", "messages or max_tokens are missing");
        return refusal(StatusCode::BAD_REQUEST, body);
    };
    let turn = match stage.reply(&asked) {
        Reply::Turn(turn) => turn,
        Reply::RateLimited(seconds) => {
            return rate_limited(seconds, error("rate_limit_error", "too many requests"));
        }
        Reply::Broken => {
            let body = error("api_error", "the model is down");
            return refusal(StatusCode::INTERNAL_SERVER_ERROR, body);
        }
        Reply::Unknown => {
            let body = error("not_found_error", "nothing is scripted");
            return refusal(StatusCode::NOT_FOUND, body);
        }
    };
    tokio::time::sleep(turn.latency).await;
    if asked.stream {
        events(stream_events(&turn, &asked), turn.chunk_pause, turn.cut_connection)
    } else {
        whole(&message(&turn, &asked), turn.cut_connection)
    }
}

fn error(kind: &str, text: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": text}})
}

fn message(turn: &Turn, asked: &AskedRequest) -> Value {
    let content = match &turn.tool_call {
        Some(call) => json!([{"type": "tool_use", "id": CALL_ID, "name": call.name,
            "input": call.arguments}]),
        None => json!([{"type": "text", "text": turn.text}]),
    };
    json!({
        "id": ID,
        "type": "message",
        "role": "assistant",
        "model": turn.model,
        "content": content,
        "stop_reason": stop_reason(turn),
        "stop_sequence": null,
        "usage": {"input_tokens": tokens(asked.prompt_characters),
            "output_tokens": output_tokens(turn)},
    })
}

/// The events of a stream: the message opens, its one block opens, grows and closes, the message
/// closes.
fn stream_events(turn: &Turn, asked: &AskedRequest) -> Vec<String> {
    let event = |data: Value| {
        format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())
    };
    let mut opening = message(turn, asked);
    opening["content"] = json!([]);
    opening["stop_reason"] = Value::Null;
    opening["usage"]["output_tokens"] = 1.into();
    let mut events = vec![event(json!({"type": "message_start", "message": opening}))];
    let (block, deltas): (Value, Vec<Value>) = match &turn.tool_call {
        Some(call) => (
            json!({"type": "tool_use", "id": CALL_ID, "name": call.name, "input": {}}),
            chunks(&call.arguments.to_string())
                .into_iter()
                .map(|piece| json!({"type": "input_json_delta", "partial_json": piece}))
                .collect(),
        ),
        None => (
            json!({"type": "text", "text": ""}),
            chunks(&turn.text)
                .into_iter()
                .map(|piece| json!({"type": "text_delta", "text": piece}))
                .collect(),
        ),
    };
    events.push(event(json!({"type": "content_block_start", "index": 0, "content_block": block})));
    events.push(event(json!({"type": "ping"})));
    for delta in deltas {
        events.push(event(json!({"type": "content_block_delta", "index": 0, "delta": delta})));
    }
    events.push(event(json!({"type": "content_block_stop", "index": 0})));
    events.push(event(json!({
        "type": "message_delta",
        "delta": {"stop_reason": stop_reason(turn), "stop_sequence": null},
        "usage": {"output_tokens": output_tokens(turn)},
    })));
    events.push(event(json!({"type": "message_stop"})));
    events
}

const fn stop_reason(turn: &Turn) -> &'static str {
    if turn.tool_call.is_some() {
        "tool_use"
    } else if turn.cut_short {
        "max_tokens"
    } else {
        "end_turn"
    }
}

fn output_tokens(turn: &Turn) -> usize {
    let call = turn.tool_call.as_ref().map_or(0, |call| call.arguments.to_string().len());
    tokens(turn.text.chars().count() + call)
}
