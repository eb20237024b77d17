#![no_main]

use cascade_providers::wire::{anthropic, cohere, ollama, openai, responses, vertex};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = openai::decode_response(bytes);
    let _ = anthropic::decode_response(bytes);
    let _ = cohere::decode_response(bytes);
    let _ = ollama::decode_response(bytes);
    let _ = responses::decode_response(bytes);
    let _ = vertex::decode_response(bytes);
    let _ = openai::decode_embeddings(bytes);
});
