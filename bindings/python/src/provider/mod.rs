//! Providers written in Rust, as handles for Python.

mod answer;
mod http_settings;
mod instant;
mod native;
mod supported;

pub(crate) use http_settings::http_settings;
pub(crate) use instant::bench_instant_provider;
pub(crate) use native::{AnswerStream, NativeProvider, builtin_provider_names};
pub(crate) use supported::{
    available_providers, provider_capabilities, provider_info, reasoning_traits, require_provider,
    supported_providers,
};
