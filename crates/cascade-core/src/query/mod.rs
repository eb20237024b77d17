//! One-pass analysis of a query, read by everything downstream.

mod analysis;

pub use analysis::QueryAnalysis;
