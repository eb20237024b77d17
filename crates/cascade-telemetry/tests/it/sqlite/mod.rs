//! The ledger in a SQLite file.

mod engine;
mod files;
mod laws;
mod sharing;
mod support;
mod writing;
