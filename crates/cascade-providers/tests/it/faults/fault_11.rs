//! A signature of reasoning that is foreign, empty or cut.

use cascade_core::ports::Provider;
use cascade_core::{ChatRequest, ErrorKind, Message, Part, Role, ToolCall};
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::{Value, json};

use crate::support::{fail, hear_all, provider};

fn thinking(signature: Option<&str>) -> Part {
    Part::Thinking { text: "hm".into(), signature: signature.map(str::to_owned), redacted: None }
}

fn conversation(parts: Vec<Part>) -> ChatRequest {
    let assistant = Message { role: Role::Assistant, parts, name: None };
    ChatRequest::new("small", vec![Message::user("2+2?"), assistant, Message::user("Sure?")])
}

fn answer() -> Script {
    Script::json(
        200,
        &json!({"id": "m", "model": "c", "content": [{"type": "text", "text": "Yes."}],
            "stop_reason": "end_turn", "usage": {"input_tokens": 9, "output_tokens": 2}}),
    )
}

fn refusal() -> Script {
    let message = "messages.1.content.0: Invalid `signature` in `thinking` block";
    let error = json!({"type": "invalid_request_error", "message": message});
    Script::json(400, &json!({"type": "error", "error": error}))
}

fn kinds(body: &Value, message: usize) -> Vec<String> {
    match &body["messages"][message]["content"] {
        Value::String(_) => vec!["text".into()],
        blocks => blocks
            .as_array()
            .unwrap()
            .iter()
            .map(|block| block["type"].as_str().unwrap().to_owned())
            .collect(),
    }
}

#[tokio::test]
async fn what_cannot_be_anthropics_is_not_sent() {
    let signatures =
        [None, Some(""), Some("Eq=x"), Some("EqMBCkYIB"), Some("google:CpwB"), Some("openai:rs_1")];
    for signature in signatures {
        let server = LoopbackServer::sequence([answer()]);
        let request = conversation(vec![thinking(signature), Part::text("4.")]);
        provider("anthropic", &server).complete(&request).await.unwrap();
        assert_eq!(kinds(&server.requests()[0].json(), 1), ["text"], "{signature:?}");
    }
    let server = LoopbackServer::sequence([answer()]);
    let request = conversation(vec![thinking(Some("EqMBCkYIBRgC")), Part::text("4.")]);
    provider("anthropic", &server).complete(&request).await.unwrap();
    assert_eq!(kinds(&server.requests()[0].json(), 1), ["thinking", "text"]);
}

#[tokio::test]
async fn what_the_provider_refuses_is_stripped_and_sent_once_more() {
    let request = conversation(vec![thinking(Some("EqMBCkYIBRgC")), Part::text("4.")]);
    let server = LoopbackServer::sequence([refusal(), answer()]);
    let response = provider("anthropic", &server).complete(&request).await.unwrap();
    assert_eq!(response.content, "Yes.");
    let sent = server.requests();
    assert_eq!(sent.len(), 2);
    assert_eq!(kinds(&sent[0].json(), 1), ["thinking", "text"]);
    assert_eq!(kinds(&sent[1].json(), 1), ["text"]);

    let server = LoopbackServer::sequence([refusal(), refusal(), answer()]);
    let error = fail(&provider("anthropic", &server), &request).await;
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(server.counts().requests, 2, "once more, not twice");
}

#[tokio::test]
async fn a_stream_is_opened_once_more_too() {
    let events = [
        json!({"type": "message_start", "message": {"id": "m", "content": []}}),
        json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "text", "text": "Yes."}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_stop"}),
    ];
    let good = Script::sse(events.iter().map(Value::to_string));
    let server = LoopbackServer::sequence([refusal(), good]);
    let request = conversation(vec![thinking(Some("EqMBCkYIBRgC")), Part::text("4.")]);
    let heard = hear_all(&provider("anthropic", &server), &request).await;
    assert_eq!(heard.text, "Yes.");
    assert_eq!(server.counts().requests, 2);
}

#[tokio::test]
async fn other_refusals_are_not_answered_so() {
    let error = json!({"type": "error",
        "error": {"type": "invalid_request_error", "message": "max_tokens: too large"}});
    let server = LoopbackServer::sequence([Script::json(400, &error), answer()]);
    let request = conversation(vec![thinking(Some("EqMBCkYIBRgC")), Part::text("4.")]);
    fail(&provider("anthropic", &server), &request).await;
    assert_eq!(server.counts().requests, 1);
    // Without any reasoning there is nothing to strip.
    let server = LoopbackServer::sequence([refusal(), answer()]);
    fail(&provider("anthropic", &server), &conversation(vec![Part::text("4.")])).await;
    assert_eq!(server.counts().requests, 1);
}

#[tokio::test]
async fn in_a_round_of_tools_without_its_reasoning_the_model_is_not_told_to_think() {
    let call = ToolCall { id: "t1".into(), name: "add".into(), arguments: "{}".into() };
    let result = Part::ToolResult { call_id: "t1".into(), content: "4".into(), is_error: false };
    let messages = |signature: &str| {
        vec![
            Message::user("2+2?"),
            Message {
                role: Role::Assistant,
                parts: vec![thinking(Some(signature)), Part::ToolCall(call.clone())],
                name: None,
            },
            Message { role: Role::Tool, parts: vec![result.clone()], name: None },
        ]
    };
    for (signature, thinks) in [("EqMBCkYIBRgC", true), ("google:CpwB", false)] {
        let server = LoopbackServer::sequence([answer()]);
        let mut request = ChatRequest::new("small", messages(signature));
        let extra = json!({"thinking": {"type": "enabled", "budget_tokens": 1024}});
        request.extra = std::sync::Arc::new(extra.as_object().unwrap().clone());
        provider("anthropic", &server).complete(&request).await.unwrap();
        assert_eq!(server.requests()[0].json().get("thinking").is_some(), thinks, "{signature}");
    }
}
