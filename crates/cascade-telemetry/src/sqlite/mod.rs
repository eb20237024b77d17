//! The ledger in a SQLite file.

mod accounts;
pub(crate) mod entry_row;
mod failure;
mod forking;
mod live;
mod operation;
mod options;
mod process_mark;
mod queue;
mod schema;
mod store;
mod totals;
mod value;
mod working_set;
mod writer;

pub(crate) use failure::describe;
pub use live::{LiveLedger, WindowBalance, read_live_ledger};
pub use options::{Durability, SqliteOptions};
pub(crate) use schema::{COST_ENTRIES, COST_ENTRIES_INDEXES, is_store};
pub use store::SqliteStore;
