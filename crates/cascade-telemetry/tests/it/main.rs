//! Tests of the public surface of `cascade-telemetry`.

mod catalogue;
mod embedded;
mod estimate;
mod loading;
mod tokens;
