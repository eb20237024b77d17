//! Integration tests of the core.

mod engine_cascade;
mod engine_steps;
mod engine_stream;
mod engine_support;
mod usd;
