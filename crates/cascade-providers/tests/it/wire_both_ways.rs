//! The wire messages are read as they were written, so that a server can speak the dialects too.

use cascade_core::{ImageSource, Message, Part, Role, ToolCall, ToolChoice};
use cascade_providers::wire::{anthropic, ollama, openai};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{ask, weather_tool};

fn request() -> cascade_core::ChatRequest {
    let mut request = ask("");
    request.messages = vec![
        Message {
            role: Role::User,
            parts: vec![
                Part::text("What?"),
                Part::Image {
                    source: ImageSource::Base64 {
                        media_type: "image/png".into(),
                        data: "aGk=".into(),
                    },
                },
            ],
            name: None,
        },
        Message {
            role: Role::Assistant,
            parts: vec![
                Part::Thinking { text: "h".into(), signature: Some("s".into()), redacted: None },
                Part::ToolCall(ToolCall {
                    id: "c".into(),
                    name: "weather".into(),
                    arguments: r#"{"city":"Oslo"}"#.into(),
                }),
            ],
            name: None,
        },
        Message {
            role: Role::Tool,
            parts: vec![Part::ToolResult {
                call_id: "c".into(),
                content: "rain".into(),
                is_error: true,
            }],
            name: None,
        },
    ]
    .into();
    request.system = Some("Be brief.".into());
    request.tools = vec![weather_tool()].into();
    request.tool_choice = Some(ToolChoice::Named("weather".into()));
    request.max_tokens = Some(7);
    request.stop = vec!["END".to_owned()].into();
    request.logprobs = true;
    request
}

/// Writes, reads and writes again.
fn again<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    let read: T = serde_json::from_str(&text).unwrap();
    assert_eq!(&read, value);
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

#[test]
fn requests_are_read_as_they_were_written() {
    let request = request();
    let openai = openai::encode_request(&request, openai::EncodeRules::default(), true).unwrap();
    let text = serde_json::to_string(&openai).unwrap();
    let read: openai::ChatCompletionRequest<'static> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, openai);
    let anthropic =
        anthropic::encode_request(&request, anthropic::EncodeRules::default(), true).unwrap();
    let text = serde_json::to_string(&anthropic).unwrap();
    let read: anthropic::MessagesRequest<'static> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, anthropic);
    let ollama = ollama::encode_request(&request, true).unwrap();
    let text = serde_json::to_string(&ollama).unwrap();
    let read: ollama::OllamaRequest<'static> = serde_json::from_str(&text).unwrap();
    assert_eq!(read, ollama);
}

#[test]
fn unknown_parameters_of_a_request_are_kept() {
    let body = json!({"model": "m", "messages": [], "max_tokens": 3, "top_k": 7,
        "metadata": {"user_id": "u"}});
    let read: anthropic::MessagesRequest<'static> = serde_json::from_value(body.clone()).unwrap();
    assert_eq!(read.extra["top_k"], 7);
    assert_eq!(serde_json::to_value(&read).unwrap(), body);
}

#[test]
fn answers_and_events_are_read_as_they_were_written() {
    let completion: openai::ChatCompletion = serde_json::from_value(json!({
        "id": "c", "object": "chat.completion", "created": 5, "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"},
            "finish_reason": "stop",
            "logprobs": {"content": [{"token": "hi", "logprob": -0.1, "top_logprobs": []}]}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    }))
    .unwrap();
    again(&completion);
    let events: Vec<Value> = vec![
        json!({"type": "message_start", "message": {"id": "m", "type": "message",
            "role": "assistant", "model": "c", "content": [], "usage": {"input_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "tool_use", "id": "t", "name": "n", "input": {}}}),
        json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": "{}"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use",
            "stop_sequence": null}, "usage": {"output_tokens": 2}}),
        json!({"type": "message_stop"}),
        json!({"type": "ping"}),
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "m"}}),
        json!({"type": "from_the_future", "x": [1]}),
    ];
    for event in events {
        let read: anthropic::MessageStreamEvent = serde_json::from_value(event.clone()).unwrap();
        let is_unknown = matches!(read, anthropic::MessageStreamEvent::Unknown(_));
        assert_eq!(is_unknown, event["type"] == "from_the_future", "{event}");
        again(&read);
    }
    let line: ollama::OllamaResponse = serde_json::from_value(json!({
        "model": "m", "message": {"role": "assistant", "content": "hi"}, "done": true,
        "done_reason": "stop", "prompt_eval_count": 1, "eval_count": 2
    }))
    .unwrap();
    again(&line);
}
