use std::sync::Arc;

use cascade_core::ports::Provider;
use cascade_core::{
    ChatRequest, ErrorKind, ImageSource, Message, Part, ResponseFormat, Role, ToolCall, ToolChoice,
};
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::{Value, json};

use crate::support::{ask, fail, openai_answer, provider, weather_tool};

/// The body that `name` is sent for `request`.
async fn body(name: &str, request: &ChatRequest) -> Value {
    let answer = match name {
        "anthropic" => json!({"content": [{"type": "text", "text": "ok"}]}),
        _ => openai_answer("ok"),
    };
    let server = LoopbackServer::sequence([Script::json(200, &answer)]);
    provider(name, &server).complete(request).await.unwrap();
    server.requests()[0].json()
}

fn extra(value: Value) -> Arc<serde_json::Map<String, Value>> {
    Arc::new(value.as_object().unwrap().clone())
}

#[tokio::test]
async fn a_conversation_with_pictures_and_tools_is_written_as_openai_wants_it() {
    let mut request = ask("");
    request.messages = vec![
        Message {
            role: Role::User,
            parts: vec![
                Part::text("What is this?"),
                Part::Image { source: ImageSource::Url { url: "https://x/y.png".into() } },
                Part::Image {
                    source: ImageSource::Base64 {
                        media_type: "image/png".into(),
                        data: "aGk=".into(),
                    },
                },
            ],
            name: Some("ada".into()),
        },
        Message {
            role: Role::Assistant,
            parts: vec![
                Part::Thinking { text: "hm".into(), signature: None, redacted: None },
                Part::ToolCall(ToolCall {
                    id: "c1".into(),
                    name: "weather".into(),
                    arguments: "{ }".into(),
                }),
            ],
            name: None,
        },
        Message {
            role: Role::Tool,
            parts: vec![Part::ToolResult {
                call_id: "c1".into(),
                content: "rain".into(),
                is_error: false,
            }],
            name: None,
        },
    ]
    .into();
    request.tools = vec![weather_tool()].into();
    request.tool_choice = Some(ToolChoice::Required);
    request.stop = vec!["END".to_owned()].into();
    let sent = body("openai", &request).await;
    assert_eq!(
        sent["messages"],
        json!([
            {"role": "user", "name": "ada", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
            ]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function",
                    "function": {"name": "weather", "arguments": "{ }"}}
            ]},
            {"role": "tool", "content": "rain", "tool_call_id": "c1"}
        ])
    );
    assert_eq!(sent["tools"][0]["function"]["name"], "weather");
    assert_eq!((&sent["tool_choice"], &sent["stop"]), (&json!("required"), &json!(["END"])));
}

#[tokio::test]
async fn models_get_what_they_accept() {
    let mut request = ask("?");
    request.max_tokens = Some(9);
    request.temperature = Some(0.7);
    request.top_p = Some(0.9);
    request.logprobs = true;
    let fields = ["max_tokens", "max_completion_tokens", "temperature", "top_p", "logprobs"];
    let cases: [(&str, &str, &[&str]); 10] = [
        ("openai", "gpt-4o", &["max_tokens", "temperature", "top_p", "logprobs"]),
        ("openai", "o3-mini", &["max_completion_tokens"]),
        ("openai", "gpt-5-mini", &["max_completion_tokens"]),
        (
            "openai",
            "gpt-5-chat-latest",
            &["max_completion_tokens", "temperature", "top_p", "logprobs"],
        ),
        ("groq", "gpt-5", &["max_tokens", "temperature", "top_p"]),
        ("deepseek", "deepseek-reasoner", &["max_tokens"]),
        ("anthropic", "claude-3-haiku-20240307", &["max_tokens", "temperature", "top_p"]),
        ("anthropic", "claude-sonnet-4-5", &["max_tokens", "temperature"]),
        ("anthropic", "claude-opus-4-7", &["max_tokens"]),
        ("anthropic", "claude-sonnet-5", &["max_tokens"]),
    ];
    for (name, model, expected) in cases {
        request.model = model.into();
        let sent = body(name, &request).await;
        let there: Vec<_> = fields.into_iter().filter(|field| sent.get(*field).is_some()).collect();
        assert_eq!(there, expected, "{name} {model}");
    }
}

#[tokio::test]
async fn extra_parameters_pass_untouched_and_win() {
    let mut request = ask("?");
    request.temperature = Some(0.7);
    request.extra = extra(json!({"temperature": 0.1, "top_k": 5, "custom": {"a": [1, null]}}));
    let sent = body("vllm", &request).await;
    assert_eq!(sent["temperature"], 0.1);
    assert_eq!((&sent["top_k"], &sent["custom"]), (&json!(5), &json!({"a": [1, null]})));
}

#[tokio::test]
async fn parameters_of_the_driver_cannot_be_replaced() {
    for (name, parameter) in [("openai", "stream"), ("anthropic", "messages"), ("ollama", "model")]
    {
        let server = LoopbackServer::sequence([Script::json(200, &json!({}))]);
        let mut request = ask("?");
        request.extra = extra(json!({ parameter: true }));
        let error = fail(&provider(name, &server), &request).await;
        assert_eq!(error.kind(), ErrorKind::Validation);
        assert_eq!(error.field(), Some(&*format!("extra.{parameter}")));
        assert_eq!(server.counts().requests, 0);
    }
}

#[tokio::test]
async fn the_form_of_the_answer_is_asked_for_in_each_dialect() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
    let form = |strict: bool| {
        Some(Arc::new(ResponseFormat::JsonSchema {
            name: "answer".into(),
            schema: schema.clone(),
            strict,
        }))
    };
    let mut request = ask("?");
    request.system = Some("Be brief.".into());
    request.response_format = form(true);
    assert_eq!(
        body("openai", &request).await["response_format"],
        json!({"type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema, "strict": true}})
    );
    let deepseek = body("deepseek", &request).await;
    assert_eq!(deepseek["response_format"], json!({"type": "json_object"}));
    let system = deepseek["messages"][0]["content"].as_str().unwrap();
    assert!(system.starts_with("Be brief.") && system.contains(&schema.to_string()));
    assert_eq!(
        body("anthropic", &request).await["output_config"],
        json!({"format": {"type": "json_schema", "schema": schema}})
    );
    request.response_format = form(false);
    let anthropic = body("anthropic", &request).await;
    assert!(anthropic.get("output_config").is_none());
    assert!(anthropic["system"][1]["text"].as_str().unwrap().contains(&schema.to_string()));
    request.response_format = Some(Arc::new(ResponseFormat::JsonObject));
    assert_eq!(body("groq", &request).await["response_format"], json!({"type": "json_object"}));
}

#[tokio::test]
async fn cache_markers_reach_only_those_who_know_them() {
    let mut request = ask("");
    request.messages = vec![Message {
        role: Role::User,
        parts: vec![Part::Text {
            text: "long".into(),
            cache_control: Some(json!({"type": "ephemeral", "ttl": "1h"})),
        }],
        name: None,
    }]
    .into();
    assert_eq!(body("openai", &request).await["messages"][0]["content"], "long");
    for name in ["openrouter", "anthropic"] {
        let sent = body(name, &request).await;
        assert_eq!(sent["messages"][0]["content"][0]["cache_control"]["ttl"], "1h", "{name}");
    }
}

#[tokio::test]
async fn a_tool_message_without_a_result_is_refused() {
    let mut request = ask("");
    request.messages = vec![Message::user("a"), Message::new(Role::Tool, "rain")].into();
    for name in ["openai", "anthropic", "ollama"] {
        let server = LoopbackServer::sequence([Script::json(200, &json!({}))]);
        let error = fail(&provider(name, &server), &request).await;
        assert_eq!(
            (error.kind(), error.field()),
            (ErrorKind::Validation, Some("messages[1]")),
            "{name}"
        );
    }
}
