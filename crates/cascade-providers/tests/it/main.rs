//! Tests of the public surface, over real loopback HTTP wherever HTTP is involved.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    clippy::format_collect,
    clippy::format_push_string,
    reason = "helpers of tests fail by panicking, and read better than they run"
)]

mod anthropic_http;
mod assembly;
mod base_urls;
mod cancellation;
mod circuit_breakers;
mod embeddings;
mod encoding;
mod errors;
mod exchange_coverage;
mod exchange_file;
mod exchanges;
mod faults;
mod http_options;
mod mutations;
mod ndjson_parser;
mod ollama_http;
mod ollama_pull;
mod openai_http;
mod reasoning_traits;
mod registry;
mod responses_http;
mod retries;
mod retry_budget;
mod round_trips;
mod served_on;
mod sse_parser;
mod stream_faults;
mod support;
mod supported_providers;
mod table;
mod transport;
mod vertex_credentials;
mod wire_both_ways;
