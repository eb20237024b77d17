#![no_main]

use cascade_core::ChatRequest;
use cascade_providers::wire::{anthropic, cohere, ollama, openai, responses};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes what can be said in a dialect and reads it again.
fn again<T: DeserializeOwned>(written: &impl Serialize) -> T {
    serde_json::from_slice(&serde_json::to_vec(written).unwrap()).unwrap()
}

/// A request that one dialect's client made goes out in every dialect, or is refused.
fn send_on(request: &ChatRequest) {
    if let Ok(written) = openai::encode_request(request, openai::EncodeRules::default(), true) {
        let read: openai::ChatCompletionRequest<'static> = again(&written);
        assert!(openai::decode_request(read).is_ok());
    }
    let rules = anthropic::EncodeRules::default();
    if let Ok(written) = anthropic::encode_request(request, rules, false) {
        let read: anthropic::MessagesRequest<'static> = again(&written);
        let read = anthropic::decode_request(read).unwrap();
        // What a dialect has said once, it says the same way again.
        let second = anthropic::encode_request(&read, rules, false).unwrap();
        assert_eq!(second.messages, written.messages);
        assert_eq!(second.tools, written.tools);
        assert_eq!(second.system, written.system);
    }
    let _ = responses::encode_request(request, responses::EncodeRules::default(), true);
    let _ = ollama::encode_request(request, false);
    let _ = cohere::encode_request(request, true);
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = serde_json::from_slice::<openai::ChatCompletionRequest<'static>>(bytes)
        && let Ok(request) = openai::decode_request(request)
    {
        send_on(&request);
    }
    if let Ok(request) = serde_json::from_slice::<anthropic::MessagesRequest<'static>>(bytes)
        && let Ok(request) = anthropic::decode_request(request)
    {
        send_on(&request);
    }
});
