//! Integration tests of the core.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation ends the test"
)]

mod chat_json;
mod engine_admission;
mod engine_budget;
mod engine_cache;
mod engine_cascade;
mod engine_error_trace;
mod engine_events;
mod engine_growth;
mod engine_ports_support;
mod engine_settling;
mod engine_steps;
mod engine_stream;
mod engine_support;
mod engine_tool_texts;
mod engine_tools;
mod engine_trace;
mod query_analysis;
mod query_complexity;
mod query_lexicon;
mod query_properties;
mod usd;
