//! Tests of the public surface of `cascade-telemetry`.
mod catalogue;
