//! The ledger in a SQLite file.

mod files;
mod laws;
mod sharing;
mod support;
mod writing;
