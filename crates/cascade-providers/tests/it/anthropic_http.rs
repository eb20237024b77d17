use cascade_core::ports::Provider;
use cascade_core::{FinishReason, Message, Part, Role, ToolCall, ToolChoice};
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::{Value, json};

use crate::support::{KEY, ask, hear_all, provider, weather_tool};

fn answer() -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
        "content": [
            {"type": "thinking", "thinking": "Two tools.", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "ZW5j"},
            {"type": "text", "text": "Let me look."},
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
            {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}},
            {"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}}
        ],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {
            "input_tokens": 10, "output_tokens": 20,
            "cache_read_input_tokens": 300, "cache_creation_input_tokens": 70,
            "cache_creation": {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 20}
        }
    })
}

fn event(value: &Value) -> String {
    format!("event: {}\ndata: {value}\n\n", value["type"].as_str().unwrap())
}

/// The events that make [`answer`].
fn events() -> Vec<Value> {
    let start = |index: usize, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let delta = |index: usize, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let stop = |index: usize| json!({"type": "content_block_stop", "index": index});
    vec![
        json!({"type": "message_start", "message": {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
            "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": {"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 300,
                "cache_creation_input_tokens": 70, "cache_creation":
                {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 20}}
        }}),
        json!({"type": "ping"}),
        start(0, json!({"type": "thinking", "thinking": "", "signature": ""})),
        delta(0, json!({"type": "thinking_delta", "thinking": "Two "})),
        delta(0, json!({"type": "thinking_delta", "thinking": "tools."})),
        delta(0, json!({"type": "signature_delta", "signature": "c2ln"})),
        stop(0),
        start(1, json!({"type": "redacted_thinking", "data": "ZW5j"})),
        stop(1),
        start(2, json!({"type": "text", "text": ""})),
        delta(2, json!({"type": "text_delta", "text": "Let me "})),
        json!({"type": "some_future_event", "x": 1}),
        delta(2, json!({"type": "text_delta", "text": "look."})),
        delta(2, json!({"type": "citations_delta", "citation": {}})),
        stop(2),
        start(3, json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}})),
        delta(3, json!({"type": "input_json_delta", "partial_json": "{}"})),
        stop(3),
        start(4, json!({"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}})),
        delta(4, json!({"type": "input_json_delta", "partial_json": ""})),
        delta(4, json!({"type": "input_json_delta", "partial_json": "{\"city\": "})),
        delta(4, json!({"type": "input_json_delta", "partial_json": "\"Oslo\"}"})),
        stop(4),
        start(5, json!({"type": "tool_use", "id": "toolu_2", "name": "now", "input": {}})),
        stop(5),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use",
            "stop_sequence": null}, "usage": {"output_tokens": 20}}),
        json!({"type": "message_stop"}),
    ]
}

fn streamed() -> Script {
    events().iter().fold(Script::stream("text/event-stream; charset=utf-8"), |script, value| {
        script.piece(event(value))
    })
}

#[tokio::test]
async fn every_block_and_count_is_read() {
    let server =
        LoopbackServer::sequence([Script::json(200, &answer()).header("request-id", "req_9")]);
    let response = provider("anthropic", &server).complete(&ask("Weather?")).await.unwrap();
    assert_eq!(response.content, "Let me look.");
    assert_eq!(response.finish_reason, Some(FinishReason::ToolCalls));
    assert_eq!(response.request_id.as_deref(), Some("req_9"));
    let calls: Vec<_> =
        response.tool_calls.iter().map(|c| (&*c.id, &*c.name, &*c.arguments)).collect();
    assert_eq!(calls, [("toolu_1", "weather", r#"{"city":"Oslo"}"#), ("toolu_2", "now", "{}")]);
    assert_eq!(
        response.thinking,
        [
            Part::Thinking {
                text: "Two tools.".into(),
                signature: Some("c2ln".into()),
                redacted: None
            },
            Part::Thinking { text: String::new(), signature: None, redacted: Some("ZW5j".into()) },
        ]
    );
    let usage = response.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens), (380, 20));
    assert_eq!(usage.cached_input_tokens, 300);
    assert_eq!((usage.cache_write_5m_tokens, usage.cache_write_1h_tokens), (50, 20));

    let sent = &server.requests()[0];
    assert_eq!(sent.path, "/v1/messages");
    assert_eq!(sent.header("x-api-key"), Some(KEY));
    assert_eq!(sent.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(sent.header("authorization"), None);
    assert_eq!(sent.json()["max_tokens"], 4096);
}

#[tokio::test]
async fn a_stream_ends_in_the_plain_answer_however_it_is_split() {
    for size in [1, 7, 4096] {
        let server = LoopbackServer::start(move |request, _| {
            if request.json()["stream"] == true {
                streamed().split_every(size)
            } else {
                Script::json(200, &answer())
            }
        });
        let provider = provider("anthropic", &server);
        let plain = provider.complete(&ask("Weather?")).await.unwrap();
        let heard = hear_all(&provider, &ask("Weather?")).await;
        assert_eq!(heard.text, "Let me look.");
        assert_eq!(heard.thinking, "Two tools.");
        assert_eq!(heard.arguments, [r#"{"city": "Oslo"}"#, ""]);
        assert_eq!(heard.done, Some(plain));
    }
}

#[tokio::test]
async fn a_conversation_with_tools_is_written_as_the_dialect_wants_it() {
    let server = LoopbackServer::sequence([Script::json(200, &answer())]);
    let call = |id: &str, name: &str, arguments: &str| {
        Part::ToolCall(ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() })
    };
    let result = |id: &str, content: &str, is_error: bool| Message {
        role: Role::Tool,
        parts: vec![Part::ToolResult { call_id: id.into(), content: content.into(), is_error }],
        name: None,
    };
    let thinking = |signature: Option<&str>| Part::Thinking {
        text: "hm".into(),
        signature: signature.map(str::to_owned),
        redacted: None,
    };
    let mut request = ask("");
    request.messages = vec![
        Message {
            role: Role::User,
            parts: vec![Part::Text {
                text: "Weather?".into(),
                cache_control: Some(json!({"type": "ephemeral"})),
            }],
            name: None,
        },
        Message {
            role: Role::Assistant,
            parts: vec![
                thinking(Some("c2ln")),
                thinking(None),
                thinking(Some("")),
                call("t1", "weather", r#"{"city":"Oslo"}"#),
                call("t2", "now", ""),
            ],
            name: None,
        },
        result("t1", "rain", false),
        result("t2", "no clock", true),
        Message::user("So?"),
    ]
    .into();
    request.system = Some("Be brief.".into());
    request.tools = vec![weather_tool()].into();
    request.tool_choice = Some(ToolChoice::Required);
    request.temperature = Some(1.7);
    request.stop = vec!["END".to_owned()].into();
    request.extra = std::sync::Arc::new(
        json!({"anthropic_beta": ["a-1", "b-2"], "top_k": 3}).as_object().unwrap().clone(),
    );
    provider("anthropic", &server).complete(&request).await.unwrap();
    let sent = &server.requests()[0];
    assert_eq!(sent.header("anthropic-beta"), Some("a-1,b-2"));
    assert_eq!(
        sent.json(),
        json!({
            "model": "small", "max_tokens": 4096, "system": "Be brief.",
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "Weather?",
                    "cache_control": {"type": "ephemeral"}}]},
                {"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                    {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Oslo"}},
                    {"type": "tool_use", "id": "t2", "name": "now", "input": {}}
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": "rain"},
                    {"type": "tool_result", "tool_use_id": "t2", "content": "no clock",
                        "is_error": true},
                    {"type": "text", "text": "So?"}
                ]}
            ],
            "temperature": 1.0, "stop_sequences": ["END"],
            "tools": [{"name": "weather", "description": "Weather of a city",
                "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}],
            "tool_choice": {"type": "any"}, "top_k": 3
        })
    );
}

#[tokio::test]
async fn arguments_cut_by_the_token_limit_are_kept_as_they_came() {
    let mut cut = events();
    cut.truncate(22);
    cut.remove(21);
    cut.push(json!({"type": "message_delta", "delta": {"stop_reason": "max_tokens"},
        "usage": {"output_tokens": 20}}));
    cut.push(json!({"type": "message_stop"}));
    let script = cut
        .iter()
        .fold(Script::stream("text/event-stream"), |script, value| script.piece(event(value)));
    let server = LoopbackServer::sequence([script]);
    let done = hear_all(&provider("anthropic", &server), &ask("?")).await.done.unwrap();
    assert_eq!(done.finish_reason, Some(FinishReason::Length));
    assert_eq!(done.tool_calls[0].arguments, "{\"city\": ");
}

#[tokio::test]
async fn models_are_listed() {
    let list = json!({"data": [{"type": "model", "id": "claude-x"}], "has_more": false});
    let server = LoopbackServer::sequence([Script::json(200, &list)]);
    let models = provider("anthropic", &server).list_models().await.unwrap();
    assert_eq!(models[0].id, "claude-x");
    assert_eq!(server.requests()[0].path, "/v1/models?limit=1000");
}
