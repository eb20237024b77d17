use std::sync::Arc;
use std::time::Duration;

use cascadeflow::{
    BatchOptions, Input, Message, ResponseFormat, Result, Role, RunOptions, Strategy, StreamPolicy,
    Tool, ToolChoice,
};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Options {
    max_tokens: Option<u32>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    stop: Vec<String>,
    seed: Option<i64>,
    system_prompt: Option<String>,
    tools: Vec<Tool>,
    tool_choice: Option<ToolChoice>,
    response_format: Option<ResponseFormat>,
    complexity_hint: Option<String>,
    force_direct: bool,
    domain_hint: Option<String>,
    domain_confidence_hint: Option<f64>,
    quality_threshold: Option<f64>,
    deadline_ms: Option<u64>,
    stream_policy: Option<StreamPolicy>,
    strategy: Option<Strategy>,
    metadata: Map<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Batch {
    max_parallel: Option<usize>,
    timeout_per_query_ms: Option<u64>,
    total_timeout_ms: Option<u64>,
    stop_on_error: bool,
    retries: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMessage {
    role: Role,
    content: String,
}

/// The options of a case; what is absent takes the agent's default.
pub(crate) fn read_options(input: &Map<String, Value>) -> Result<RunOptions> {
    let written: Options = read(input, "options");
    Ok(RunOptions {
        max_tokens: written.max_tokens,
        temperature: written.temperature,
        top_p: written.top_p,
        stop: written.stop,
        seed: written.seed,
        system_prompt: written.system_prompt,
        tools: written.tools.into(),
        tool_choice: written.tool_choice,
        response_format: written.response_format,
        complexity_hint: written.complexity_hint.map(|hint| hint.parse()).transpose()?,
        force_direct: written.force_direct,
        domain_hint: written.domain_hint,
        domain_confidence_hint: written.domain_confidence_hint,
        quality_threshold: written.quality_threshold,
        deadline: written.deadline_ms.map(Duration::from_millis),
        stream_policy: written.stream_policy,
        strategy: written.strategy.map(Arc::new),
        metadata: written.metadata,
        ..RunOptions::default()
    })
}

/// The batch options of a case; what is absent takes the engine's default.
pub(crate) fn read_batch(input: &Map<String, Value>) -> BatchOptions {
    let written: Batch = read(input, "batch");
    let defaults = BatchOptions::default();
    let time = |milliseconds: Option<u64>| milliseconds.map(Duration::from_millis);
    BatchOptions {
        max_parallel: written.max_parallel.unwrap_or(defaults.max_parallel),
        timeout_per_query: time(written.timeout_per_query_ms).or(defaults.timeout_per_query),
        total_timeout: time(written.total_timeout_ms),
        stop_on_error: written.stop_on_error,
        retries: written.retries.unwrap_or(defaults.retries),
    }
}

/// What a case asks.
pub(crate) fn read_input(input: &Map<String, Value>) -> Input {
    let Some(messages) = input.get("messages") else {
        return Input::Text(text(input, "query"));
    };
    let messages: Vec<WrittenMessage> = serde_json::from_value(messages.clone()).unwrap();
    Input::Messages(messages.into_iter().map(|m| Message::new(m.role, m.content)).collect())
}

/// A text of the input.
pub(crate) fn text(input: &Map<String, Value>, key: &str) -> String {
    input.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("no text `{key}`")).to_owned()
}

fn read<T: serde::de::DeserializeOwned + Default>(input: &Map<String, Value>, key: &str) -> T {
    let Some(value) = input.get(key) else { return T::default() };
    serde_json::from_value(value.clone())
        .unwrap_or_else(|error| panic!("`{key}` cannot be read: {error}"))
}
