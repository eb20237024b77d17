//! OpenAI's responses API over HTTP.

use std::sync::Arc;

use cascade_core::ports::Provider;
use cascade_core::{
    ChatRequest, ErrorKind, FinishReason, Message, ModelConfig, Part, Role, ToolCall, ToolChoice,
};
use cascade_providers::{HttpProvider, dialect};
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::{Value, json};

use crate::support::{ask, fail, hear_all, once, provider, weather_tool};

fn by_responses(text: &str) -> ChatRequest {
    let mut request = ask(text);
    request.extra = Arc::new(json!({"api": "responses"}).as_object().unwrap().clone());
    request
}

fn output() -> Value {
    json!([
        {"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA",
            "summary": [{"type": "summary_text", "text": "Two parts."}]},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [
            {"type": "output_text", "text": "Paris.", "annotations": [], "logprobs": [
                {"token": "Paris", "logprob": -0.5, "bytes": [80],
                    "top_logprobs": [{"token": "Paris", "logprob": -0.5, "bytes": []}]}]}]},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather",
            "arguments": "{\"city\":\"Paris\"}", "status": "completed"},
        {"type": "function_call", "id": "fc_2", "call_id": "call_2", "name": "now",
            "arguments": "{}", "status": "completed"},
        {"type": "from_the_future", "x": 1}
    ])
}

fn whole(output: &Value) -> Value {
    json!({
        "id": "resp_1", "object": "response", "created_at": 1, "status": "completed",
        "error": null, "incomplete_details": null, "model": "gpt-5-mini", "output": output,
        "service_tier": "flex",
        "usage": {"input_tokens": 75, "input_tokens_details": {"cached_tokens": 64},
            "output_tokens": 40, "output_tokens_details": {"reasoning_tokens": 32},
            "total_tokens": 115}
    })
}

fn events(last: &str, response: &Value) -> Vec<Value> {
    let mut events =
        vec![json!({"type": "response.created", "response": {"status": "in_progress"}})];
    for (index, item) in output().as_array().unwrap().iter().enumerate() {
        let mut empty = item.clone();
        if item["type"] == "function_call" {
            empty["arguments"] = json!("");
        }
        events.push(
            json!({"type": "response.output_item.added", "output_index": index, "item": empty}),
        );
        let delta = |kind: &str, delta: &str| json!({"type": format!("response.{kind}.delta"), "output_index": index, "delta": delta});
        match item["type"].as_str().unwrap() {
            "reasoning" => events.push(delta("reasoning_summary_text", "Two parts.")),
            "message" => events.extend([delta("output_text", "Par"), delta("output_text", "is.")]),
            "function_call" => {
                let arguments = item["arguments"].as_str().unwrap();
                let (left, right) = arguments.split_at(1);
                events.extend([
                    delta("function_call_arguments", left),
                    delta("function_call_arguments", right),
                ]);
            }
            _ => {}
        }
        events.push(
            json!({"type": "response.output_item.done", "output_index": index, "item": item}),
        );
    }
    events.push(json!({"type": last, "response": response}));
    events
}

fn stream(events: &[Value]) -> Script {
    events.iter().fold(Script::stream("text/event-stream"), |script, event| {
        script.piece(format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()))
    })
}

#[tokio::test]
async fn a_plain_answer_and_a_streamed_one_are_the_same() {
    let mut bare = whole(&output());
    bare["output"] = json!([]);
    let server = LoopbackServer::sequence([
        Script::json(200, &whole(&output())),
        stream(&events("response.completed", &whole(&output()))).split_every(11),
        stream(&events("response.completed", &bare)),
    ]);
    let provider = provider("openai", &server);
    let plain = provider.complete(&by_responses("?")).await.unwrap();
    assert_eq!(plain.content, "Paris.");
    assert_eq!(plain.finish_reason, Some(FinishReason::ToolCalls));
    assert_eq!(
        plain.thinking,
        [Part::Thinking {
            text: "Two parts.".into(),
            signature: Some("openai:rs_1".into()),
            redacted: Some("gAAA".into()),
        }]
    );
    let calls: Vec<_> =
        plain.tool_calls.iter().map(|c| (&*c.id, &*c.name, &*c.arguments)).collect();
    assert_eq!(calls, [("call_1", "weather", "{\"city\":\"Paris\"}"), ("call_2", "now", "{}")]);
    let usage = plain.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.cached_input_tokens), (75, 64));
    assert_eq!((usage.output_tokens, usage.reasoning_tokens), (40, 32));
    assert_eq!(usage.service_tier, Some(cascade_core::ServiceTier::Flex));
    assert_eq!(plain.logprobs.as_ref().unwrap()[0].logprob, -0.5);
    assert_eq!(server.requests()[0].path, "/v1/responses");
    for _ in 0..2 {
        let heard = hear_all(&provider, &by_responses("?")).await;
        assert_eq!((&*heard.text, &*heard.thinking), ("Paris.", "Two parts."));
        assert_eq!(heard.arguments, ["{\"city\":\"Paris\"}", "{}"]);
        assert_eq!(heard.done.as_ref(), Some(&plain));
    }
}

#[tokio::test]
async fn a_request_is_written_in_items() {
    let server = LoopbackServer::sequence([Script::json(200, &whole(&json!([])))]);
    let mut request = ask("");
    request.model = "gpt-5-mini".into();
    request.messages = vec![
        Message::user("Weather?"),
        Message {
            role: Role::Assistant,
            parts: vec![
                Part::Thinking {
                    text: "Hm.".into(),
                    signature: Some("openai:rs_1".into()),
                    redacted: Some("gAAA".into()),
                },
                Part::Thinking { text: "x".into(), signature: Some("c2ln".into()), redacted: None },
                Part::text("I look."),
                Part::ToolCall(ToolCall {
                    id: "call_1".into(),
                    name: "weather".into(),
                    arguments: "{}".into(),
                }),
            ],
            name: None,
        },
        Message {
            role: Role::Tool,
            parts: vec![Part::ToolResult {
                call_id: "call_1".into(),
                content: "rain".into(),
                is_error: false,
            }],
            name: None,
        },
    ]
    .into();
    request.system = Some("Be brief.".into());
    request.max_tokens = Some(99);
    request.temperature = Some(0.5);
    request.tools = vec![weather_tool()].into();
    request.tool_choice = Some(ToolChoice::Named("weather".into()));
    request.response_format = Some(Arc::new(cascade_core::ResponseFormat::JsonSchema {
        name: "w".into(),
        schema: json!({"type": "object"}),
        strict: true,
    }));
    let extra = json!({"api": "responses", "reasoning_effort": "low", "verbosity": "high",
        "prompt_cache_key": "p", "reasoning": {"summary": "auto"}});
    request.extra = Arc::new(extra.as_object().unwrap().clone());
    provider("openai", &server).complete(&request).await.unwrap();
    assert_eq!(
        server.requests()[0].json(),
        json!({
            "model": "gpt-5-mini",
            "instructions": "Be brief.",
            "input": [
                {"type": "message", "role": "user", "content": "Weather?"},
                {"type": "reasoning", "id": "rs_1", "encrypted_content": "gAAA",
                    "summary": [{"type": "summary_text", "text": "Hm."}]},
                {"type": "message", "role": "assistant", "content": [
                    {"type": "output_text", "text": "I look.", "annotations": []}]},
                {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "call_1", "output": "rain"}
            ],
            "max_output_tokens": 99,
            "tools": [{"type": "function", "name": "weather", "description": "Weather of a city",
                "parameters": weather_tool().parameters, "strict": false}],
            "tool_choice": {"type": "function", "name": "weather"},
            "text": {"format": {"type": "json_schema", "name": "w", "strict": true,
                "schema": {"type": "object"}}, "verbosity": "high"},
            "reasoning": {"effort": "low", "summary": "auto"},
            "include": ["reasoning.encrypted_content"],
            "store": false,
            "prompt_cache_key": "p"
        })
    );
}

#[tokio::test]
async fn the_surface_is_chosen_by_model_request_and_table() {
    let path_of = async |name: &str, extra: Value, request_extra: Value| {
        let server = LoopbackServer::start(|request, _| {
            if request.path.ends_with("/responses") {
                Script::json(200, &whole(&json!([])))
            } else {
                Script::json(200, &crate::support::openai_answer("x"))
            }
        });
        let mut model = ModelConfig::new(name, "openai");
        model.api_key = Some(cascade_core::ApiKey::new("k"));
        model.base_url = Some(server.url());
        model.extra = extra.as_object().unwrap().clone();
        let made =
            HttpProvider::new(dialect("openai").unwrap(), &model, &|_| None, once()).unwrap();
        let mut request = ask("?");
        request.model = name.into();
        request.extra = Arc::new(request_extra.as_object().unwrap().clone());
        made.complete(&request).await.unwrap();
        assert!(server.requests()[0].json().get("api").is_none());
        server.requests()[0].path.clone()
    };
    let (responses, chat) = ("/v1/responses", "/v1/chat/completions");
    let by = |name: &str| json!({"api": name});
    assert_eq!(path_of("gpt-4o", json!({}), json!({})).await, chat);
    assert_eq!(path_of("gpt-4o", by("responses"), json!({})).await, responses);
    assert_eq!(path_of("gpt-4o", by("responses"), by("chat_completions")).await, chat);
    assert_eq!(path_of("gpt-4o", json!({}), by("responses")).await, responses);
    assert_eq!(path_of("o3-pro", json!({}), json!({})).await, responses);
    assert_eq!(path_of("o3-pro", by("chat_completions"), json!({})).await, chat);

    let mut model = ModelConfig::new("gpt-4o", "openai");
    model.extra = json!({"api": "telepathy"}).as_object().unwrap().clone();
    let made = HttpProvider::new(dialect("openai").unwrap(), &model, &|_| Some("k".into()), once());
    let error = made.err().unwrap();
    assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("extra.api")));
}

#[tokio::test]
async fn answers_that_end_early_or_fail_say_why() {
    let incomplete = |reason: &str| {
        let mut response = whole(&json!([{"type": "message", "role": "assistant", "content": [
            {"type": "output_text", "text": "Par", "annotations": []}]}]));
        response["status"] = json!("incomplete");
        response["incomplete_details"] = json!({"reason": reason});
        response
    };
    let refused = whole(&json!([{"type": "message", "role": "assistant", "content": [
        {"type": "refusal", "refusal": "No."}]}]));
    for (response, reason) in [
        (incomplete("max_output_tokens"), FinishReason::Length),
        (incomplete("content_filter"), FinishReason::ContentFilter),
        (refused, FinishReason::Refusal),
    ] {
        let last = json!({"type": "response.incomplete", "response": response});
        let server = LoopbackServer::sequence([Script::json(200, &response), stream(&[last])]);
        let provider = provider("openai", &server);
        let plain = provider.complete(&by_responses("?")).await.unwrap();
        assert_eq!(plain.finish_reason, Some(reason));
        assert_eq!(hear_all(&provider, &by_responses("?")).await.done, Some(plain));
    }
    let error = json!({"code": "rate_limit_exceeded", "message": "slow down"});
    let mut failed = whole(&Value::Null);
    failed["status"] = json!("failed");
    failed["error"] = error.clone();
    let scripts = [
        Script::json(200, &failed),
        stream(&[json!({"type": "response.failed", "response": failed})]),
        stream(&[json!({"type": "error", "code": "rate_limit_exceeded", "message": "slow down"})]),
        stream(&[json!({"type": "error", "error": error})]),
    ];
    for (index, script) in scripts.into_iter().enumerate() {
        let server = LoopbackServer::sequence([script]);
        let provider = crate::support::provider_with("openai", &server, once());
        let error = if index == 0 {
            fail(&provider, &by_responses("?")).await
        } else {
            provider.stream(&by_responses("?")).await.err().unwrap()
        };
        assert_eq!(error.kind(), ErrorKind::RateLimit, "{index}: {error}");
    }
}
