//! Providers written in Rust, as handles for Python.

mod answer;
mod instant;
mod native;

pub(crate) use instant::bench_instant_provider;
pub(crate) use native::{AnswerStream, NativeProvider, builtin_provider_names};
