//! What goes wrong with a file, in words with a remedy.

use std::path::Path;

use cascade_core::{Error, ErrorKind};
use rusqlite::ErrorCode;

/// The error that `source` is to the user of the file at `path`.
pub(crate) fn describe(path: &Path, source: rusqlite::Error) -> Error {
    let file = path.display();
    let (kind, message, hint) = match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => (
            ErrorKind::Config,
            format!("`{file}` is not a SQLite database"),
            "give the path of a ledger, or of a file that does not exist yet",
        ),
        Some(ErrorCode::DatabaseCorrupt) => (
            ErrorKind::Config,
            format!("the ledger `{file}` is damaged"),
            "restore it from a copy, or move it away so that a new one is made",
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => (
            ErrorKind::Config,
            format!("the ledger `{file}` cannot be written"),
            "allow writing to the file and to its folder, where SQLite keeps its log beside it",
        ),
        Some(ErrorCode::CannotOpen) => (
            ErrorKind::Config,
            format!("the ledger `{file}` cannot be opened"),
            "give a file in a folder that exists and can be written",
        ),
        Some(ErrorCode::DiskFull) => (
            ErrorKind::Config,
            format!("the ledger `{file}` cannot grow: its disk or the limit of its size is full"),
            "free some space, or allow more `max_bytes`; spendings are kept and tried again",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            ErrorKind::Timeout,
            format!("the ledger `{file}` is kept busy by another process"),
            "try again, allow a longer `busy_timeout`, or end the process that holds it",
        ),
        Some(ErrorCode::SystemIoFailure) => (
            ErrorKind::Config,
            format!("the disk of the ledger `{file}` fails"),
            "see what the operating system reports of the disk",
        ),
        _ if is_conversion(&source) => (
            ErrorKind::Config,
            format!("the ledger `{file}` holds a value that cannot be read: {source}"),
            "restore it from a copy, or move it away so that a new one is made",
        ),
        _ => (
            ErrorKind::Internal,
            format!("the ledger `{file}` does not answer: {source}"),
            "make sure that only cascadeflow writes to the file",
        ),
    };
    Error::new(kind, message).with_field("path").with_hint(hint).with_source(source)
}

fn is_conversion(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
    )
}
