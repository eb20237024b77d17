//! Circuit breakers: their configuration, and what is shown of them.

use std::time::Duration;

use cascadeflow::chat_json::Fields;
use cascadeflow::providers::CircuitBreakerConfig;
use cascadeflow::providers::circuit_breaker::{CircuitMetrics, CircuitStatus, StateChange};
use cascadeflow::{Error, Result};
use serde::Serialize;

/// A duration as JavaScript has it.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// The configuration in the JSON text `config`; what it leaves out is that of `default`.
pub(crate) fn read_circuit_config(
    config: Option<&str>,
    default: CircuitBreakerConfig,
) -> Result<CircuitBreakerConfig> {
    let Some(config) = config else { return Ok(default) };
    let mut fields = Fields::parse("config", config)?;
    let mut count = |field: &str, otherwise: u32| match fields.take::<u32>(field)? {
        Some(0) => Err(Error::validation(
            field,
            format!("`{field}` is zero"),
            "give a whole number, 1 or more",
        )),
        given => Ok(given.unwrap_or(otherwise)),
    };
    let read = CircuitBreakerConfig {
        failure_threshold: count("failure_threshold", default.failure_threshold)?,
        half_open_max_calls: count("half_open_max_calls", default.half_open_max_calls)?,
        success_threshold: count("success_threshold", default.success_threshold)?,
        recovery_timeout: fields
            .take_milliseconds("recovery_timeout_ms")?
            .unwrap_or(default.recovery_timeout),
        failure_window: fields
            .take_milliseconds("failure_window_ms")?
            .unwrap_or(default.failure_window),
    };
    fields.finish()?;
    Ok(read)
}

/// A configuration with every default filled in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CircuitConfigView {
    failure_threshold: u32,
    recovery_timeout_ms: f64,
    half_open_max_calls: u32,
    success_threshold: u32,
    failure_window_ms: f64,
}

impl From<CircuitBreakerConfig> for CircuitConfigView {
    fn from(config: CircuitBreakerConfig) -> Self {
        Self {
            failure_threshold: config.failure_threshold,
            recovery_timeout_ms: milliseconds(config.recovery_timeout),
            half_open_max_calls: config.half_open_max_calls,
            success_threshold: config.success_threshold,
            failure_window_ms: milliseconds(config.failure_window),
        }
    }
}

/// What can be seen of one breaker.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CircuitStatusView {
    name: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_until_retry_ms: Option<f64>,
    metrics: CircuitMetricsView,
}

/// What a breaker has seen. Moments are in milliseconds since the Unix epoch, as `Date` takes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CircuitMetricsView {
    total_calls: u64,
    successful_calls: u64,
    failed_calls: u64,
    rejected_calls: u64,
    state_changes: Vec<ChangeView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure_time: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_success_time: Option<f64>,
}

impl From<CircuitMetrics> for CircuitMetricsView {
    fn from(metrics: CircuitMetrics) -> Self {
        Self {
            total_calls: metrics.total_calls,
            successful_calls: metrics.successful_calls,
            failed_calls: metrics.failed_calls,
            rejected_calls: metrics.rejected_calls,
            state_changes: metrics.state_changes.into_iter().map(ChangeView::from).collect(),
            last_failure_time: metrics.last_failure_time.map(milliseconds),
            last_success_time: metrics.last_success_time.map(milliseconds),
        }
    }
}

#[derive(Serialize)]
struct ChangeView {
    from: &'static str,
    to: &'static str,
    at: f64,
}

impl From<StateChange> for ChangeView {
    fn from(change: StateChange) -> Self {
        Self { from: change.from.code(), to: change.to.code(), at: milliseconds(change.at) }
    }
}

impl From<CircuitStatus> for CircuitStatusView {
    fn from(status: CircuitStatus) -> Self {
        Self {
            name: status.name,
            state: status.state.code(),
            time_until_retry_ms: status.time_until_retry.map(milliseconds),
            metrics: status.metrics.into(),
        }
    }
}
