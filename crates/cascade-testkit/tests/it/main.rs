//! The test doubles do what the tests above them rely on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod fake_clock;
mod loopback_server;
mod scripted_provider;
