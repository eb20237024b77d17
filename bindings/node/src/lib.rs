//! The Node.js binding of cascadeflow: convert → call → map the error.
//!
//! Owns the crossing between JavaScript and the engine: handles around an agent, a stream and a
//! built-in provider, user classes as implementations of the provider port, and one converter for
//! each direction. Must not decide anything: whatever is chosen, judged or priced is chosen, judged
//! and priced by the crates below.
//!
//! Only `typescript/packages/core/src/native.ts` imports the addon. Structured values cross as JSON
//! text, which both sides read faster than property by property.

#![expect(
    clippy::needless_pass_by_value,
    reason = "functions called from JavaScript own their arguments: what is passed is a copy"
)]

mod agent;
mod callbacks;
mod cancel;
mod circuit_breaker;
mod clock;
mod convert;
mod decisions;
mod error;
mod instant_provider;
mod otel;
mod pricing;
mod provider;
mod provider_table;
mod registry;
mod runtime;
mod stream;
mod telemetry;
mod telemetry_forecast;
