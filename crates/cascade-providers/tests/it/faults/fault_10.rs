//! Tool arguments in 500 fragments, three interleaved calls, empty arguments.

use cascade_core::{ResponseDelta, ToolCall};
use cascade_providers::wire::AnswerFrame;
use cascade_providers::wire::anthropic::{MessageAssembler, MessageEventEncoder};
use cascade_providers::wire::{Assembler, openai};
use cascade_testkit::http::{LoopbackServer, Script};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{ask, hear_all, provider};

fn calls() -> [ToolCall; 3] {
    let long =
        |letter: &str| json!({"text": letter.repeat(480), "n": {"deep": [1, 2]}}).to_string();
    let call = |id: &str, name: &str, arguments: String| ToolCall {
        id: id.into(),
        name: name.into(),
        arguments,
    };
    [
        call("a", "write", long("ä\"")),
        call("b", "write", long("\\b")),
        call("c", "now", String::new()),
    ]
}

/// The fragments of all calls, a letter at a time, in turn.
fn fragments() -> Vec<String> {
    let fragment = |index: usize, id: Option<&str>, name: Option<&str>, arguments: &str| {
        json!({"choices": [{"index": 0, "delta": {"tool_calls": [{"index": index, "id": id,
            "type": "function", "function": {"name": name, "arguments": arguments}}]}}]})
        .to_string()
    };
    let calls = calls();
    let mut events: Vec<String> = calls
        .iter()
        .enumerate()
        .map(|(index, call)| fragment(index, Some(&call.id), Some(&call.name), ""))
        .collect();
    let letters: Vec<Vec<String>> =
        calls.iter().map(|call| call.arguments.chars().map(String::from).collect()).collect();
    for at in 0..letters.iter().map(Vec::len).max().unwrap() {
        for (index, letters) in letters.iter().enumerate() {
            if let Some(letter) = letters.get(at) {
                events.push(fragment(index, None, None, letter));
            }
        }
    }
    events.push(json!({"choices": [{"index": 0, "finish_reason": "tool_calls"}]}).to_string());
    events.push("[DONE]".into());
    events
}

#[tokio::test]
async fn index_id_and_json_are_exact() {
    let events = fragments();
    assert!(events.len() > 1000);
    let server = LoopbackServer::sequence([Script::sse(events)]);
    let heard = hear_all(&provider("openai", &server), &ask("?")).await;
    let done = heard.done.unwrap();
    assert_eq!(done.tool_calls, calls());
    assert_eq!(heard.arguments, calls().map(|call| call.arguments));
    assert_eq!(done.tool_calls[2].parsed_arguments(), Some(json!({})));
}

#[tokio::test]
async fn they_reach_a_client_of_either_dialect_whole() {
    let server = LoopbackServer::sequence([Script::sse(fragments())]);
    let provider = provider("openai", &server);
    let mut stream = cascade_core::ports::Provider::stream(&provider, &ask("?")).await.unwrap();
    let frame = AnswerFrame { id: "x".into(), model: "m".into(), created: 1 };
    let mut to_anthropic = MessageEventEncoder::new(frame.clone(), 0);
    let mut to_openai = openai::ChunkEncoder::new(frame, true);
    let mut anthropic = Box::new(MessageAssembler::default());
    let mut openai = Box::new(openai::ChatCompletionAssembler::default());
    let mut open: Option<usize> = None;
    let mut ignored = Vec::<ResponseDelta>::new();
    while let Some(delta) = stream.next().await {
        let delta = delta.unwrap();
        for event in to_anthropic.push(&delta) {
            let value: Value = serde_json::to_value(&event).unwrap();
            match value["type"].as_str().unwrap() {
                "content_block_start" => {
                    assert_eq!(open, None, "one block is open at a time");
                    open = value["index"].as_u64().map(|index| usize::try_from(index).unwrap());
                }
                "content_block_delta" => assert_eq!(json!(open), value["index"]),
                "content_block_stop" => open = None,
                _ => {}
            }
            anthropic.push_event(event, &mut ignored).unwrap();
        }
        for chunk in to_openai.push(&delta) {
            openai.push_chunk(chunk, &mut ignored).unwrap();
        }
    }
    assert_eq!(openai.finish().unwrap().tool_calls, calls());
    let received = anthropic.finish().unwrap().tool_calls;
    for (call, sent) in received.iter().zip(calls()) {
        assert_eq!((&call.id, &call.name), (&sent.id, &sent.name));
        assert_eq!(call.parsed_arguments(), sent.parsed_arguments());
    }
    assert_eq!(received.len(), 3);
}
