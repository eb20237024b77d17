//! `cascadeflow run` against a loopback server.

use std::fs;

use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::{Value, json};

use crate::command::{Outcome, cascadeflow, cascadeflow_in};

/// Answers every question: the small model with `draft`, any other with `answer`.
fn server(draft: &'static str, answer: &'static str) -> LoopbackServer {
    LoopbackServer::start(move |request, _| {
        let body = request.json();
        let text = if body["model"] == "small" { draft } else { answer };
        let usage = json!({"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30});
        if body["stream"] == true {
            let (first, second) = text.split_at(text.len() / 2);
            let chunk = |choices: Value, usage: Value| {
                json!({"id": "1", "object": "chat.completion.chunk", "model": body["model"],
                    "choices": choices, "usage": usage})
                .to_string()
            };
            let delta = |text: &str, finish: Value| json!([{"index": 0, "delta": {"content": text}, "finish_reason": finish}]);
            Script::sse([
                chunk(delta(first, Value::Null), Value::Null),
                chunk(delta(second, json!("stop")), Value::Null),
                chunk(json!([]), usage),
                "[DONE]".to_owned(),
            ])
        } else {
            let message = json!({"role": "assistant", "content": text});
            Script::json(
                200,
                &json!({"id": "1", "object": "chat.completion", "model": body["model"],
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": usage}),
            )
        }
    })
}

const QUESTION: &str = "What is the capital of France?";
const GOOD: &str = "The capital of France is Paris.";
const REFUSAL: &str = "I'm sorry, but I can't help with that request.";

/// Asks two models of `server`, priced 0.001 and 0.01 USD per 1,000 tokens.
fn ask(server: &LoopbackServer, more: &[&str]) -> Outcome {
    let url = format!("{}/v1", server.url());
    let mut args = vec!["run", QUESTION, "-m", "openai/small:0.001", "-m", "openai/large:0.01"];
    args.extend(["--base-url", &url]);
    args.extend(more);
    cascadeflow_in(args, [("OPENAI_API_KEY", "sk-secret")], "")
}

#[test]
fn the_answer_streams_and_model_cost_and_saving_follow() {
    let server = server(GOOD, "unused");
    let outcome = ask(&server, &[]);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let (answer, rest) = outcome.out.split_once('\n').unwrap();
    assert_eq!(answer, GOOD);
    assert!(rest.contains("model small (openai) · draft accepted"), "{rest}");
    // 30 tokens at 0.001 per 1,000 instead of 0.01.
    assert!(rest.contains("cost $0.000030 · saved $0.000270 (90.0 %)"), "{rest}");
    assert!(server.requests().iter().all(|request| request.json()["stream"] == true));
    assert!(!outcome.out.contains("sk-secret") && !outcome.err.contains("sk-secret"));
}

#[test]
fn a_rejected_draft_is_not_shown() {
    let server = server(REFUSAL, GOOD);
    let outcome = ask(&server, &[]);
    assert!(outcome.out.starts_with(GOOD), "{}", outcome.out);
    assert!(!outcome.out.contains("sorry"), "{}", outcome.out);
    assert!(outcome.out.contains("draft rejected"), "{}", outcome.out);
}

#[test]
fn an_optimistic_stream_marks_the_draft_it_takes_back() {
    let server = server(REFUSAL, GOOD);
    let outcome = ask(&server, &["--optimistic", "--quiet"]);
    let (before, after) = outcome.out.split_once("is replaced by large").unwrap();
    assert!(before.contains("sorry") && after.contains(GOOD), "{}", outcome.out);
}

#[test]
fn the_json_is_the_whole_result() {
    let server = server(GOOD, "unused");
    let result = ask(&server, &["--json"]).json();
    assert_eq!(result["content"], GOOD);
    assert_eq!(result["model_used"], "small");
    assert_eq!(result["total_cost"], "0.00003");
    assert_eq!(result["draft_accepted"], true);
    assert!(result["trace"]["steps"].as_array().is_some_and(|steps| !steps.is_empty()));
}

#[test]
fn options_reach_the_model() {
    let server = server(GOOD, GOOD);
    let outcome = ask(
        &server,
        &[
            "--force-direct",
            "--no-stream",
            "--system",
            "Be brief.",
            "--max-tokens",
            "77",
            "--temperature",
            "0.5",
            "--deadline",
            "20s",
            "--explain",
        ],
    );
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(outcome.out.contains("asked directly") && outcome.out.contains("Decisions"));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let body = requests[0].json();
    assert_eq!((&body["model"], &body["max_tokens"]), (&json!("large"), &json!(77)));
    assert_eq!(body["temperature"], 0.5);
    assert_eq!(body["messages"][0], json!({"role": "system", "content": "Be brief."}));
}

#[test]
fn the_question_can_come_from_standard_input_and_the_models_from_a_file() {
    let server = server(GOOD, "unused");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("cascade.yaml");
    fs::write(
        &config,
        format!(
            "models:\n  - {{name: small, provider: openai, cost: 0.001, base_url: '{0}/v1'}}\n  - \
             {{name: large, provider: openai, cost: 0.01, base_url: '{0}/v1'}}\n",
            server.url()
        ),
    )
    .unwrap();
    let config = config.display().to_string();
    let outcome = cascadeflow_in(
        ["run", "-", "--config", &config, "--quiet"],
        [("OPENAI_API_KEY", "sk-secret")],
        QUESTION,
    );
    assert_eq!((outcome.code, outcome.out.trim_end()), (0, GOOD), "{}", outcome.err);
    let body = server.requests()[0].json();
    assert!(body["messages"].to_string().contains(QUESTION));
}

#[test]
fn keys_in_the_environment_choose_the_models() {
    let server = server(GOOD, GOOD);
    let url = format!("{}/v1", server.url());
    let outcome = cascadeflow_in(
        ["run", QUESTION, "--json"],
        [
            ("OPENAI_API_KEY", "sk-secret"),
            ("OPENAI_BASE_URL", &url),
            ("OLLAMA_HOST", "127.0.0.1:1"),
        ],
        "",
    );
    assert_eq!(outcome.json()["draft_model"], "gpt-4o-mini");
}

#[test]
fn local_models_are_found_and_free() {
    let server = LoopbackServer::start(|request, _| match request.path.as_str() {
        "/api/tags" => Script::json(
            200,
            &json!({"models": [
                {"name": "large:70b", "size": 42_000_000_000_u64},
                {"name": "nomic-embed-text", "size": 270_000_000},
                {"name": "middle:14b", "size": 9_000_000_000_u64},
                {"name": "small:4b", "size": 2_600_000_000_u64},
            ]}),
        ),
        _ => Script::json(
            200,
            &json!({"model": "small:4b", "message": {"role": "assistant", "content": GOOD},
                "done": true, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 8}),
        ),
    });
    let outcome = cascadeflow_in(
        ["run", QUESTION, "--json"],
        [("OLLAMA_HOST", server.address().to_string().as_str())],
        "",
    );
    let result = outcome.json();
    assert_eq!(
        (&result["draft_model"], &result["verifier_model"]),
        (&json!("small:4b"), &json!("large:70b"))
    );
    assert_eq!((&result["total_cost"], &result["unpriced"]), (&json!("0"), &json!(false)));
}

#[test]
fn without_models_the_remedy_is_told() {
    let outcome = cascadeflow_in(["run", QUESTION], [("OLLAMA_HOST", "127.0.0.1:1")], "");
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.starts_with("error: no model is configured"), "{}", outcome.err);
    for remedy in ["OPENAI_API_KEY", "Ollama", "--model", "--config"] {
        assert!(outcome.err.contains(remedy), "{}", outcome.err);
    }
}

#[test]
fn mistakes_name_the_field_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bad.yaml");
    fs::write(&config, "models:\n  - name: a\n    provider: openai\n    cots: 1\n").unwrap();
    let config = config.display().to_string();
    for (args, expected) in [
        (vec!["run", QUESTION, "-m", "gpt-4o"], vec!["provider/name"]),
        (vec!["run", QUESTION, "-m", "opnai/gpt-4o"], vec!["unknown provider: `opnai`", "openai"]),
        (vec!["run", QUESTION, "-m", "openai/gpt-4o:-1"], vec!["negative"]),
        (vec!["run", "  ", "-m", "ollama/a"], vec!["the question is empty"]),
        (vec!["run", QUESTION, "--deadline", "soon"], vec!["--deadline", "30s"]),
        (
            vec!["run", QUESTION, "--config", "/nowhere.yaml"],
            vec!["/nowhere.yaml", "cannot be read"],
        ),
        (
            vec!["run", QUESTION, "--config", &config],
            vec!["bad.yaml", "`cots`", "`cost`", "line 4"],
        ),
    ] {
        let outcome = cascadeflow(args.clone());
        assert_eq!(outcome.code, 2, "{args:?}: {}", outcome.err);
        for part in expected {
            assert!(outcome.err.contains(part), "{args:?}: {part}: {}", outcome.err);
        }
    }
}

#[test]
fn a_missing_key_is_told_with_its_variable() {
    let outcome = cascadeflow(["run", QUESTION, "-m", "openai/gpt-4o"]);
    assert_ne!(outcome.code, 0);
    assert!(outcome.err.contains("OPENAI_API_KEY"), "{}", outcome.err);
}

#[test]
fn a_failure_lists_the_attempts() {
    let server = LoopbackServer::sequence([Script::json(
        401,
        &json!({"error": {"message": "Incorrect API key provided", "type": "invalid_request_error",
            "code": "invalid_api_key"}}),
    )]);
    let outcome = ask(&server, &[]);
    assert_eq!(outcome.code, 1, "{}", outcome.err);
    assert!(outcome.err.contains("openai/small") && outcome.err.contains("openai/large"));
    assert!(!outcome.err.contains("sk-secret"), "{}", outcome.err);
}

#[test]
fn a_draft_that_never_came_is_not_called_rejected() {
    let server = LoopbackServer::start(|request, _| {
        if request.json()["model"] == "small" {
            return Script::json(404, &json!({"error": {"message": "no such model"}}));
        }
        let message = json!({"role": "assistant", "content": GOOD});
        let choices = json!([{"index": 0, "message": message, "finish_reason": "stop"}]);
        Script::json(200, &json!({"model": "large", "choices": choices}))
    });
    let outcome = ask(&server, &["--no-stream"]);
    assert!(outcome.out.contains("draft failed"), "{}\n{}", outcome.out, outcome.err);
}

#[test]
fn a_configuration_that_lists_no_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("none.yaml");
    fs::write(&config, "models: []\n").unwrap();
    let config = config.display().to_string();
    let outcome = cascadeflow_in(
        ["run", QUESTION, "--config", &config],
        [("OPENAI_API_KEY", "sk-secret")],
        "",
    );
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("`models` is empty") && outcome.err.contains("hint: "));
}
