use cascade_core::ports::Provider;
use cascade_core::{
    ApiKey, ChatRequest, FinishReason, Message, ModelConfig, Part, ToolChoice, Usage,
};
use cascade_providers::{HttpProvider, dialect};
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::json;

use crate::support::{
    KEY, ask, hear_all, openai_answer, openai_chunks, provider, quick, weather_tool,
};

#[tokio::test]
async fn a_plain_call_sends_the_question_and_reads_the_answer() {
    let answer = Script::json(200, &openai_answer("Paris."));
    let server = LoopbackServer::sequence([answer.header("x-request-id", "req-7")]);
    let mut request = ask("Capital of France?");
    request.system = Some("Be brief.".into());
    request.max_tokens = Some(50);
    request.temperature = Some(0.25);
    request.seed = Some(7);
    let response = provider("openai", &server).complete(&request).await.unwrap();

    assert_eq!(response.content, "Paris.");
    assert_eq!(response.model.as_deref(), Some("small-2026"));
    assert_eq!(response.finish_reason, Some(FinishReason::Stop));
    assert_eq!(response.usage, Some(Usage::new(9, 3)));
    assert_eq!(response.request_id.as_deref(), Some("req-7"));

    let sent = &server.requests()[0];
    assert_eq!((&*sent.method, &*sent.path), ("POST", "/v1/chat/completions"));
    assert_eq!(sent.header("authorization"), Some("Bearer sk-test-0123456789abcdef"));
    assert_eq!(
        sent.json(),
        json!({
            "model": "small",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Capital of France?"}
            ],
            "max_tokens": 50,
            "temperature": 0.25,
            "seed": 7
        })
    );
}

#[tokio::test]
async fn a_stream_gives_pieces_and_ends_in_the_plain_answer() {
    let server = LoopbackServer::start(|request, _| {
        if request.json()["stream"] == true {
            Script::sse(openai_chunks(&["Par", "is", "."])).split_every(5)
        } else {
            Script::json(200, &openai_answer("Paris."))
        }
    });
    let provider = provider("openai", &server);
    let request = ask("Capital of France?");
    let plain = provider.complete(&request).await.unwrap();
    let heard = hear_all(&provider, &request).await;

    assert_eq!(heard.text, "Paris.");
    assert_eq!(heard.deltas, 4);
    assert_eq!(heard.done, Some(plain));
    assert_eq!(server.requests()[1].json()["stream_options"], json!({"include_usage": true}));
}

#[tokio::test]
async fn tool_calls_arrive_whole_from_interleaved_fragments() {
    let fragment = |index: usize, id: Option<&str>, name: Option<&str>, arguments: &str| {
        json!({"choices": [{"index": 0, "delta": {"tool_calls": [{
            "index": index, "id": id, "type": "function",
            "function": {"name": name, "arguments": arguments}
        }]}, "finish_reason": null}]})
        .to_string()
    };
    let city = "x".repeat(500);
    let mut events = vec![
        fragment(0, Some("call_a"), Some("weather"), ""),
        fragment(1, Some("call_b"), Some("weather"), ""),
        fragment(2, Some("call_c"), Some("now"), ""),
    ];
    let long = format!("{{\"city\": \"{city}\"}}");
    for (at, letter) in long.char_indices() {
        events.push(fragment(at % 2, None, None, &letter.to_string()));
        events.push(fragment((at + 1) % 2, None, None, &letter.to_string()));
    }
    events.push(
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}).to_string(),
    );
    events.push("[DONE]".into());
    let server = LoopbackServer::sequence([Script::sse(events)]);
    let mut request = ask("Weather?");
    request.tools = vec![weather_tool()].into();
    request.tool_choice = Some(ToolChoice::Named("weather".into()));
    let heard = hear_all(&provider("openai", &server), &request).await;

    let done = heard.done.unwrap();
    assert_eq!(done.finish_reason, Some(FinishReason::ToolCalls));
    let calls: Vec<_> = done.tool_calls.iter().map(|c| (&*c.id, &*c.name, &*c.arguments)).collect();
    assert_eq!(
        calls,
        [("call_a", "weather", &*long), ("call_b", "weather", &*long), ("call_c", "now", "")]
    );
    assert_eq!(heard.arguments, [long.clone(), long, String::new()]);
    assert_eq!(
        server.requests()[0].json()["tool_choice"],
        json!({"type": "function", "function": {"name": "weather"}})
    );
}

#[tokio::test]
async fn calls_that_share_an_index_are_told_apart_by_their_ids() {
    let call = |id: &str, city: &str| {
        json!({"choices": [{"index": 0, "delta": {"tool_calls": [{
            "index": 0, "id": id,
            "function": {"name": "weather", "arguments": format!("{{\"city\":\"{city}\"}}")}
        }]}}]})
        .to_string()
    };
    let end = json!({"choices": [{"index": 0, "finish_reason": "tool_calls"}]}).to_string();
    let events = [call("a", "Oslo"), call("b", "Rome"), end];
    let server = LoopbackServer::sequence([Script::sse(events)]);
    let heard = hear_all(&provider("vllm", &server), &ask("Weather?")).await;
    assert_eq!(heard.arguments, [r#"{"city":"Oslo"}"#, r#"{"city":"Rome"}"#]);
}

#[tokio::test]
async fn usage_details_reasoning_and_reported_cost_are_kept() {
    let mut answer = openai_answer("42");
    answer["choices"][0]["message"]["reasoning"] = json!("six times seven");
    answer["usage"] = json!({
        "prompt_tokens": 100, "completion_tokens": 50,
        "prompt_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 16},
        "completion_tokens_details": {"reasoning_tokens": 40},
        "cost": 0.000_012_5
    });
    let server = LoopbackServer::sequence([Script::json(200, &answer)]);
    let response = provider("openrouter", &server).complete(&ask("?")).await.unwrap();
    let usage = response.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens), (100, 50));
    assert_eq!((usage.cached_input_tokens, usage.cache_write_5m_tokens), (64, 16));
    assert_eq!(usage.reasoning_tokens, 40);
    assert_eq!(response.reported_cost, Some("0.0000125".parse().unwrap()));
    let [Part::Thinking { text, .. }] = response.thinking.as_slice() else { panic!("no thinking") };
    assert_eq!(text, "six times seven");
}

#[tokio::test]
async fn usage_that_is_missing_late_or_repeated_is_counted_once() {
    let text = json!({"choices": [{"index": 0, "delta": {"content": "a"}}]}).to_string();
    let end = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}).to_string();
    let usage = |n: u64| {
        json!({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": n}}).to_string()
    };
    let done = || "[DONE]".to_owned();
    let cases = [
        (vec![text.clone(), end.clone(), done()], None),
        (vec![text.clone(), end.clone(), usage(1), done()], Some(Usage::new(5, 1))),
        (vec![text, usage(1), end, usage(2), usage(2), done()], Some(Usage::new(5, 2))),
    ];
    for (events, expected) in cases {
        let server = LoopbackServer::sequence([Script::sse(events)]);
        let heard = hear_all(&provider("openai", &server), &ask("?")).await;
        assert_eq!(heard.done.unwrap().usage, expected);
    }
    let groq = json!({
        "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}],
        "x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 1}}
    });
    let server = LoopbackServer::sequence([Script::sse([groq.to_string(), "[DONE]".into()])]);
    let heard = hear_all(&provider("groq", &server), &ask("?")).await;
    assert_eq!(heard.done.unwrap().usage, Some(Usage::new(3, 1)));
}

#[tokio::test]
async fn logprobs_are_read_in_both_forms() {
    let mut answer = openai_answer("Hi");
    answer["choices"][0]["logprobs"] = json!({"content": [{
        "token": "Hi", "logprob": -0.5, "bytes": [72, 105],
        "top_logprobs": [{"token": "Hi", "logprob": -0.5}, {"token": "Yo", "logprob": -1.5}]
    }]});
    let server = LoopbackServer::sequence([Script::json(200, &answer)]);
    let mut request = ask("?");
    request.logprobs = true;
    let response = provider("openai", &server).complete(&request).await.unwrap();
    let logprobs = response.logprobs.unwrap();
    assert_eq!((&*logprobs[0].token, logprobs[0].logprob), ("Hi", -0.5));
    assert_eq!(logprobs[0].top[1], ("Yo".to_owned(), -1.5));
    let sent = server.requests()[0].json();
    assert_eq!((&sent["logprobs"], &sent["top_logprobs"]), (&json!(true), &json!(5)));

    answer["choices"][0]["logprobs"] =
        json!({"tokens": ["H", "i"], "token_logprobs": [null, -2.0]});
    let server = LoopbackServer::sequence([Script::json(200, &answer)]);
    let together = provider("together", &server);
    let response = together.complete(&request).await.unwrap();
    assert_eq!(response.logprobs.unwrap().len(), 1);
    assert_eq!(server.requests()[0].json()["logprobs"], 1);
    assert!(together.supports_logprobs());
    assert!(!provider("groq", &server).supports_logprobs());
}

#[tokio::test]
async fn a_refusal_is_an_answer_that_says_so() {
    let mut answer = openai_answer("");
    answer["choices"][0]["message"] =
        json!({"role": "assistant", "content": null, "refusal": "I cannot help with that."});
    let chunks = [
        json!({"id": "chatcmpl-1", "model": "small-2026", "choices":
            [{"index": 0, "delta": {"refusal": "I cannot help "}}]})
        .to_string(),
        json!({"choices": [{"index": 0, "delta": {"refusal": "with that."},
            "finish_reason": "stop"}]})
        .to_string(),
        json!({"choices": [], "usage": answer["usage"]}).to_string(),
        "[DONE]".into(),
    ];
    let server = LoopbackServer::sequence([Script::json(200, &answer), Script::sse(chunks)]);
    let provider = provider("openai", &server);
    let plain = provider.complete(&ask("?")).await.unwrap();
    assert_eq!(plain.finish_reason, Some(FinishReason::Refusal));
    assert_eq!(plain.content, "I cannot help with that.");
    let heard = hear_all(&provider, &ask("?")).await;
    assert_eq!(heard.text, plain.content);
    assert_eq!(heard.done, Some(plain));
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood() {
    let server = LoopbackServer::sequence([Script::json(200, &openai_answer("Paris."))]);
    let heard = hear_all(&provider("openai", &server), &ask("?")).await;
    assert_eq!(heard.text, "Paris.");
    assert_eq!(heard.done.unwrap().content, "Paris.");
}

#[tokio::test]
async fn models_are_listed_in_both_forms() {
    let wrapped = json!({"object": "list", "data": [{"id": "a", "object": "model"}, {"id": "b"}]});
    let bare = json!([{"id": "c", "type": "chat"}]);
    let server = LoopbackServer::sequence([Script::json(200, &wrapped), Script::json(200, &bare)]);
    let provider = provider("together", &server);
    let ids = |models: Vec<cascade_providers::ListedModel>| {
        models.into_iter().map(|model| model.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(provider.list_models().await.unwrap()), ["a", "b"]);
    assert_eq!(ids(provider.list_models().await.unwrap()), ["c"]);
    let sent = &server.requests()[0];
    assert_eq!((&*sent.method, &*sent.path), ("GET", "/v1/models"));
}

#[tokio::test]
async fn a_router_is_told_who_serves_a_model_that_does_not_say_it() {
    let answer = json!({"choices": [{"message": {"role": "assistant", "content": "ok"},
        "finish_reason": "stop"}]});
    let server = LoopbackServer::start(move |_, _| Script::json(200, &answer));
    let mut model = ModelConfig::new("org/m", "huggingface");
    model.api_key = Some(ApiKey::new(KEY));
    model.base_url = Some(server.url());
    model.extra.insert("inference_provider".into(), json!("together"));
    let provider =
        HttpProvider::new(dialect("huggingface").unwrap(), &model, &|_| None, quick()).unwrap();
    for (model, sent) in [("org/m", "org/m:together"), ("org/m:groq", "org/m:groq")] {
        let request = ChatRequest::new(model, vec![Message::user("hi")]);
        provider.complete(&request).await.unwrap();
        let body = server.requests().last().unwrap().json();
        assert_eq!(body["model"], sent);
        assert_eq!(body.get("inference_provider"), None, "the setting is the driver's own");
    }
}
