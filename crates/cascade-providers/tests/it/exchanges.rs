//! Every exchange of `shared-tests/http` through the drivers: the request that is written, and the
//! reading of the answer, plain and streamed, whatever the pieces it arrives in.

use std::collections::BTreeSet;
use std::sync::Arc;

use cascade_core::chat_json::{
    Fields, read_messages, read_response_format, read_tool_choice, read_tools,
};
use cascade_core::ports::{Embedder, Provider};
use cascade_core::{
    ApiKey, ChatRequest, ChatResponse, Error, Message, ModelConfig, Part, Role, Usage,
};
use cascade_providers::{EmbeddingProvider, HttpProvider, dialect};
use cascade_testkit::http::{LoopbackServer, RecordedRequest, Script};
use serde_json::{Map, Value, json};

use crate::exchange_file::{Exchange, ExchangeFile, Operation, files_of, folder};
use crate::support::{hear, once};

/// The key that every exchange is made with.
const KEY: &str = "test-key-0123456789";
/// Sizes of the pieces that a stream is cut into, beside the pieces it is written in.
const CUTS: [usize; 3] = [1, 7, 1 << 20];

pub(crate) const PROVIDERS: [&str; 13] = [
    "anthropic",
    "cohere",
    "deepseek",
    "fireworks",
    "google",
    "groq",
    "huggingface",
    "ollama",
    "openai",
    "openrouter",
    "together",
    "vertex_ai",
    "vllm",
];

#[test]
fn every_provider_of_the_table_has_exchanges() {
    let folders: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(folders.iter().map(String::as_str).collect::<Vec<_>>(), PROVIDERS);
    let table: BTreeSet<&str> =
        cascade_providers::dialects().iter().map(|dialect| dialect.name).collect();
    assert_eq!(table.into_iter().collect::<Vec<_>>(), PROVIDERS);
}

#[test]
fn names_are_unique() {
    let mut names = BTreeSet::new();
    for exchange in PROVIDERS.iter().flat_map(|name| files_of(name)).flat_map(|f| f.exchanges) {
        assert!(names.insert(exchange.name.clone()), "two exchanges are named `{}`", exchange.name);
    }
    assert!(names.len() >= 200);
}

macro_rules! providers {
    ($($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                run(stringify!($name)).await;
            }
        )*
    };
}

providers! {
    anthropic cohere deepseek fireworks google groq huggingface ollama openai openrouter
    together vertex_ai vllm
}

async fn run(provider: &str) {
    let mut failures = Vec::new();
    let mut count = 0;
    for file in files_of(provider) {
        assert_eq!(file.provider, provider);
        for exchange in &file.exchanges {
            count += 1;
            for difference in play(&file, exchange).await {
                failures.push(format!("{}: {difference}", exchange.name));
            }
        }
    }
    assert!(count > 0);
    assert!(failures.is_empty(), "{} differences:\n{}", failures.len(), failures.join("\n"));
}

/// Plays an exchange in every way it can be played; what differs from what is expected.
async fn play(file: &ExchangeFile, exchange: &Exchange) -> Vec<String> {
    let mut differences = Vec::new();
    if let Some(reply) = &exchange.response {
        let (record, sent) = call(file, exchange, reply.script(), false).await;
        compare_request(file, exchange, &sent, false, &mut differences);
        compare("plain", &exchange.expected, &record, &mut differences);
    }
    if exchange.operation != Operation::Chat {
        return differences;
    }
    let is_error = exchange.expected.contains_key("error");
    let streamed = exchange.streamed.as_ref().or(exchange.response.as_ref().filter(|_| is_error));
    if let Some(reply) = streamed {
        let (record, sent) = call(file, exchange, reply.script(), true).await;
        compare_request(file, exchange, &sent, true, &mut differences);
        compare("streamed", &exchange.expected, &record, &mut differences);
        for size in CUTS {
            let script = reply.script().split_every(size);
            let (cut, _) = call(file, exchange, script, true).await;
            if without_message(&cut) != without_message(&record) {
                differences.push(format!("pieces of {size} bytes give {cut}, not {record}"));
            }
        }
    }
    differences
}

async fn call(
    file: &ExchangeFile,
    exchange: &Exchange,
    script: Script,
    stream: bool,
) -> (Value, Vec<RecordedRequest>) {
    let server = LoopbackServer::sequence([script]);
    let asked = exchange.ask.get("model").and_then(Value::as_str).unwrap_or("any");
    let mut model = ModelConfig::new(asked, &*file.provider);
    model.api_key = Some(ApiKey::new(KEY));
    model.base_url = Some(format!("{}{}", server.url(), file.base_path));
    let lookup = |name: &str| file.environment.get(name).cloned();
    if exchange.operation == Operation::Embed {
        return (embed(file, model, &exchange.ask).await, server.requests());
    }
    let provider =
        HttpProvider::new(dialect(&file.provider).unwrap(), &model, &lookup, once()).unwrap();
    let record = match exchange.operation {
        Operation::Chat if stream => {
            let request = read_ask(&exchange.ask);
            match provider.stream(&request).await {
                Err(error) => json!({"error": error_record(&error)}),
                Ok(stream) => {
                    let heard = hear(stream).await;
                    let mut record = match (&heard.done, &heard.error) {
                        (Some(answer), None) => answer_record(answer),
                        (None, Some(error)) => json!({"error": error_record(error)}),
                        other => panic!("a stream ends once: {other:?}"),
                    };
                    // What was heard piece by piece is what the assembled answer holds.
                    if let Some(answer) = &heard.done {
                        assert_eq!(heard.text, answer.content, "{}", exchange.name);
                        assert_eq!(heard.thinking, thinking_of(answer), "{}", exchange.name);
                        assert_eq!(heard.arguments.len(), answer.tool_calls.len());
                        let complete = answer.thinking.get(..heard.reasoned.len());
                        assert_eq!(complete, Some(&*heard.reasoned), "{}", exchange.name);
                        let signed = |part: &&Part| matches!(part, Part::Thinking { signature, redacted, .. } if signature.is_some() || redacted.is_some());
                        assert_eq!(
                            heard.reasoned.iter().filter(signed).count(),
                            answer.thinking.iter().filter(signed).count(),
                            "{}",
                            exchange.name
                        );
                    }
                    record["text"] = json!(heard.text);
                    record
                }
            }
        }
        Operation::Chat => match provider.complete(&read_ask(&exchange.ask)).await {
            Ok(answer) => answer_record(&answer),
            Err(error) => json!({"error": error_record(&error)}),
        },
        Operation::Models => {
            let listed = provider.list_models().await.unwrap();
            json!({"models": listed.into_iter().map(|model| model.id).collect::<Vec<_>>()})
        }
        Operation::Embed => unreachable!("vectors have a provider of their own"),
    };
    (record, server.requests())
}

/// The vectors of the texts in `ask`; its other fields are extra parameters of the model.
async fn embed(file: &ExchangeFile, mut model: ModelConfig, ask: &Map<String, Value>) -> Value {
    let texts: Vec<&str> =
        ask["input"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    model.extra = ask
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "model" | "input"))
        .map(own)
        .collect();
    let lookup = |name: &str| file.environment.get(name).cloned();
    let provider =
        EmbeddingProvider::new(dialect(&file.provider).unwrap(), &model, &lookup, once()).unwrap();
    let made = provider.embed_counted(&texts).await.unwrap();
    json!({"embeddings": made.vectors, "usage": made.usage.as_ref().map(usage_record)})
}

fn own((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// The request of an `ask`; system messages become the system prompt.
fn read_ask(ask: &Map<String, Value>) -> ChatRequest {
    let mut fields = Fields::new("ask", Value::Object(ask.clone())).unwrap();
    let model: String = fields.take("model").unwrap().unwrap();
    let messages = read_messages("messages", &fields.take_value("messages").unwrap()).unwrap();
    let (system, messages): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|message| message.role == Role::System);
    let mut instructions: Vec<String> =
        fields.take::<String>("system_prompt").unwrap().into_iter().collect();
    instructions.extend(system.iter().map(Message::text));
    let mut request = ChatRequest::new(model, messages);
    request.system = (!instructions.is_empty()).then(|| instructions.join("\n\n").into());
    request.max_tokens = fields.take("max_tokens").unwrap();
    request.temperature = fields.take("temperature").unwrap();
    request.top_p = fields.take("top_p").unwrap();
    request.stop = fields.take_or_default::<Vec<String>>("stop").unwrap().into();
    request.seed = fields.take("seed").unwrap();
    if let Some(tools) = fields.take_value("tools") {
        request.tools = read_tools("tools", &tools).unwrap().into();
    }
    request.tool_choice =
        fields.take_value("tool_choice").map(|choice| read_tool_choice(&choice).unwrap());
    request.response_format = fields
        .take_value("response_format")
        .map(|format| Arc::new(read_response_format(&format).unwrap()));
    request.logprobs = fields.take_or_default("logprobs").unwrap();
    request.extra = Arc::new(fields.take_or_default("extra").unwrap());
    fields.finish().unwrap();
    request
}

fn answer_record(answer: &ChatResponse) -> Value {
    let signatures: Vec<&str> = answer
        .thinking
        .iter()
        .filter_map(|part| match part {
            Part::Thinking { signature, .. } => signature.as_deref(),
            _ => None,
        })
        .collect();
    let calls: Vec<Value> = answer
        .tool_calls
        .iter()
        .map(|call| {
            json!({
                "id": call.id, "name": call.name, "arguments": call.parsed_arguments()
            })
        })
        .collect();
    json!({
        "text": answer.content,
        "thinking": thinking_of(answer),
        "signatures": signatures,
        "tool_calls": calls,
        "finish_reason": answer.finish_reason,
        "model": answer.model,
        "request_id": answer.request_id,
        "usage": answer.usage.as_ref().map(usage_record),
        "logprobs": answer.logprobs.as_ref().map(|tokens| {
            tokens.iter().map(|token| json!([token.token, token.logprob])).collect::<Vec<_>>()
        }),
        "reported_cost": answer.reported_cost,
    })
}

fn usage_record(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_input_tokens": usage.cached_input_tokens,
        "cache_write_5m_tokens": usage.cache_write_5m_tokens,
        "cache_write_1h_tokens": usage.cache_write_1h_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "audio_input_tokens": usage.audio_input_tokens,
        "cached_audio_input_tokens": usage.cached_audio_input_tokens,
        "audio_output_tokens": usage.audio_output_tokens,
        "image_input_tokens": usage.image_input_tokens,
        "image_output_tokens": usage.image_output_tokens,
        "service_tier": usage.service_tier,
    })
}

fn error_record(error: &Error) -> Value {
    json!({
        "kind": error.kind(),
        "status": error.status(),
        "retry_after": error.retry_after().map(|wait| wait.as_secs_f64()),
        "request_id": error.request_id(),
        "message": error.message(),
    })
}

/// A record without the words of an error, which name the server's port.
fn without_message(record: &Value) -> Value {
    let mut record = record.clone();
    if let Some(error) = record["error"].as_object_mut() {
        error.remove("message");
    }
    record
}

fn thinking_of(answer: &ChatResponse) -> String {
    answer
        .thinking
        .iter()
        .filter_map(|part| match part {
            Part::Thinking { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// What an answer without them is expected to have in place of the fields that are left out.
fn with_defaults(expected: &Map<String, Value>) -> Map<String, Value> {
    let mut whole = expected.clone();
    if whole.contains_key("error") {
        whole.entry("text").or_insert(Value::Null);
        return whole;
    }
    if !whole.contains_key("text") {
        return whole;
    }
    for (name, empty) in [
        ("thinking", json!("")),
        ("tool_calls", json!([])),
        ("logprobs", Value::Null),
        ("reported_cost", Value::Null),
        ("usage", Value::Null),
    ] {
        whole.entry(name).or_insert(empty);
    }
    whole
}

fn compare(way: &str, expected: &Map<String, Value>, record: &Value, out: &mut Vec<String>) {
    if record.get("error").is_some() && !expected.contains_key("error") {
        out.push(format!("{way}: {record}"));
        return;
    }
    for (name, value) in &with_defaults(expected) {
        let got = &record[name];
        let differs = match name.as_str() {
            "error" => !matches_error(value, got),
            "usage" => !matches_usage(value, got),
            "embeddings" | "logprobs" => !same_numbers(value, got),
            // An error's text is what came before it.
            "text" if expected.contains_key("error") => {
                value.as_str().unwrap_or_default() != got.as_str().unwrap_or_default()
            }
            _ => value != got,
        };
        if differs {
            out.push(format!("{way}: `{name}` is {got}, not {value} (record: {record})"));
        }
    }
}

fn matches_error(expected: &Value, got: &Value) -> bool {
    expected.as_object().unwrap().iter().all(|(name, value)| match name.as_str() {
        "message_contains" => {
            got["message"].as_str().is_some_and(|words| words.contains(value.as_str().unwrap()))
        }
        "retry_after" => got[name].as_f64() == value.as_f64(),
        _ => &got[name] == value,
    }) && (expected.get("retry_after").is_some() || got["retry_after"].is_null())
}

/// Counts that are not given are zero, and a tier that is not given is not known.
fn matches_usage(expected: &Value, got: &Value) -> bool {
    match (expected.as_object(), got.as_object()) {
        (None, None) => true,
        (Some(expected), Some(got)) => got.iter().all(|(name, got)| match expected.get(name) {
            Some(expected) => expected == got,
            None => got.is_null() || *got == json!(0),
        }),
        _ => false,
    }
}

/// Equal as doubles, whole numbers included.
fn same_numbers(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same_numbers(l, r))
        }
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        _ => left == right,
    }
}

fn compare_request(
    file: &ExchangeFile,
    exchange: &Exchange,
    sent: &[RecordedRequest],
    stream: bool,
    out: &mut Vec<String>,
) {
    let [sent] = sent else {
        out.push(format!("{} requests were sent", sent.len()));
        return;
    };
    let expected = &exchange.request;
    let path = expected.streamed_path.as_ref().filter(|_| stream).unwrap_or(&expected.path);
    let sent_path = sent.path.split('?').next().unwrap();
    if sent.method != expected.method || sent_path != path {
        out.push(format!("request is {} {}", sent.method, sent.path));
    }
    for (name, value) in file.headers.iter().chain(&expected.headers) {
        if sent.header(name) != Some(value) {
            out.push(format!("header `{name}` is {:?}", sent.header(name)));
        }
    }
    let body = sent.json();
    for name in &expected.without {
        if body.get(name).is_some() {
            out.push(format!("request has `{name}`: {}", body[name]));
        }
    }
    let mut bodies = vec![&expected.body];
    bodies.extend(stream.then_some(&expected.streamed_body));
    for expected in bodies.into_iter().filter(|body| !body.is_empty()) {
        if let Some(path) = missing("", &Value::Object(expected.clone()), &body) {
            out.push(format!("request differs at `{path}`: {body}"));
        }
    }
}

/// The path at which `whole` lacks something of `part`. Lists must be of one length.
fn missing(path: &str, part: &Value, whole: &Value) -> Option<String> {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part.iter().find_map(|(name, value)| {
            let path = format!("{path}.{name}");
            match whole.get(name) {
                Some(own) => missing(&path, value, own),
                None => Some(path),
            }
        }),
        (Value::Array(part), Value::Array(whole)) if part.len() == whole.len() => part
            .iter()
            .zip(whole)
            .enumerate()
            .find_map(|(at, (part, whole))| missing(&format!("{path}[{at}]"), part, whole)),
        (Value::Number(part), Value::Number(whole)) if part.as_f64() == whole.as_f64() => None,
        _ if part == whole => None,
        _ => Some(path.to_owned()),
    }
}
