//! The Python face's native module, `cascadeflow._native`.
//!
//! Owns the conversion between Python objects and the types of the engine, the awaitable that polls
//! a Rust future on the event loop's own thread, and the ports that call back into Python. Must not
//! decide anything: every method converts, calls and maps the error.

mod agent;
mod awaitable;
mod batch;
mod callbacks;
mod command_line;
mod convert;
mod decisions;
mod error;
mod imports;
mod module;
mod otel;
mod prices;
mod pricing;
mod provider;
mod resilience;
mod result;
mod runtime;
mod shutdown;
mod statistics;
mod stream;
mod telemetry;
mod telemetry_forecast;

pub use module::_native;
