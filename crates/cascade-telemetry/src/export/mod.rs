//! Spendings as files: JSON, CSV and SQLite, written and read piece by piece, so that files of any
//! size need little memory.

mod columns;
mod csv_file;
mod entry_writer;
pub(crate) mod field;
mod format;
mod formula_guard;
mod json_file;
mod matching;
mod new_file;
mod reading;
#[cfg(feature = "sqlite")]
mod sqlite_file;
mod store;
mod sums;

pub use entry_writer::{EntryWriter, ExportContext, ExportSummary};
pub use field::{moment_text, parse_moment};
pub use format::ExportFormat;
#[cfg(feature = "sqlite")]
pub(crate) use new_file::unreadable;
pub use reading::read_entries;
pub use store::{export_entries, import_entries};
