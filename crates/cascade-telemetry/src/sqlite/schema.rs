//! Opening a ledger file: what it is, whether it can be used, and bringing it up to date.

use std::path::Path;
use std::time::{Duration, Instant};

use cascade_core::{Error, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::failure::describe;
use super::options::{Durability, SqliteOptions};
use super::value::count;

/// Marks a file as a ledger of ours: "casc".
const APPLICATION_ID: i64 = 0x6361_7363;

/// What each version of the schema adds to the one before; the first makes version 1.
const MIGRATIONS: [&[&str]; 1] =
    [&[include_str!("../../data/ledger/0001.sql"), COST_ENTRIES, COST_ENTRIES_INDEXES]];

/// The table of spendings, in ledgers and in exports alike.
pub(crate) const COST_ENTRIES: &str = include_str!("../../data/ledger/cost_entries.sql");
/// What finds spendings in it.
pub(crate) const COST_ENTRIES_INDEXES: &str =
    include_str!("../../data/ledger/cost_entries_indexes.sql");

/// Opens the ledger at `path`, makes it where there is none, and brings it up to date.
pub(super) fn open(path: &Path, options: &SqliteOptions) -> Result<Connection> {
    connect(path, options).map_err(|error| describe(path, error)).and_then(|connection| {
        check_ours(path, &connection)?;
        prepare(path, connection, options)
    })
}

/// Refuses paths that name no file of their own.
pub(super) fn check_path(path: &Path) -> Result<()> {
    let text = path.as_os_str();
    if text.is_empty() || text == ":memory:" {
        return Err(Error::config(
            "path",
            format!("a ledger needs a file: `{}`", path.display()),
            "give a path, or use the store in memory",
        ));
    }
    if path.is_dir() {
        return Err(Error::config(
            "path",
            format!("the ledger `{}` is a folder", path.display()),
            "give the path of a file, such as `ledger.db`",
        ));
    }
    Ok(())
}

fn connect(path: &Path, options: &SqliteOptions) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Refuses files of other programs and of later versions of this one, before anything is written.
fn check_ours(path: &Path, connection: &Connection) -> Result<()> {
    let read = || {
        // At one moment: another process may be making the ledger right now.
        let moment = connection.unchecked_transaction()?;
        let read = |sql: &str| moment.query_row(sql, [], |row| row.get::<_, i64>(0));
        rusqlite::Result::Ok((
            read("SELECT count(*) FROM sqlite_schema")?,
            read("PRAGMA application_id")?,
            read("PRAGMA user_version")?,
        ))
    };
    let (objects, application, version) = read().map_err(|error| describe(path, error))?;
    let foreign = if application == 0 { objects > 0 } else { application != APPLICATION_ID };
    if foreign {
        return Err(Error::config(
            "path",
            format!("`{}` is a database of another program", path.display()),
            "give the path of a ledger, or of a file that does not exist yet; \
             read an export with `import`",
        ));
    }
    if version > latest() {
        return Err(Error::config(
            "path",
            format!(
                "the ledger `{}` has version {version}, and this program knows {} at most",
                path.display(),
                latest()
            ),
            "use the newer program that wrote it",
        ));
    }
    Ok(())
}

fn latest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

fn prepare(path: &Path, connection: Connection, options: &SqliteOptions) -> Result<Connection> {
    let deadline = Instant::now() + options.busy_timeout;
    loop {
        match set_up(&connection, options) {
            Ok(()) => return migrate(path, connection),
            // Changing the journal does not wait for others by itself.
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                std::thread::park_timeout(Duration::from_millis(5));
            }
            Err(error) => return Err(describe(path, error)),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn set_up(connection: &Connection, options: &SqliteOptions) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let full = options.durability == Durability::Full;
    connection.pragma_update(None, "synchronous", if full { "FULL" } else { "NORMAL" })?;
    // Where a plain fsync leaves data in the drive, as on macOS.
    connection.pragma_update(None, "fullfsync", full)?;
    connection.pragma_update(None, "checkpoint_fullfsync", full)?;
    if let Some(bytes) = options.max_bytes {
        let size: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        connection.pragma_update(None, "max_page_count", count(bytes) / size.max(1))?;
    }
    connection.pragma_update(None, "journal_size_limit", 64 << 20)
}

fn migrate(path: &Path, mut connection: Connection) -> Result<Connection> {
    let mut run = || {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been first, while this one waited.
        let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let done = usize::try_from(version).unwrap_or_default();
        for script in MIGRATIONS.iter().skip(done).copied().flatten() {
            transaction.execute_batch(script)?;
        }
        if version < latest() {
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", latest())?;
        }
        transaction.commit()
    };
    run().map_err(|error| describe(path, error))?;
    Ok(connection)
}

/// Whether the database is a ledger that a store keeps.
pub(crate) fn is_store(connection: &Connection) -> rusqlite::Result<bool> {
    let id: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    Ok(id == APPLICATION_ID)
}
