//! Forecasts, anomalies and cost breakdowns: JSON text in, JSON text out.

use cascadeflow::{Error, Result, telemetry};
use napi_derive::napi;
use serde_json::Value;

use crate::error::to_js;

/// What will be spent. `request` has `series` or `entries`, `days`, `user_id`, `now`,
/// `utc_offset_seconds` and `options`.
#[napi]
pub(crate) fn forecast(request: String) -> napi::Result<String> {
    answer(&request, telemetry::forecast_json)
}

/// When a budget is used up. `request` has what a forecast's has, and `budget`.
#[napi]
pub(crate) fn budget_outlook(request: String) -> napi::Result<String> {
    answer(&request, telemetry::budget_outlook_json)
}

/// What stands out. `request` has `series` or `entries`, `of`, `user_id` and `options`.
#[napi]
pub(crate) fn detect_anomalies(request: String) -> napi::Result<String> {
    answer(&request, telemetry::detect_anomalies_json)
}

/// Alerts of `anomalies` from `min_severity` on.
#[napi]
pub(crate) fn anomaly_alerts(request: String) -> napi::Result<String> {
    answer(&request, telemetry::anomaly_alerts_json)
}

/// What a cascade of two models cost. `request` has the two prices, tokens, and `draft_accepted`.
#[napi]
pub(crate) fn cost_breakdown(request: String) -> napi::Result<String> {
    answer(&request, telemetry::cost_breakdown_json)
}

/// What comes of the `steps` of `request` under its budget `policy`, from `start` on.
#[napi]
pub(crate) fn budget_session(request: String) -> napi::Result<String> {
    answer(&request, telemetry::budget_session_json)
}

fn answer(request: &str, ask: fn(Value) -> Result<Value>) -> napi::Result<String> {
    let read = serde_json::from_str(request).map_err(|error| {
        Error::validation("request", format!("`request` is not JSON: {error}"), "give an object")
    });
    read.and_then(ask).map(|answer| answer.to_string()).map_err(to_js)
}
