//! Entries as a SQLite database.

use std::fs::File;
use std::path::{Path, PathBuf};

use cascade_core::ports::{EntryFilter, LedgerEntry};
use cascade_core::{Error, Result};
use rusqlite::{Connection, OpenFlags, params};

use super::columns::{Read, SCHEMA_VERSION};
use super::entry_writer::ExportContext;
use super::field;
use super::new_file::{NewFile, malformed, unreadable};
use super::sums::Sums;
use crate::sqlite::{COST_ENTRIES, COST_ENTRIES_INDEXES, describe, entry_row, is_store};

const ABOUT: &str = "CREATE TABLE IF NOT EXISTS export_metadata \
                     (name TEXT PRIMARY KEY, value TEXT); DELETE FROM export_metadata;";

pub(super) struct SqliteWriter {
    /// Where the connection writes.
    path: PathBuf,
    /// The file to put in its place; `None` where a table of an existing database is replaced.
    target: Option<NewFile>,
    connection: Connection,
}

impl SqliteWriter {
    /// A new database; in one that exists, only the table `cost_entries` is replaced.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let exists = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
        let target = if exists { None } else { Some(NewFile::create(path)?) };
        let place = target.as_ref().map_or(path, NewFile::path).to_owned();
        let begin = || {
            let connection = Connection::open(&place)?;
            if exists && is_store(&connection)? {
                return Ok(None);
            }
            if !exists {
                // An unfinished file is thrown away, so nothing must guard it.
                connection.pragma_update(None, "journal_mode", "OFF")?;
                connection.pragma_update(None, "synchronous", "OFF")?;
            }
            connection.execute_batch("BEGIN IMMEDIATE; DROP TABLE IF EXISTS cost_entries")?;
            connection.execute_batch(COST_ENTRIES)?;
            connection.execute_batch(ABOUT)?;
            Ok(Some(connection))
        };
        match begin().map_err(|error| describe(path, error))? {
            Some(connection) => Ok(Self { path: path.to_owned(), target, connection }),
            None => Err(Error::validation(
                "path",
                format!("`{}` is a ledger in use, no place for an export", path.display()),
                "give another file",
            )),
        }
    }

    pub(super) fn push(&mut self, entry: &LedgerEntry) -> Result<()> {
        entry_row::insert(&self.connection, entry, &field::moment_text(entry.at))
            .map_err(|error| describe(&self.path, error))
    }

    pub(super) fn finish(self, sums: &Sums, context: &ExportContext) -> Result<()> {
        let Self { path, target, connection } = self;
        let end = || {
            let about = [
                ("schema_version", Some(SCHEMA_VERSION.to_string())),
                ("budget_limit", context.budget_limit.map(|limit| limit.to_string())),
                ("enforcement_mode", context.enforcement_mode.clone()),
                ("total_cost", Some(sums.cost.to_string())),
                ("total_entries", Some(sums.entries.to_string())),
            ];
            for (name, value) in about {
                connection.execute(
                    "INSERT INTO export_metadata (name, value) VALUES (?1, ?2)",
                    params![name, value],
                )?;
            }
            connection.execute_batch(COST_ENTRIES_INDEXES)?;
            connection.execute_batch("COMMIT")
        };
        end().map_err(|error| describe(&path, error))?;
        connection.close().map_err(|(_, error)| describe(&path, error))?;
        match target {
            Some(target) => target.finish(),
            None => Ok(()),
        }
    }
}

/// Gives every entry that matches to `visit` until it fails. Reads ledgers and exports.
pub(super) fn read(
    path: &Path,
    filter: &EntryFilter,
    visit: &mut dyn FnMut(LedgerEntry) -> Result<()>,
) -> Result<()> {
    File::open(path).map_err(|error| unreadable(path, error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |error| describe(path, error);
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(failed)?;
    let columns = columns(&connection).map_err(failed)?;
    if columns.is_empty() {
        return Err(malformed(path, "it has no table `cost_entries`"));
    }
    if columns.iter().any(|column| column == "cost_usd") {
        return entry_row::each(&connection, filter, visit).map_err(failed)?;
    }
    read_plain(path, &connection, filter, visit)
}

fn columns(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare("SELECT name FROM pragma_table_info('cost_entries')")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Reads the table of other writers, which has fewer columns.
fn read_plain(
    path: &Path,
    connection: &Connection,
    filter: &EntryFilter,
    visit: &mut dyn FnMut(LedgerEntry) -> Result<()>,
) -> Result<()> {
    let failed = |error| describe(path, error);
    let mut statement = connection
        .prepare(
            "SELECT id, timestamp, model, provider, tokens, cost, query_id, metadata \
             FROM cost_entries ORDER BY id",
        )
        .map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let read = || {
            let cost: f64 = row.get(5)?;
            let metadata: Option<String> = row.get(7)?;
            let id: i64 = row.get(0)?;
            let read = Read {
                timestamp: row.get(1)?,
                model: row.get(2)?,
                provider: row.get(3)?,
                tokens: row.get::<_, Option<i64>>(4)?.map(i64::unsigned_abs),
                cost: cost.to_string(),
                query_id: row.get(6)?,
                metadata: metadata.and_then(|text| serde_json::from_str(&text).ok()),
                ..Read::default()
            };
            Ok((id, read))
        };
        let (id, read) = read().map_err(failed)?;
        let entry =
            read.into_entry().map_err(|why| malformed(path, format_args!("row {id}: {why}")))?;
        if super::matching::matches(filter, &entry) {
            visit(entry)?;
        }
    }
    Ok(())
}
