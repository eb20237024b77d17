//! Operations on what was spent and what will be: forecasts, budgets, anomalies, breakdowns.

use cascadeflow::{Result, telemetry};
use serde_json::{Map, Value, json};

use crate::records;

/// The keys of the input of every operation here; an operation refuses what it does not know itself.
pub(crate) const KEYS: &[&str] = &[
    "series",
    "entries",
    "now",
    "utc_offset_seconds",
    "user_id",
    "days",
    "of",
    "options",
    "budget",
    "drafter_cost",
    "verifier_cost",
    "input_tokens",
    "draft_output_tokens",
    "verifier_output_tokens",
    "draft_accepted",
    "policy",
    "start",
    "steps",
];

/// Whether the operation is one of these.
pub(crate) fn knows(operation: &str) -> bool {
    find(operation).is_some()
}

/// What the operation gives, or the record of its error.
pub(crate) fn run(operation: &str, input: &Map<String, Value>) -> Value {
    let ask = find(operation).expect("a known operation");
    ask(Value::Object(input.clone()))
        .unwrap_or_else(|error| json!({"error": records::error(&error)}))
}

fn find(operation: &str) -> Option<fn(Value) -> Result<Value>> {
    match operation {
        "forecast" => Some(telemetry::forecast_json),
        "budget_outlook" => Some(telemetry::budget_outlook_json),
        "anomalies" => Some(telemetry::detect_anomalies_json),
        "cost_breakdown" => Some(telemetry::cost_breakdown_json),
        "budget_session" => Some(telemetry::budget_session_json),
        _ => None,
    }
}
