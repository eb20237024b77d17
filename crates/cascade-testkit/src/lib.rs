//! Test doubles of cascadeflow: scripted and instant providers, a clock that only moves when told,
//! and a loopback HTTP server that misbehaves on purpose.
//!
//! Used by tests, benchmarks and the demo's checks only; no shipped crate depends on it. It knows
//! `cascade-core` and nothing above it.

mod fake_clock;
pub mod http;
mod instant_provider;
mod scripted_answer;
mod scripted_provider;

pub use fake_clock::FakeClock;
pub use instant_provider::InstantProvider;
pub use scripted_answer::ScriptedAnswer;
pub use scripted_provider::ScriptedProvider;
