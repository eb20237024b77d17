#![no_main]

use cascade_core::ChatResponse;
use cascade_providers::wire::{AnswerFrame, anthropic, cohere, ollama, openai, responses, vertex};
use libfuzzer_sys::fuzz_target;

/// A server gives the answer on, and its client reads it.
fn give_on(answer: &ChatResponse) {
    let frame = AnswerFrame { id: "id".into(), model: "model".into(), created: 1 };
    let written = serde_json::to_vec(&openai::encode_response(answer, &frame)).unwrap();
    let read = openai::decode_response(&written).unwrap();
    assert_eq!(read.content, answer.content);
    assert_eq!(read.tool_calls.len(), answer.tool_calls.len());
    let written = serde_json::to_vec(&anthropic::encode_response(answer, &frame)).unwrap();
    let read = anthropic::decode_response(&written).unwrap();
    assert_eq!(read.content, answer.content);
    assert_eq!(read.tool_calls.len(), answer.tool_calls.len());
}

fuzz_target!(|bytes: &[u8]| {
    let read = [
        openai::decode_response(bytes),
        anthropic::decode_response(bytes),
        cohere::decode_response(bytes),
        ollama::decode_response(bytes),
        responses::decode_response(bytes),
        vertex::decode_response(bytes),
    ];
    for answer in read.iter().flatten() {
        give_on(answer);
    }
    let _ = openai::decode_embeddings(bytes);
});
