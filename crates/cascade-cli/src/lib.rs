//! The `cascadeflow` command: `run`, `models`, `demo`, `replay` and `ledger`.
//!
//! A face over the library: it parses arguments, calls the engine and shows what it gives. It is a
//! library as well as a binary, so that the Python package can offer the same command.

mod arguments;
mod demo;
mod entry;
mod environment;
mod failure;
mod ledger;
mod models;
pub mod replay;
mod run;
mod terminal;

pub use entry::{run_from_args, run_with};
pub use environment::Environment;
pub use terminal::Terminal;
