//! Escalation in the middle of a conversation: another model's reasoning does not travel.

use std::sync::Arc;

use cascade_core::ports::Provider;
use cascade_core::{ChatRequest, Message, ModelConfig, Part, Role, ToolCall};
use cascade_providers::wire::{SignatureOwner, tag, without_thinking};
use cascade_providers::{HttpProvider, dialect};
use cascade_testkit::http::{LoopbackServer, Script};
use serde_json::{Value, json};

use crate::support::{once, openai_answer, provider_with};

const OWNERS: [(SignatureOwner, &str); 3] = [
    (SignatureOwner::Anthropic, "EqMBCkYIBRgC"),
    (SignatureOwner::Google, "CpwBVKhc"),
    (SignatureOwner::OpenAi, "rs_68af4"),
];

/// A conversation whose reasoning every provider has had a part in.
fn conversation() -> Vec<Message> {
    let mut parts: Vec<Part> = OWNERS
        .iter()
        .map(|(owner, signature)| Part::Thinking {
            text: format!("secret of {owner:?}"),
            signature: Some(tag(*owner, signature)),
            redacted: (*owner == SignatureOwner::OpenAi).then(|| "gAAAA".to_owned()),
        })
        .collect();
    parts.push(Part::text("Let me look."));
    parts.push(Part::ToolCall(ToolCall {
        id: "c1".into(),
        name: "look".into(),
        arguments: "{}".into(),
    }));
    vec![
        Message::user("Where?"),
        Message { role: Role::Assistant, parts, name: None },
        Message {
            role: Role::Tool,
            parts: vec![Part::ToolResult {
                call_id: "c1".into(),
                content: "there".into(),
                is_error: false,
            }],
            name: None,
        },
    ]
}

async fn sent_by(name: &str, model: &str, extra: Value, answer: Value) -> String {
    let server = LoopbackServer::sequence([Script::json(200, &answer)]);
    let mut request = ChatRequest::new(model, conversation());
    let before = request.messages.clone();
    request.extra = Arc::new(extra.as_object().unwrap().clone());
    provider_with(name, &server, once()).complete(&request).await.unwrap();
    assert_eq!(request.messages, before, "the history is untouched");
    String::from_utf8(server.requests()[0].body.clone()).unwrap()
}

#[tokio::test]
async fn each_provider_is_shown_its_own_reasoning_alone() {
    let anthropic = json!({"content": [{"type": "text", "text": "x"}], "stop_reason": "end_turn"});
    let gemini =
        json!({"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}]});
    let responses = json!({"status": "completed", "output": []});
    let none = json!({});
    for (name, extra, answer, shown) in [
        ("anthropic", none.clone(), anthropic, vec!["EqMBCkYIBRgC", "secret of Anthropic"]),
        ("google", none.clone(), gemini, vec!["CpwBVKhc"]),
        (
            "openai",
            json!({"api": "responses"}),
            responses,
            vec!["rs_68af4", "secret of OpenAi", "gAAAA"],
        ),
        ("openai", none.clone(), openai_answer("x"), vec![]),
        ("groq", none, openai_answer("x"), vec![]),
    ] {
        let body = sent_by(name, "small", extra, answer).await;
        let words = ["EqMBCkYIBRgC", "CpwBVKhc", "rs_68af4", "gAAAA"];
        let secrets = ["secret of Anthropic", "secret of Google", "secret of OpenAi"];
        for word in words.into_iter().chain(secrets) {
            assert_eq!(body.contains(word), shown.contains(&word), "{name}: {word} in {body}");
        }
        assert!(body.contains("Let me look.") && body.contains("there"), "{body}");
    }
}

#[tokio::test]
async fn a_call_of_another_model_gets_the_signature_that_gemini_takes_for_unknown() {
    let gemini =
        json!({"candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}]});
    let server = LoopbackServer::sequence([Script::json(200, &gemini)]);
    let mut model = ModelConfig::new("gemini-3-pro", "google");
    model.api_key = Some(cascade_core::ApiKey::new("k"));
    model.base_url = Some(server.url());
    let provider =
        HttpProvider::new(dialect("google").unwrap(), &model, &|_| None, once()).unwrap();
    let messages = without_thinking(&conversation().into());
    provider.complete(&ChatRequest::new("gemini-3-pro", messages)).await.unwrap();
    let body = server.requests()[0].json();
    let part = &body["contents"][1]["parts"][1];
    assert_eq!(part["thoughtSignature"], "skip_thought_signature_validator", "{body}");
}

#[test]
fn all_of_it_can_be_taken_out() {
    let messages: Arc<[Message]> = conversation().into();
    let bare = without_thinking(&messages);
    assert_eq!(bare.len(), 3);
    assert_eq!(bare[1].parts.len(), 2);
    assert_eq!((&bare[0], &bare[2]), (&messages[0], &messages[2]));
    assert!(Arc::ptr_eq(&without_thinking(&bare), &bare), "nothing is copied for nothing");
    let only: Arc<[Message]> = vec![Message {
        role: Role::Assistant,
        parts: vec![Part::Thinking { text: "x".into(), signature: None, redacted: None }],
        name: None,
    }]
    .into();
    assert!(without_thinking(&only).is_empty(), "a message of reasoning alone goes");
}
