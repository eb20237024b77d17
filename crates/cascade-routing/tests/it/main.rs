//! Integration tests of the routers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed expectation ends the test")]

mod complexity;
mod custom;
mod domain;
mod laws;
mod strategy;
mod support;
mod tools;
