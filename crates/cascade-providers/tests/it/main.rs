//! Tests of the public surface, over real loopback HTTP wherever HTTP is involved.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "helpers of tests fail by panicking"
)]

mod anthropic_http;
mod assembly;
mod base_urls;
mod cancellation;
mod encoding;
mod errors;
mod ndjson_parser;
mod ollama_http;
mod openai_http;
mod registry;
mod retries;
mod sse_parser;
mod stream_faults;
mod support;
mod table;
mod transport;
mod wire_both_ways;
