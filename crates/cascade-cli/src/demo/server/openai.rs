//! OpenAI's chat completions.

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

const ID: &str = "chatcmpl-scripted";
const CALL_ID: &str = "call_scripted";

pub(super) async fn complete(
    State(stage): State<Arc<Stage>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let key = headers.get("authorization").and_then(|value| value.to_str().ok());
    if key.and_then(|value| value.strip_prefix("Bearer ")) != Some(KEY) {
        let body = error("invalid_request_error", "invalid_api_key", "wrong API key");
        return refusal(StatusCode::UNAUTHORIZED, body);
    }
    let Some(asked) = AskedRequest::read(&body) else {
        let body = error("invalid_request_error", "malformed", "the request has no messages");
        return refusal(StatusCode::BAD_REQUEST, body);
    };
    let turn = match stage.reply(&asked) {
        Reply::Turn(turn) => turn,
        Reply::RateLimited(seconds) => {
            let body = error("requests", "rate_limit_exceeded", "too many requests");
            return rate_limited(seconds, body);
        }
        Reply::Broken => {
            let body = error("server_error", "internal_error", "the model is down");
            return refusal(StatusCode::INTERNAL_SERVER_ERROR, body);
        }
        Reply::Unknown => {
            let body = error("invalid_request_error", "model_not_found", "nothing is scripted");
            return refusal(StatusCode::NOT_FOUND, body);
        }
    };
    tokio::time::sleep(turn.latency).await;
    if asked.stream {
        events(stream_events(&turn, &asked), turn.chunk_pause, turn.cut_connection)
    } else {
        whole(&completion(&turn, &asked), turn.cut_connection)
    }
}

fn error(kind: &str, code: &str, message: &str) -> Value {
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
}

fn completion(turn: &Turn, asked: &AskedRequest) -> Value {
    let message = json!({
        "role": "assistant",
        "content": if turn.tool_call.is_some() { Value::Null } else { turn.text.as_str().into() },
        "refusal": null,
    });
    let mut body = json!({
        "id": ID,
        "object": "chat.completion",
        "created": 0,
        "model": turn.model,
        "choices": [{
            "index": 0,
            "message": message,
            "logprobs": logprobs(&turn.text, turn, asked),
            "finish_reason": finish_reason(turn),
        }],
        "usage": usage(turn, asked),
    });
    if let Some(call) = &turn.tool_call {
        body["choices"][0]["message"]["tool_calls"] = json!([{
            "id": CALL_ID,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments.to_string()},
        }]);
    }
    body
}

/// The chunks of a stream: the role, the text or the pieces of a tool call, the end, the usage.
fn stream_events(turn: &Turn, asked: &AskedRequest) -> Vec<String> {
    let chunk = |choices: Value, usage: Value| {
        let chunk = json!({
            "id": ID,
            "object": "chat.completion.chunk",
            "created": 0,
            "model": turn.model,
            "choices": choices,
            "usage": usage,
        });
        format!("data: {chunk}\n\n")
    };
    let delta = |delta: Value, logprobs: Value, finish: Value| {
        let choice =
            json!({"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": finish});
        chunk(json!([choice]), Value::Null)
    };
    let mut events =
        vec![delta(json!({"role": "assistant", "content": ""}), Value::Null, Value::Null)];
    for text in chunks(&turn.text) {
        let logprobs = logprobs(&text, turn, asked);
        events.push(delta(json!({"content": text}), logprobs, Value::Null));
    }
    if let Some(call) = &turn.tool_call {
        let opening = json!({"index": 0, "id": CALL_ID, "type": "function",
            "function": {"name": call.name, "arguments": ""}});
        events.push(delta(json!({"tool_calls": [opening]}), Value::Null, Value::Null));
        for piece in chunks(&call.arguments.to_string()) {
            let more = json!({"index": 0, "function": {"arguments": piece}});
            events.push(delta(json!({"tool_calls": [more]}), Value::Null, Value::Null));
        }
    }
    events.push(delta(json!({}), Value::Null, finish_reason(turn).into()));
    events.push(chunk(json!([]), usage(turn, asked)));
    events.push("data: [DONE]\n\n".to_owned());
    events
}

const fn finish_reason(turn: &Turn) -> &'static str {
    if turn.tool_call.is_some() {
        "tool_calls"
    } else if turn.cut_short {
        "length"
    } else {
        "stop"
    }
}

/// A token for each word, whose log-probabilities lie around the scripted mean.
fn logprobs(text: &str, turn: &Turn, asked: &AskedRequest) -> Value {
    let Some(mean) = turn.logprob.filter(|_| asked.logprobs && !text.is_empty()) else {
        return Value::Null;
    };
    let content: Vec<Value> = text
        .split_inclusive(' ')
        .zip([0.5, 1.0, 1.5].into_iter().cycle())
        .map(|(token, factor)| {
            json!({"token": token, "logprob": mean * factor, "bytes": null, "top_logprobs": []})
        })
        .collect();
    json!({"content": content, "refusal": null})
}

fn usage(turn: &Turn, asked: &AskedRequest) -> Value {
    let call = turn.tool_call.as_ref().map_or(0, |call| call.arguments.to_string().len());
    let prompt = tokens(asked.prompt_characters);
    let completion = tokens(turn.text.chars().count() + call);
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    })
}
