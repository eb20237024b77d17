//! The dialects run backwards: what a client wrote is read as it was meant, and what a server
//! writes is read by a client as the same answer, plain and streamed.

use std::sync::Arc;

use cascade_core::{
    ChatRequest, ChatResponse, FinishReason, ImageSource, Message, Part, ResponseDelta,
    ResponseFormat, Role, TokenLogprob, Tool, ToolCall, ToolCallDelta, ToolChoice, Usage,
};
use cascade_providers::SseParser;
use cascade_providers::wire::{
    AnswerFrame, Assembler, PARALLEL_TOOL_CALLS, anthropic, encode_body, openai,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Text with what JSON and event streams have to escape.
fn text() -> impl Strategy<Value = String> {
    "[a-z \"\\\\\n\r\té世👩{}:]{1,24}"
}

fn arguments() -> impl Strategy<Value = String> {
    vec(("[a-z]{1,4}", text()), 0..3).prop_map(|pairs| {
        let object: Map<String, Value> =
            pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        Value::Object(object).to_string()
    })
}

fn call() -> impl Strategy<Value = ToolCall> {
    ("[a-z0-9]{1,8}", "[a-z_]{1,8}", arguments()).prop_map(|(id, name, arguments)| ToolCall {
        id: format!("call_{id}"),
        name,
        arguments,
    })
}

fn image() -> impl Strategy<Value = Part> {
    prop_oneof![
        "[a-z]{1,8}"
            .prop_map(|name| ImageSource::Url { url: format!("https://x.test/{name}.png") }),
        "[A-Za-z0-9]{4}"
            .prop_map(|data| ImageSource::Base64 { media_type: "image/png".into(), data }),
    ]
    .prop_map(|source| Part::Image { source })
}

fn user() -> impl Strategy<Value = Message> {
    (vec(text().prop_map(Part::text), 1..3), option::of(image())).prop_map(|(mut parts, image)| {
        parts.extend(image);
        Message { role: Role::User, parts, name: None }
    })
}

fn assistant(thinks: bool) -> impl Strategy<Value = Message> {
    let thinking = option::of((text(), "[A-Za-z0-9+/]{8}"));
    (thinking, option::of(text()), vec(call(), 0..3)).prop_map(move |(thinking, said, calls)| {
        let mut parts = Vec::new();
        if let (true, Some((text, signature))) = (thinks, thinking) {
            parts.push(Part::Thinking { text, signature: Some(signature), redacted: None });
        }
        parts.extend(said.map(Part::text));
        parts.extend(calls.into_iter().map(Part::ToolCall));
        if parts.is_empty() {
            parts.push(Part::text("."));
        }
        Message { role: Role::Assistant, parts, name: None }
    })
}

fn tools() -> impl Strategy<Value = Vec<Tool>> {
    vec(("[a-z_]{1,8}", "[a-z ]{0,12}", option::of(any::<bool>())), 0..3).prop_map(|tools| {
        tools
            .into_iter()
            .map(|(name, description, strict)| Tool {
                name,
                description,
                parameters: json!({"type": "object", "properties": {"q": {"type": "string"}}}),
                strict,
                cache_control: strict.map(|_| json!({"type": "ephemeral", "ttl": "1h"})),
            })
            .collect()
    })
}

fn choice() -> impl Strategy<Value = Option<ToolChoice>> {
    option::of(prop_oneof![
        Just(ToolChoice::Auto),
        Just(ToolChoice::None),
        Just(ToolChoice::Required),
        "[a-z]{1,8}".prop_map(ToolChoice::Named),
    ])
}

/// A conversation in turns; the answers of tools are filled in by `results`.
fn request(thinks: bool) -> impl Strategy<Value = ChatRequest> {
    let turns = vec((user(), assistant(thinks)), 0..3);
    let options = (
        option::of(text()),
        option::of(1_u32..9999),
        option::of((0_u8..9).prop_map(|n| f64::from(n) / 8.0)),
        vec("[a-z]{1,4}", 0..3),
    );
    let extra = option::of("[a-z]{1,6}");
    (turns, user(), options, tools(), choice(), extra).prop_map(
        |(turns, last, (system, max_tokens, temperature, stop), tools, choice, extra)| {
            let mut messages: Vec<Message> =
                turns.into_iter().flat_map(|(user, assistant)| [user, assistant]).collect();
            messages.push(last);
            let mut request = ChatRequest::new("model", messages);
            request.system = system.map(Into::into);
            request.max_tokens = max_tokens;
            request.temperature = temperature;
            request.top_p = temperature;
            request.stop = stop.into();
            request.tool_choice = choice.filter(|_| !tools.is_empty());
            request.tools = tools.into();
            if let Some(user) = extra {
                request.extra = Arc::new(Map::from_iter([
                    ("user".to_owned(), Value::String(user)),
                    ("thinking_style".to_owned(), json!({"deep": [1, null, true]})),
                ]));
            }
            request
        },
    )
}

/// The core's requests have no equality of their own.
fn shown(request: &ChatRequest) -> String {
    format!("{request:?}")
}

fn usage() -> impl Strategy<Value = Option<Usage>> {
    option::of((0_u64..99, 0_u64..99, 0_u64..99, 0_u64..99, 0_u64..99)).prop_map(|counts| {
        counts.map(|(fresh, cached, written, output, reasoning)| {
            let mut usage = Usage::new(fresh + cached + written, output + reasoning);
            usage.cached_input_tokens = cached;
            usage.cache_write_5m_tokens = written;
            usage.reasoning_tokens = reasoning;
            usage
        })
    })
}

fn logprobs() -> impl Strategy<Value = Option<Vec<TokenLogprob>>> {
    let token = (text(), 0_u8..80, vec((text(), 0_u8..80), 0..3)).prop_map(|(token, p, top)| {
        let logprob = |eighths: u8| -f64::from(eighths) / 8.0;
        TokenLogprob {
            token,
            logprob: logprob(p),
            top: top.into_iter().map(|(token, p)| (token, logprob(p))).collect(),
        }
    });
    option::of(vec(token, 1..4))
}

pub(crate) fn frame() -> AnswerFrame {
    AnswerFrame { id: "id-1".into(), model: "model".into(), created: 1 }
}

fn response() -> impl Strategy<Value = ChatResponse> {
    let reason = prop_oneof![Just(FinishReason::Stop), Just(FinishReason::Length)];
    (option::of(text()), vec(call(), 0..3), usage(), reason).prop_map(
        |(content, mut calls, usage, reason)| {
            for (index, call) in calls.iter_mut().enumerate() {
                call.id = format!("{}_{index}", call.id);
            }
            let finish_reason = if calls.is_empty() { reason } else { FinishReason::ToolCalls };
            ChatResponse {
                content: content.unwrap_or_default(),
                tool_calls: calls,
                model: Some("model".into()),
                finish_reason: Some(finish_reason),
                usage,
                request_id: Some("id-1".into()),
                ..ChatResponse::default()
            }
        },
    )
}

pub(crate) fn thinking(text: String, signature: Option<String>) -> Part {
    Part::Thinking { text, signature, redacted: None }
}

/// The answer as deltas of at most `size` characters, with the calls interleaved or not.
pub(crate) fn deltas(
    response: &ChatResponse,
    size: usize,
    interleaved: bool,
) -> Vec<ResponseDelta> {
    let pieces = |text: &str| -> Vec<String> {
        let letters: Vec<char> = text.chars().collect();
        letters.chunks(size).map(|piece| piece.iter().collect()).collect()
    };
    let mut deltas = Vec::new();
    for part in &response.thinking {
        if let Part::Thinking { text, .. } = part {
            deltas.extend(pieces(text).into_iter().map(ResponseDelta::Thinking));
            deltas.push(ResponseDelta::ThinkingDone(part.clone()));
        }
    }
    deltas.extend(pieces(&response.content).into_iter().map(ResponseDelta::Text));
    let mut calls: Vec<Vec<ResponseDelta>> = response
        .tool_calls
        .iter()
        .enumerate()
        .map(|(index, call)| {
            let begin = ToolCallDelta {
                index,
                id: Some(call.id.clone()),
                name: Some(call.name.clone()),
                arguments: String::new(),
            };
            let growth = pieces(&call.arguments).into_iter().map(|arguments| ToolCallDelta {
                index,
                arguments,
                ..ToolCallDelta::default()
            });
            std::iter::once(begin).chain(growth).map(ResponseDelta::ToolCall).collect()
        })
        .collect();
    if interleaved {
        let longest = calls.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..longest {
            deltas.extend(calls.iter().filter_map(|call| call.get(at).cloned()));
        }
    } else {
        deltas.extend(calls.drain(..).flatten());
    }
    deltas
}

/// What a client's assembler makes of the bytes of an event stream.
pub(crate) fn heard(mut assembler: Box<dyn Assembler>, stream: &str, size: usize) -> ChatResponse {
    let mut parser = SseParser::new(1 << 20);
    let mut ignored = Vec::new();
    for piece in stream.as_bytes().chunks(size) {
        parser.push(piece);
        while let Some(frame) = parser.next_event().unwrap() {
            assembler.push(&frame, &mut ignored).unwrap();
        }
    }
    assembler.finish().unwrap()
}

pub(crate) fn over_openai(
    response: &ChatResponse,
    deltas: &[ResponseDelta],
    size: usize,
) -> ChatResponse {
    let mut encoder = openai::ChunkEncoder::new(frame(), true);
    let done = ResponseDelta::Done(Box::new(response.clone()));
    let mut stream: String = deltas
        .iter()
        .chain([&done])
        .flat_map(|delta| encoder.push(delta))
        .map(|chunk| openai::ChunkEncoder::event(&chunk))
        .collect();
    stream.push_str(openai::ChunkEncoder::end());
    heard(Box::<openai::ChatCompletionAssembler>::default(), &stream, size)
}

fn over_anthropic(response: &ChatResponse, deltas: &[ResponseDelta], size: usize) -> ChatResponse {
    let mut encoder = anthropic::MessageEventEncoder::new(frame(), 0);
    let done = ResponseDelta::Done(Box::new(response.clone()));
    let events: Vec<_> =
        deltas.iter().chain([&done]).flat_map(|delta| encoder.push(delta)).collect();
    blocks_are_well_formed(&events);
    let stream: String = events.iter().map(anthropic::MessageEventEncoder::event).collect();
    heard(Box::<anthropic::MessageAssembler>::default(), &stream, size)
}

/// One block at a time, numbered in order, each closed; a beginning, an end.
pub(crate) fn blocks_are_well_formed(events: &[anthropic::MessageStreamEvent]) {
    let events: Vec<Value> = events.iter().map(|e| serde_json::to_value(e).unwrap()).collect();
    assert_eq!(events.first().unwrap()["type"], "message_start");
    assert_eq!(events.last().unwrap()["type"], "message_stop");
    let (mut open, mut next) = (None, 0);
    for event in &events {
        match event["type"].as_str().unwrap() {
            "content_block_start" => {
                assert_eq!((open, event["index"].as_u64()), (None, Some(next)));
                open = Some(next);
                next += 1;
            }
            "content_block_delta" => assert_eq!(event["index"].as_u64(), open),
            "content_block_stop" => {
                assert_eq!(event["index"].as_u64(), open);
                open = None;
            }
            _ => assert_eq!(open, None),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn openai_requests_are_read_as_they_were_meant(
        request in request(false),
        seed in option::of(any::<i64>()),
        logprobs in any::<bool>(),
        result in text(),
    ) {
        let mut request = request;
        request.seed = seed;
        request.logprobs = logprobs;
        let part =
            Part::ToolResult { call_id: "call_1".into(), content: result, is_error: false };
        let mut messages = request.messages.to_vec();
        messages.insert(0, Message { role: Role::Tool, parts: vec![part], name: None });
        request.messages = messages.into();
        let rules = openai::EncodeRules { cache_control: true, ..openai::EncodeRules::default() };
        let encoded = openai::encode_request(&request, rules, true).unwrap();
        let body = encode_body(&encoded, &request.extra).unwrap();
        let read: openai::ChatCompletionRequest<'static> = serde_json::from_slice(&body).unwrap();
        prop_assert!(read.stream);
        prop_assert_eq!(shown(&openai::decode_request(read).unwrap()), shown(&request));
    }

    #[test]
    fn anthropic_requests_are_read_as_they_were_meant(
        request in request(true),
        limit in 1_u32..9999,
        result in text(),
        is_error in any::<bool>(),
        parallel in option::of(any::<bool>()),
    ) {
        let mut request = request;
        request.max_tokens = Some(limit);
        let may_say = request.tool_choice.as_ref().is_some_and(|choice| *choice != ToolChoice::None);
        if let Some(parallel) = parallel.filter(|_| may_say) {
            Arc::make_mut(&mut request.extra)
                .insert(PARALLEL_TOOL_CALLS.into(), Value::Bool(parallel));
        }
        request.response_format = Some(Arc::new(ResponseFormat::JsonSchema {
            name: "answer".into(),
            schema: json!({"type": "object"}),
            strict: true,
        }));
        let mut messages = request.messages.to_vec();
        let part = Part::ToolResult { call_id: "call_1".into(), content: result, is_error };
        let mark = Part::CacheMark { cache_control: json!({"type": "ephemeral"}) };
        messages.last_mut().unwrap().parts.splice(0..0, [part, mark]);
        request.messages = messages.into();
        let encoded =
            anthropic::encode_request(&request, anthropic::EncodeRules::default(), true).unwrap();
        let mut others = (*request.extra).clone();
        others.shift_remove(PARALLEL_TOOL_CALLS);
        let body = encode_body(&encoded, &others).unwrap();
        let read: anthropic::MessagesRequest<'static> = serde_json::from_slice(&body).unwrap();
        prop_assert!(read.stream);
        prop_assert_eq!(shown(&anthropic::decode_request(read).unwrap()), shown(&request));
    }

    #[test]
    fn openai_answers_are_heard_as_they_were_given(
        response in response(),
        reasoning in option::of(text()),
        logprobs in logprobs(),
        cost in option::of(1_u32..9999),
        size in 1_usize..9,
        interleaved in any::<bool>(),
        shown in 0_usize..40,
    ) {
        let mut response = response;
        response.thinking = reasoning.map(|text| thinking(text, None)).into_iter().collect();
        response.logprobs = logprobs;
        // The cost travels with the usage.
        let cost = cost.filter(|_| response.usage.is_some());
        response.reported_cost = cost.map(|units| format!("0.{units:08}").parse().unwrap());
        let plain = serde_json::to_vec(&openai::encode_response(&response, &frame())).unwrap();
        prop_assert_eq!(&openai::decode_response(&plain).unwrap(), &response);
        let mut deltas = deltas(&response, size, interleaved);
        prop_assert_eq!(&over_openai(&response, &deltas, size), &response);
        deltas.truncate(shown);
        prop_assert_eq!(&over_openai(&response, &deltas, size), &response, "a part was shown");
    }

    #[test]
    fn anthropic_answers_are_heard_as_they_were_given(
        response in response(),
        reasoning in vec((text(), option::of("[A-Za-z0-9+/]{8}")), 0..3),
        redacted in option::of("[A-Za-z0-9]{8}"),
        size in 1_usize..9,
        interleaved in any::<bool>(),
        shown in 0_usize..40,
    ) {
        let mut response = response;
        if let Some(usage) = &mut response.usage {
            usage.reasoning_tokens = 0;
        }
        let bare = response.clone();
        response.thinking =
            reasoning.into_iter().map(|(text, signature)| thinking(text, signature)).collect();
        response.thinking.extend(redacted.map(|data| Part::Thinking {
            text: String::new(),
            signature: None,
            redacted: Some(data),
        }));
        let plain = serde_json::to_vec(&anthropic::encode_response(&response, &frame())).unwrap();
        let read = anthropic::decode_response(&plain).unwrap();
        // Usage is no option in this dialect: what is not known is zero.
        let usage_known = response.usage.is_some();
        prop_assert_eq!(&ChatResponse { usage: read.usage.filter(|_| usage_known), ..read }, &response);
        let at_the_end = over_anthropic(&response, &[], size);
        let at_the_end =
            ChatResponse { usage: at_the_end.usage.filter(|_| usage_known), ..at_the_end };
        prop_assert_eq!(&at_the_end, &response, "all of it comes at the end");
        // With its signatures in time, reasoning is heard as it was given, wherever the deltas end.
        for given in [&response, &bare] {
            let mut deltas = deltas(given, size, interleaved);
            for count in [deltas.len(), shown] {
                deltas.truncate(count);
                let heard = over_anthropic(given, &deltas, size);
                let heard = ChatResponse { usage: heard.usage.filter(|_| usage_known), ..heard };
                prop_assert_eq!(&heard, given);
            }
        }
    }

    #[test]
    fn anthropic_reasoning_whose_signature_comes_too_late_is_heard_unsigned(
        reasoning in text(),
        content in text(),
        size in 1_usize..9,
    ) {
        let mut response = ChatResponse::from_text(content);
        response.thinking = vec![thinking(reasoning.clone(), Some("c2ln".into()))];
        let mut deltas = deltas(&response, size, false);
        deltas.retain(|delta| !matches!(delta, ResponseDelta::ThinkingDone(_)));
        let heard = over_anthropic(&response, &deltas, size);
        prop_assert_eq!(heard.content, response.content);
        prop_assert_eq!(heard.thinking, vec![thinking(reasoning, None)]);
    }
}

#[test]
fn what_a_client_writes_otherwise_is_understood() {
    let read = |body: Value| openai::decode_request(serde_json::from_value(body).unwrap());
    let request = read(json!({
        "model": "m", "max_completion_tokens": 5, "stop": "x", "top_logprobs": 2, "logprobs": true,
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "4"}]}
        ]
    }))
    .unwrap();
    assert_eq!(request.system.as_deref(), Some("Be brief.\n\nBe kind."));
    assert_eq!((request.max_tokens, &request.stop[..]), (Some(5), &["x".to_owned()][..]));
    assert_eq!(request.extra["top_logprobs"], 2);
    assert_eq!(request.messages.len(), 2);
    let error = read(json!({"model": "m", "messages": [{"role": "robot", "content": "x"}]}));
    assert_eq!(error.unwrap_err().field(), Some("messages[0].role"));
    let error = read(json!({"model": "m", "messages": [{"role": "tool", "content": "x"}]}));
    assert_eq!(error.unwrap_err().field(), Some("messages[0].tool_call_id"));

    let read = |body: Value| anthropic::decode_request(serde_json::from_value(body).unwrap());
    let request = read(json!({
        "model": "m", "max_tokens": 5, "top_k": 3, "output_config": {"effort": "low"},
        "system": [{"type": "text", "text": "Long.", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t", "content": [
                {"type": "text", "text": "a"}, {"type": "text", "text": "b"},
                {"type": "image", "source": {"type": "url", "url": "https://x.test/y.png"}}
            ]}
        ]}]
    }))
    .unwrap();
    assert_eq!(request.messages[0].role, Role::System);
    assert_eq!(
        (&request.extra["top_k"], &request.extra["output_config"]["effort"]),
        (&json!(3), &json!("low"))
    );
    assert!(matches!(&request.messages[1].parts[..],
        [Part::ToolResult { content, .. }, Part::Image { .. }] if content == "a\nb"));
    let error = read(json!({"model": "m", "max_tokens": 5,
        "messages": [{"role": "user", "content": [{"type": "hologram"}]}]}))
    .unwrap_err();
    assert_eq!(error.field(), Some("messages[0].content[0]"));
    assert!(error.message().contains("hologram"));
}
