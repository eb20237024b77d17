#![no_main]

use cascade_providers::wire::{anthropic, openai};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = serde_json::from_slice::<openai::ChatCompletionRequest<'static>>(bytes) {
        let _ = openai::decode_request(request);
    }
    if let Ok(request) = serde_json::from_slice::<anthropic::MessagesRequest<'static>>(bytes) {
        let _ = anthropic::decode_request(request);
    }
});
