//! Integration tests of the judge.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation ends the test")]

mod acceptance;
mod checks;
mod confidence;
mod config;
mod draft;
mod laws;
mod support;
mod tool_calls;
mod user_checks;
mod verdict;
