//! Operations on what surrounds the engine: breakers, the table of providers, tokens, prices.

use std::sync::Arc;
use std::time::Duration;

use cascade_testkit::FakeClock;
use cascadeflow::ports::PriceSource;
use cascadeflow::providers::{self, CircuitBreaker, CircuitBreakerConfig};
use cascadeflow::telemetry::{CostEstimator, PriceCatalogue, ReloadingPrices, TokenCounter};
use cascadeflow::{Input, ModelConfig, Usage, Usd};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use crate::execute::optional;
use crate::options::{read_input, text};
use crate::records;

pub(crate) fn circuit_breaker(input: &Map<String, Value>) -> Value {
    let settings = &input["settings"];
    let count = |name: &str| u32::try_from(settings[name].as_u64().unwrap()).unwrap();
    let time = |name: &str| Duration::from_millis(settings[name].as_u64().unwrap());
    let config = CircuitBreakerConfig {
        failure_threshold: count("failure_threshold"),
        recovery_timeout: time("recovery_timeout_ms"),
        half_open_max_calls: count("half_open_max_calls"),
        success_threshold: count("success_threshold"),
        failure_window: time("failure_window_ms"),
    };
    let clock = FakeClock::new();
    let breaker = CircuitBreaker::new("case", config, Arc::new(clock.clone()));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = Arc::clone(&heard);
    breaker
        .on_state_change(Arc::new(move |from, to| hearing.lock().push(format!("{from} > {to}"))));
    let mut steps = Vec::new();
    for step in input["steps"].as_array().unwrap() {
        let after = step.get("after_ms").map_or(0, |after| after.as_u64().unwrap());
        clock.advance(Duration::from_millis(after));
        let mut allowed = None;
        match step["do"].as_str().unwrap() {
            "can_execute" => allowed = Some(breaker.can_execute()),
            "success" => breaker.record_success(),
            "failure" => breaker.record_failure(),
            "rejection" => breaker.record_rejection(),
            "force_open" => breaker.force_open(),
            "force_close" => breaker.force_close(),
            "reset" => breaker.reset(),
            "nothing" => {}
            unknown => panic!("unknown step: `{unknown}`"),
        }
        steps.push(json!({
            "allowed": allowed,
            "state": breaker.state().code(),
            "retry_in_ms": breaker.time_until_retry().map(|left| left.as_secs_f64() * 1000.0),
        }));
    }
    let metrics = breaker.metrics();
    let changes = heard.lock().clone();
    json!({
        "steps": steps,
        "changes": changes,
        "total_calls": metrics.total_calls,
        "successful_calls": metrics.successful_calls,
        "failed_calls": metrics.failed_calls,
        "rejected_calls": metrics.rejected_calls,
        "failures": breaker.failure_count(),
    })
}

pub(crate) fn validate_provider(input: &Map<String, Value>) -> Value {
    match providers::validate_provider(&text(input, "provider")) {
        Ok(found) => json!({
            "name": found.name,
            "display_name": found.display_name,
            "requires_api_key": found.requires_api_key(),
            "built_in": found.built_in,
        }),
        Err(failed) => json!({"error": records::error(&failed)}),
    }
}

pub(crate) fn available_providers(input: &Map<String, Value>) -> Value {
    let environment: Map<String, Value> = optional(input, "environment").unwrap();
    let lookup = |name: &str| {
        let value = environment.get(name).and_then(Value::as_str)?;
        Some(value.to_owned()).filter(|value| !value.trim().is_empty())
    };
    json!({
        "available": providers::get_available_providers(&lookup),
        "configured": providers::configured_providers(&lookup),
    })
}

pub(crate) fn count_tokens(input: &Map<String, Value>) -> Value {
    let model: Option<String> = optional(input, "model");
    let counter = model.as_deref().map_or_else(TokenCounter::estimate, TokenCounter::for_model);
    let counted = match input.get("text").and_then(Value::as_str) {
        Some(text) => counter.text(text),
        None => counter.messages(&messages(input)),
    };
    json!(counted)
}

pub(crate) fn estimate_cost(input: &Map<String, Value>) -> Value {
    let estimator = CostEstimator::new(PriceCatalogue::embedded());
    let model = text(input, "model");
    let max_tokens: Option<u64> = optional(input, "max_tokens");
    let cost: Option<Usd> = optional(input, "cost");
    let estimate = match input.get("provider").and_then(Value::as_str) {
        Some(provider) => {
            let mut configured = ModelConfig::new(model, provider);
            configured.cost = cost;
            estimator.estimate_model(&configured, &messages(input), max_tokens)
        }
        None => estimator.estimate_cost(&model, &messages(input), max_tokens),
    };
    match estimate {
        Ok(estimate) => json!(estimate),
        Err(failed) => json!({"error": records::error(&failed)}),
    }
}

pub(crate) fn price_file(input: &Map<String, Value>) -> Value {
    let contents: Vec<String> = optional(input, "contents").unwrap();
    let usage: Usage = optional(input, "usage").unwrap();
    let model = ModelConfig::new(text(input, "model"), text(input, "provider"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prices.json");
    let mut prices: Option<ReloadingPrices> = None;
    let mut steps = Vec::new();
    for content in contents {
        std::fs::write(&path, content).unwrap();
        let read = match &prices {
            Some(prices) => prices.reload(),
            None => ReloadingPrices::open(&path).map(|opened| prices = Some(opened)),
        };
        let price = prices.as_ref().and_then(|prices| prices.price(&model));
        steps.push(json!({
            "cost": price.map(|price| price.cost(&usage)),
            "error": read.err().map(|failed| records::error(&failed)),
        }));
    }
    json!({"steps": steps})
}

fn messages(input: &Map<String, Value>) -> Vec<cascadeflow::Message> {
    match read_input(input) {
        Input::Messages(messages) => messages,
        Input::Text(text) => vec![cascadeflow::Message::user(text)],
    }
}
