use std::time::Duration;

use cascade_core::ports::Provider;
use cascade_core::{
    ErrorKind, FinishReason, ImageSource, Message, Part, ResponseFormat, Role, ToolChoice, Usage,
};
use cascade_providers::discover_ollama;
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::{Value, json};

use crate::support::{ask, fail, hear_all, once, provider, provider_with, weather_tool};

fn line(message: &Value, end: bool) -> String {
    let mut line = json!({"model": "small", "created_at": "2026-11-21T00:00:00Z",
        "message": message, "done": end});
    if end {
        line["done_reason"] = json!("stop");
        line["prompt_eval_count"] = json!(11);
        line["eval_count"] = json!(4);
        line["total_duration"] = json!(5);
    }
    format!("{line}\n")
}

#[tokio::test]
async fn a_stream_of_lines_ends_in_the_plain_answer() {
    let call = json!([{"function": {"name": "weather", "arguments": {"city": "Åre"}}}]);
    let server = LoopbackServer::start(move |request, _| {
        if request.json()["stream"] == true {
            let lines = [
                line(&json!({"role": "assistant", "content": "", "thinking": "Hm "}), false),
                line(&json!({"role": "assistant", "content": "", "thinking": "hm."}), false),
                line(&json!({"role": "assistant", "content": "Snö "}), false),
                line(&json!({"role": "assistant", "content": "❄."}), false),
                line(&json!({"role": "assistant", "content": "", "tool_calls": call}), false),
                line(&json!({"role": "assistant", "content": ""}), true),
            ];
            lines
                .into_iter()
                .fold(Script::stream("application/x-ndjson"), Script::piece)
                .split_every(3)
        } else {
            let whole = json!({"role": "assistant", "content": "Snö ❄.", "thinking": "Hm hm.",
                "tool_calls": call});
            Script::body(200, "application/json; charset=utf-8", line(&whole, true))
        }
    });
    let provider = provider("ollama", &server);
    let plain = provider.complete(&ask("Weather?")).await.unwrap();
    assert_eq!(plain.content, "Snö ❄.");
    assert_eq!(plain.usage, Some(Usage::new(11, 4)));
    assert_eq!(plain.finish_reason, Some(FinishReason::ToolCalls));
    assert_eq!(plain.tool_calls[0].arguments, r#"{"city":"Åre"}"#);
    assert_eq!(plain.tool_calls[0].id, "call_0");
    let heard = hear_all(&provider, &ask("Weather?")).await;
    assert_eq!((&*heard.text, &*heard.thinking), ("Snö ❄.", "Hm hm."));
    assert_eq!(heard.arguments, [r#"{"city":"Åre"}"#]);
    assert_eq!(heard.done, Some(plain));
}

#[tokio::test]
async fn a_request_is_written_as_the_dialect_wants_it() {
    let answer = line(&json!({"role": "assistant", "content": "ok"}), true);
    let server = LoopbackServer::sequence([Script::body(200, "application/json", answer)]);
    let mut request = ask("");
    request.messages = vec![Message {
        role: Role::User,
        parts: vec![
            Part::text("What is this?"),
            Part::Image {
                source: ImageSource::Base64 { media_type: "image/png".into(), data: "aGk=".into() },
            },
        ],
        name: None,
    }]
    .into();
    request.system = Some("Be brief.".into());
    request.max_tokens = Some(64);
    request.temperature = Some(0.5);
    request.seed = Some(1);
    request.logprobs = true;
    let mut other = weather_tool();
    other.name = "other".into();
    request.tools = vec![weather_tool(), other].into();
    request.tool_choice = Some(ToolChoice::Named("weather".into()));
    let schema = json!({"type": "object"});
    request.response_format = Some(std::sync::Arc::new(ResponseFormat::JsonSchema {
        name: "a".into(),
        schema: schema.clone(),
        strict: true,
    }));
    request.extra = std::sync::Arc::new(
        json!({"num_ctx": 8192, "keep_alive": "5m", "options": {"top_k": 4}})
            .as_object()
            .unwrap()
            .clone(),
    );
    provider("ollama", &server).complete(&request).await.unwrap();
    let sent = &server.requests()[0];
    assert_eq!(sent.path, "/api/chat");
    let body = sent.json();
    assert_eq!(
        body["messages"],
        json!([
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What is this?", "images": ["aGk="]}
        ])
    );
    assert_eq!(
        body["options"],
        json!({"temperature": 0.5, "num_predict": 64, "seed": 1, "num_ctx": 8192, "top_k": 4})
    );
    assert_eq!((&body["keep_alive"], &body["stream"]), (&json!("5m"), &json!(false)));
    assert_eq!((&body["format"], &body["logprobs"]), (&schema, &json!(true)));
    assert_eq!(body["tools"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn pictures_on_the_web_are_refused_with_the_remedy() {
    let server = LoopbackServer::sequence([Script::json(200, &json!({}))]);
    let mut request = ask("");
    request.messages = vec![Message {
        role: Role::User,
        parts: vec![Part::Image { source: ImageSource::Url { url: "https://x/y.png".into() } }],
        name: None,
    }]
    .into();
    let error = fail(&provider("ollama", &server), &request).await;
    assert_eq!((error.kind(), error.field()), (ErrorKind::Validation, Some("messages[0]")));
    assert!(error.hint().unwrap().contains("base64"));
    assert_eq!(server.counts().requests, 0);
}

#[tokio::test]
async fn a_model_that_is_not_pulled_names_the_command() {
    let body = json!({"error": "model 'small' not found"});
    let server = LoopbackServer::sequence([Script::json(404, &body)]);
    let error = fail(&provider("ollama", &server), &ask("?")).await;
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.hint(), Some("run `ollama pull small`"));
    assert_eq!(server.counts().requests, 1);
}

#[tokio::test]
async fn an_error_line_ends_the_stream() {
    let script = Script::stream("application/x-ndjson")
        .piece(line(&json!({"role": "assistant", "content": "Half"}), false))
        .piece("{\"error\": \"llama runner process has terminated\"}\n");
    let server = LoopbackServer::sequence([script]);
    let heard = hear_all(&provider_with("ollama", &server, once()), &ask("?")).await;
    assert_eq!(heard.text, "Half");
    assert_eq!(heard.error.unwrap().kind(), ErrorKind::Overloaded);
}

#[tokio::test]
async fn a_local_server_is_found_or_not() {
    let tags = json!({"models": [{"name": "llama3:8b", "size": 4_700_000_000_u64}, {"name": "q"}]});
    let server = LoopbackServer::sequence([Script::json(200, &tags)]);
    let url = server.url();
    let found = discover_ollama(Some(&url), &|_| None, Duration::from_secs(5)).await.unwrap();
    assert_eq!(found[0].id, "llama3:8b");
    assert_eq!(found[0].size_bytes, Some(4_700_000_000));
    // The variable of Ollama itself has no scheme.
    let host = server.address().to_string();
    let lookup = |name: &str| (name == "OLLAMA_HOST").then(|| host.clone());
    assert_eq!(discover_ollama(None, &lookup, Duration::from_secs(5)).await.unwrap().len(), 2);

    let silent = LoopbackServer::sequence([Script::json(200, &tags).delay_head(Duration::MAX)]);
    let none = discover_ollama(Some(&silent.url()), &|_| None, Duration::from_millis(50)).await;
    assert_eq!(none, None);
    drop(server);
    assert_eq!(discover_ollama(Some(&url), &|_| None, Duration::from_secs(5)).await, None);
}
