//! Law: however an answer is cut into chunks, the stream ends in what the plain call brings.

use cascade_core::ResponseDelta;
use cascade_providers::Frame;
use cascade_providers::wire::{Assembler, anthropic, ollama, openai};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Pieces of `text`, at most `size` characters each.
fn pieces(text: &str, size: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(size).map(|piece| piece.iter().collect()).collect()
}

fn assemble(
    mut assembler: Box<dyn Assembler>,
    events: &[Value],
) -> (cascade_core::ChatResponse, String) {
    let mut deltas = Vec::new();
    for event in events {
        let frame = Frame { event: String::new(), data: event.to_string() };
        assembler.push(&frame, &mut deltas).unwrap();
    }
    let text = deltas
        .iter()
        .filter_map(|delta| match delta {
            ResponseDelta::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    (assembler.finish().unwrap(), text)
}

prop_compose! {
    fn answers()(
        text in "[a-zé🙂 \n\"]{0,60}",
        thinking in "[a-z ]{0,30}",
        calls in prop::collection::vec(("[a-z]{1,8}", "[a-zé\" ]{0,20}"), 0..4),
        size in 1_usize..9,
        usage in prop::option::of((0_u64..9999, 0_u64..9999)),
    ) -> (String, String, Vec<(String, String)>, usize, Option<(u64, u64)>) {
        (text, thinking, calls, size, usage)
    }
}

proptest! {
    #[test]
    fn openai((text, thinking, calls, size, usage) in answers()) {
        let usage = usage.map(|(i, o)| json!({"prompt_tokens": i, "completion_tokens": o}));
        let arguments = |value: &str| json!({"v": value}).to_string();
        let tool_calls: Vec<Value> = calls.iter().enumerate().map(|(index, (name, value))| {
            json!({"id": format!("id{index}"), "type": "function",
                "function": {"name": name, "arguments": arguments(value)}})
        }).collect();
        let plain = json!({
            "id": "c", "model": "m", "system_fingerprint": "fp", "usage": usage,
            "choices": [{"index": 0, "finish_reason": "stop", "message": {
                "role": "assistant", "content": text, "reasoning_content": thinking,
                "tool_calls": tool_calls
            }, "logprobs": {"content": [{"token": "a", "logprob": -1.0}, {"token": "b", "logprob": -2.0}]}}]
        });
        let chunk = |delta: Value| json!({"id": "c", "model": "m", "system_fingerprint": "fp",
            "choices": [{"index": 0, "delta": delta, "finish_reason": null}]});
        let mut events = vec![chunk(json!({"role": "assistant", "content": ""}))];
        events.extend(pieces(&thinking, size).iter().map(|p| chunk(json!({"reasoning_content": p}))));
        events.extend(pieces(&text, size).iter().map(|p| chunk(json!({"content": p}))));
        for (index, (name, value)) in calls.iter().enumerate() {
            events.push(chunk(json!({"tool_calls": [{"index": index, "id": format!("id{index}"),
                "type": "function", "function": {"name": name, "arguments": ""}}]})));
            events.extend(pieces(&arguments(value), size).iter().map(|p| chunk(json!({"tool_calls":
                [{"index": index, "function": {"arguments": p}}]}))));
        }
        for (token, logprob) in [("a", -1.0), ("b", -2.0)] {
            let mut event = chunk(json!({}));
            event["choices"][0]["logprobs"] = json!({"content": [{"token": token, "logprob": logprob}]});
            events.push(event);
        }
        let mut end = chunk(json!({}));
        end["choices"][0]["finish_reason"] = json!("stop");
        events.push(end);
        events.push(json!({"choices": [], "usage": usage}));
        let (streamed, shown) = assemble(Box::<openai::ChatCompletionAssembler>::default(), &events);
        let plain = openai::decode_response(plain.to_string().as_bytes()).unwrap();
        prop_assert_eq!(shown, plain.content.clone());
        prop_assert_eq!(streamed, plain);
    }

    #[test]
    fn anthropic((text, thinking, calls, size, usage) in answers()) {
        let (input, output) = usage.unwrap_or((1, 2));
        let mut content = vec![
            json!({"type": "thinking", "thinking": thinking, "signature": "sig"}),
            json!({"type": "text", "text": text}),
        ];
        content.extend(calls.iter().enumerate().map(|(index, (name, value))| json!({
            "type": "tool_use", "id": format!("id{index}"), "name": name, "input": {"v": value}
        })));
        let plain = json!({"id": "m", "type": "message", "role": "assistant", "model": "c",
            "content": content, "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": input, "output_tokens": output}});
        let mut events = vec![json!({"type": "message_start", "message": {"id": "m",
            "type": "message", "role": "assistant", "model": "c", "content": [],
            "stop_reason": null, "usage": {"input_tokens": input, "output_tokens": 1}}})];
        for (index, block) in content.iter().enumerate() {
            let mut empty = block.clone();
            let (field, delta, whole) = match block["type"].as_str().unwrap() {
                "text" => ("text", "text_delta", text.clone()),
                "thinking" => ("thinking", "thinking_delta", thinking.clone()),
                _ => ("input", "input_json_delta", block["input"].to_string()),
            };
            empty[field] = if field == "input" { json!({}) } else { json!("") };
            if field == "thinking" {
                empty["signature"] = json!("");
            }
            let name = if field == "input" { "partial_json" } else { field };
            let grow = |delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
            events.push(json!({"type": "content_block_start", "index": index, "content_block": empty}));
            events.extend(pieces(&whole, size).iter().map(|p| grow(json!({"type": delta, name: p}))));
            if field == "thinking" {
                events.push(grow(json!({"type": "signature_delta", "signature": "sig"})));
            }
            events.push(json!({"type": "content_block_stop", "index": index}));
        }
        events.push(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": output}}));
        events.push(json!({"type": "message_stop"}));
        let (streamed, shown) = assemble(Box::<anthropic::MessageAssembler>::default(), &events);
        let plain = anthropic::decode_response(plain.to_string().as_bytes()).unwrap();
        prop_assert_eq!(shown, plain.content.clone());
        prop_assert_eq!(streamed, plain);
    }

    #[test]
    fn ollama((text, thinking, calls, size, usage) in answers()) {
        let tool_calls: Vec<Value> = calls.iter()
            .map(|(name, value)| json!({"function": {"name": name, "arguments": {"v": value}}}))
            .collect();
        let line = |message: Value| json!({"model": "m", "message": message, "done": false});
        let finish = |mut line: Value| {
            line["done"] = json!(true);
            line["done_reason"] = json!("stop");
            line["prompt_eval_count"] = json!(usage.map(|(input, _)| input));
            line["eval_count"] = json!(usage.map(|(_, output)| output));
            line
        };
        let plain = finish(line(json!({"role": "assistant", "content": text,
            "thinking": thinking, "tool_calls": tool_calls})));
        let mut events: Vec<Value> = Vec::new();
        events.extend(pieces(&thinking, size).iter()
            .map(|p| line(json!({"role": "assistant", "content": "", "thinking": p}))));
        events.extend(pieces(&text, size).iter()
            .map(|p| line(json!({"role": "assistant", "content": p}))));
        events.extend(tool_calls.iter()
            .map(|call| line(json!({"role": "assistant", "content": "", "tool_calls": [call]}))));
        events.push(finish(line(json!({"role": "assistant", "content": ""}))));
        let (streamed, shown) = assemble(Box::<ollama::OllamaAssembler>::default(), &events);
        let plain = ollama::decode_response(plain.to_string().as_bytes()).unwrap();
        prop_assert_eq!(shown, plain.content.clone());
        prop_assert_eq!(streamed, plain);
    }
}
