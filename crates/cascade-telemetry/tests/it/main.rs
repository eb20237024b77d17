//! Tests of the public surface of `cascade-telemetry`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation ends the test")]

mod catalogue;
mod embedded;
mod estimate;
mod loading;
mod tokens;
