//! Tests of the command through its library entry.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod command;
mod demo;
mod ledger;
mod ledger_budgets;
mod models;
mod replay;
mod run;
mod statistics;
