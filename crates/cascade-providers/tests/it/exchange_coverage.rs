//! The exchanges of every provider show everything that its API has.

use cascade_providers::wire::openai::LogprobsStyle;
use cascade_providers::{ImageInput, dialect};
use serde_json::{Value, json};

use crate::exchange_file::{Exchange, Operation, files_of};
use crate::exchanges::PROVIDERS;

/// Whether a message of `ask` has a part of one of these kinds.
fn has_part(exchange: &Exchange, kinds: &[&str]) -> bool {
    let messages = exchange.ask.get("messages").and_then(Value::as_array);
    messages
        .into_iter()
        .flatten()
        .filter_map(|message| message["content"].as_array())
        .flatten()
        .any(|part| part["type"].as_str().is_some_and(|kind| kinds.contains(&kind)))
}

fn has_role(exchange: &Exchange, role: &str) -> bool {
    let messages = exchange.ask.get("messages").and_then(Value::as_array);
    messages.into_iter().flatten().any(|message| message["role"] == role)
}

/// What a provider's exchanges must show where its API has it.
fn shows(exchange: &Exchange, what: &str) -> bool {
    let (ask, expected) = (&exchange.ask, &exchange.expected);
    let is_answer = !expected.contains_key("error");
    let says = |name: &str| expected.get(name).is_some_and(|value| !value.is_null());
    match what {
        "a plain answer" => is_answer && exchange.response.is_some() && says("text"),
        "a streamed answer" => is_answer && exchange.streamed.is_some() && says("text"),
        "a system prompt" => ask.contains_key("system_prompt") || has_role(exchange, "system"),
        "several turns" => has_role(exchange, "assistant"),
        "several tool calls in a stream" => {
            let calls = expected.get("tool_calls").and_then(Value::as_array);
            exchange.streamed.is_some() && calls.is_some_and(|calls| calls.len() > 1)
        }
        "results of tools" => has_role(exchange, "tool") || has_part(exchange, &["tool_result"]),
        "a forced choice" => ask.get("tool_choice").is_some_and(|choice| *choice != json!("auto")),
        "structured output" => ask.contains_key("response_format"),
        "a stop text" => ask.contains_key("stop"),
        "an extra parameter" => ask.contains_key("extra"),
        "an answer cut short" => expected.get("finish_reason") == Some(&json!("length")),
        "usage" => says("usage"),
        "models" => exchange.operation == Operation::Models,
        "a picture" => has_part(exchange, &["image_url", "image"]),
        "a seed" => ask.contains_key("seed"),
        "log-probabilities" => says("logprobs"),
        "embeddings" => exchange.operation == Operation::Embed,
        kind => expected.get("error").is_some_and(|error| error["kind"] == kind),
    }
}

#[test]
fn every_provider_shows_everything_its_api_has() {
    const ALWAYS: [&str; 17] = [
        "a plain answer",
        "a streamed answer",
        "a system prompt",
        "several turns",
        "several tool calls in a stream",
        "results of tools",
        "a forced choice",
        "structured output",
        "a stop text",
        "an extra parameter",
        "an answer cut short",
        "usage",
        "models",
        "auth",
        "not_found",
        "context_length",
        "overloaded",
    ];
    for name in PROVIDERS {
        let table = dialect(name).unwrap();
        let exchanges: Vec<Exchange> =
            files_of(name).into_iter().flat_map(|f| f.exchanges).collect();
        let sometimes = [
            ("a picture", table.images != ImageInput::None),
            ("a seed", table.seed),
            ("log-probabilities", table.logprobs != LogprobsStyle::None),
            ("embeddings", table.embedding_batch.is_some()),
            // A server of one's own has no limits but its size.
            ("rate_limit", table.key_required),
        ];
        let wanted = sometimes.iter().filter(|(_, has)| *has).map(|(what, _)| what);
        for what in ALWAYS.iter().chain(wanted) {
            assert!(exchanges.iter().any(|e| shows(e, what)), "{name} has no exchange of {what}");
        }
    }
}
