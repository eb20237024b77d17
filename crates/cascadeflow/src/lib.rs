//! An LLM cascade: a cheap model answers first, its answer is judged, and a stronger model is asked
//! only when it must be.
//!
//! This crate wires the defaults: configuration → [`Agent`]. It holds no logic of its own.

mod clock;
mod config;
mod config_file;
mod config_reading;
pub mod env_vars;
pub mod otel_env;
pub mod presets;
mod unavailable;

pub use cascade_core::*;
pub use cascade_core::{error, ports, query, types};
pub use cascade_providers as providers;
pub use cascade_quality as quality;
pub use cascade_routing as routing;
pub use cascade_telemetry as telemetry;
pub use clock::SystemClock;
pub use config::{AgentConfig, UserCode};
pub use config_reading::read_value;

/// The Rust snippets of the pages outside this crate, run as tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../docs/guides/budgets.md")]
    struct Budgets;
    #[doc = include_str!("../../../docs/guides/custom-provider.md")]
    struct CustomProvider;
    #[doc = include_str!("../../../docs/guides/custom-checks.md")]
    struct CustomChecks;
    #[doc = include_str!("../../../docs/guides/custom-router.md")]
    struct CustomRouter;
    #[doc = include_str!("../../../docs/guides/forecasting.md")]
    struct Forecasting;
    #[doc = include_str!("../../../docs/guides/ledger.md")]
    struct Ledger;
}
