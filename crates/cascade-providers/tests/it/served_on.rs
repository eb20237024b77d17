//! What a server between client and provider must not lose: cache markers, choices of tools, beta
//! features, and the reasoning of any provider with its signatures.

use std::sync::Arc;

use cascade_core::{ChatRequest, ChatResponse, Part, ResponseDelta};
use cascade_providers::wire::{Assembler, PARALLEL_TOOL_CALLS, anthropic, encode_body, openai};
use serde_json::{Value, json};

use crate::round_trips::{blocks_are_well_formed, deltas, frame, heard, over_openai, thinking};

#[test]
fn what_a_client_marks_and_forbids_goes_out_again() {
    let mark = json!({"type": "ephemeral", "ttl": "1h"});
    let body = json!({
        "model": "m", "max_tokens": 5,
        "system": [{"type": "text", "text": "Long.", "cache_control": mark}],
        "messages": [
            {"role": "user", "content": [
                {"type": "image", "source": {"type": "url", "url": "https://x.test/y.png"},
                    "cache_control": mark},
                {"type": "text", "text": "What?", "cache_control": mark}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "h", "signature": "c2ln"},
                {"type": "tool_use", "id": "t", "name": "n", "input": {"a": 1},
                    "cache_control": mark}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": "4",
                    "cache_control": mark}]}],
        "tools": [
            {"name": "n", "description": "d", "input_schema": {"type": "object"}, "strict": true},
            {"name": "o", "input_schema": {"type": "object"}, "cache_control": mark}],
        "tool_choice": {"type": "any", "disable_parallel_tool_use": true},
        "top_k": 3, "thinking": {"type": "enabled", "budget_tokens": 1024}
    });
    let read: anthropic::MessagesRequest<'static> = serde_json::from_value(body.clone()).unwrap();
    let request = anthropic::decode_request(read).unwrap();
    assert_eq!(request.extra[PARALLEL_TOOL_CALLS], false);
    let mut others = (*request.extra).clone();
    others.shift_remove(PARALLEL_TOOL_CALLS);
    let rules = anthropic::EncodeRules::default();
    let encoded = anthropic::encode_request(&request, rules, false).unwrap();
    let written: Value = serde_json::from_slice(&encode_body(&encoded, &others).unwrap()).unwrap();
    assert_eq!(written, body);

    let body = json!({
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "tools": [{"type": "function", "cache_control": mark,
            "function": {"name": "n", "description": "d", "parameters": {}, "strict": true}}],
        "tool_choice": "required", "parallel_tool_calls": false
    });
    let read: openai::ChatCompletionRequest<'static> =
        serde_json::from_value(body.clone()).unwrap();
    let request = openai::decode_request(read).unwrap();
    let rules = openai::EncodeRules { cache_control: true, ..openai::EncodeRules::default() };
    let encoded = openai::encode_request(&request, rules, false).unwrap();
    let written: Value =
        serde_json::from_slice(&encode_body(&encoded, &request.extra).unwrap()).unwrap();
    assert_eq!(written, body);
    // A client of one dialect is understood by the other.
    let encoded = anthropic::encode_request(&request, anthropic::EncodeRules::default(), false);
    let choice = encoded.unwrap().tool_choice.unwrap();
    assert_eq!(choice.disables_parallel_tool_use(), Some(true));
}

#[test]
fn the_beta_features_of_a_client_join_those_of_the_request() {
    let mut request = ChatRequest::new("m", []);
    anthropic::add_beta_features(&mut request, []);
    assert!(request.extra.is_empty());
    anthropic::add_beta_features(&mut request, ["a-1, b-2", "", "a-1"]);
    assert_eq!(request.extra[anthropic::BETA_PARAMETER], json!(["a-1", "b-2"]));
    Arc::make_mut(&mut request.extra).insert(anthropic::BETA_PARAMETER.into(), json!("c-3,a-1"));
    anthropic::add_beta_features(&mut request, ["b-2,a-1"]);
    assert_eq!(request.extra[anthropic::BETA_PARAMETER], json!(["c-3", "a-1", "b-2"]));
}

#[test]
fn the_signatures_of_a_streamed_answer_pass_through_a_server() {
    let stream = [
        r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],"usage":{"input_tokens":4,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let me"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":" see."}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"aGlkZGVu"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Four."}}"#,
        r#"{"type":"content_block_stop","index":2}"#,
        r#"{"type":"content_block_start","index":3,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"thinking_delta","thinking":"Sure?"}}"#,
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"signature_delta","signature":"bW9y"}}"#,
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"signature_delta","signature":"ZQ=="}}"#,
        r#"{"type":"content_block_stop","index":3}"#,
        r#"{"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}"#,
        r#"{"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
        r#"{"type":"content_block_stop","index":4}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let mut assembler = anthropic::MessageAssembler::default();
    let mut encoder = anthropic::MessageEventEncoder::new(frame(), 4);
    let mut events = Vec::new();
    for data in stream {
        let mut deltas = Vec::new();
        assembler.push_event(serde_json::from_str(data).unwrap(), &mut deltas).unwrap();
        events.extend(deltas.iter().flat_map(|delta| encoder.push(delta)));
    }
    let answer = Box::new(assembler).finish().unwrap();
    // Everything but the end is out before the answer is whole, and the blocks stand in their order.
    let blocks: Vec<Value> = events
        .iter()
        .map(|event| serde_json::to_value(event).unwrap())
        .filter(|event| event["type"] == "content_block_start")
        .map(|event| event["content_block"]["type"].clone())
        .collect();
    assert_eq!(blocks, ["thinking", "redacted_thinking", "text", "thinking", "tool_use"]);
    events.extend(encoder.push(&ResponseDelta::Done(Box::new(answer.clone()))));
    blocks_are_well_formed(&events);
    let stream: String = events.iter().map(anthropic::MessageEventEncoder::event).collect();
    let heard = heard(Box::<anthropic::MessageAssembler>::default(), &stream, 5);
    assert_eq!(heard.thinking, answer.thinking);
    assert_eq!(
        answer.thinking,
        [
            thinking("Let me see.".into(), Some("c2ln".into())),
            Part::Thinking {
                text: String::new(),
                signature: None,
                redacted: Some("aGlkZGVu".into())
            },
            thinking("Sure?".into(), Some("bW9yZQ==".into())),
        ]
    );
    assert_eq!((heard.content, heard.tool_calls), (answer.content, answer.tool_calls));
}

#[test]
fn the_reasoning_details_of_a_broker_pass_through_a_server_and_back() {
    let details = json!([
        {"type": "reasoning.text", "text": "Let me see.", "format": "anthropic-claude-v1", "index": 0,
            "signature": "c2ln"},
        {"type": "reasoning.encrypted", "data": "aGlkZGVu", "id": "r1", "index": 1}
    ]);
    let answer: openai::ChatCompletion = serde_json::from_value(json!({
        "id": "c", "model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": {
            "role": "assistant", "content": "Four.", "reasoning": "Let me see.",
            "reasoning_details": details}}]
    }))
    .unwrap();
    let response = openai::into_chat_response(answer).unwrap();
    // Our own answer, plain and streamed, has them as they came.
    let written = openai::encode_response(&response, &frame());
    assert_eq!(json!(written.choices[0].message.reasoning_details), details);
    for shown in [deltas(&response, 3, false), Vec::new()] {
        let heard = over_openai(&response, &shown, 7);
        assert_eq!(heard.thinking, response.thinking);
    }
    // What a client sends back goes on to the broker, and to nobody else.
    let read: openai::ChatCompletionRequest<'static> = serde_json::from_value(json!({
        "model": "m", "messages": [
            {"role": "user", "content": "2+2?"},
            {"role": "assistant", "content": "Four.", "reasoning_details": details},
            {"role": "user", "content": "Sure?"}]
    }))
    .unwrap();
    let request = openai::decode_request(read).unwrap();
    let message = |back| {
        let rules = openai::EncodeRules { reasoning_back: back, ..openai::EncodeRules::default() };
        let encoded = openai::encode_request(&request, rules, false).unwrap();
        serde_json::to_value(&encoded.messages[1]).unwrap()
    };
    assert_eq!(message(openai::ReasoningBack::Details)["reasoning_details"], details);
    for back in [openai::ReasoningBack::None, openai::ReasoningBack::Content] {
        assert_eq!(message(back), json!({"role": "assistant", "content": "Four."}));
    }
    let other = anthropic::encode_request(&request, anthropic::EncodeRules::default(), false);
    assert!(!serde_json::to_string(&other.unwrap()).unwrap().contains("c2ln"));
}

#[test]
fn encrypted_reasoning_of_another_provider_passes_through_a_client_of_anthropic() {
    let part = Part::Thinking {
        text: "Sum.".into(),
        signature: Some("openai:rs_1".into()),
        redacted: Some("ZW5j".into()),
    };
    let mut response = ChatResponse::from_text("Four.");
    response.thinking = vec![part.clone()];
    let plain = anthropic::encode_response(&response, &frame()).content.unwrap();
    let mut encoder = anthropic::MessageEventEncoder::new(frame(), 0);
    let stream: String = deltas(&response, 2, false)
        .iter()
        .flat_map(|delta| encoder.push(delta))
        .map(|event| anthropic::MessageEventEncoder::event(&event))
        .collect();
    assert!(stream.contains("openai:rs_1|ZW5j"), "{stream}");
    let content = serde_json::to_value(plain).unwrap();
    let read: anthropic::MessagesRequest<'static> = serde_json::from_value(json!({
        "model": "m", "max_tokens": 5, "messages": [{"role": "assistant", "content": content}]
    }))
    .unwrap();
    assert_eq!(anthropic::decode_request(read).unwrap().messages[0].parts[0], part);
}
