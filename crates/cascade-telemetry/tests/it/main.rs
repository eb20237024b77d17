//! Tests of the public surface of `cascade-telemetry`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation ends the test")]

mod anomaly;
mod budget_clock;
mod budget_config;
mod budget_engine;
mod budget_law;
mod budget_store_memory;
mod budget_tracker;
mod call_gate;
mod callbacks;
mod catalogue;
mod cost_breakdown;
mod degradation;
mod dropped_runs;
mod embedded;
mod enforcement;
mod estimate;
#[cfg(feature = "sqlite")]
mod exporting;
mod forecast;
mod loading;
mod metrics;
#[cfg(feature = "otel")]
mod otel_export;
#[cfg(feature = "otel")]
mod otel_faults;
#[cfg(feature = "otel")]
mod otel_support;
#[cfg(feature = "otel")]
mod otel_table;
mod outside_runs;
mod profiles;
mod rate_limits;
mod spend_generator;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "tiktoken")]
mod token_bound;
mod tokens;
mod trace_log;
