use std::io;
use std::path::{Path, PathBuf};

#[cfg(not(feature = "sqlite"))]
use cascade_core::Error;
use cascade_core::ports::LedgerEntry;
use cascade_core::{Result, Usd};

use super::csv_file::CsvWriter;
use super::format::ExportFormat;
use super::json_file::JsonWriter;
use super::new_file::unwritable;
#[cfg(feature = "sqlite")]
use super::sqlite_file::SqliteWriter;
use super::sums::Sums;

/// What an export says of the budget behind its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportContext {
    /// The global limit in USD; `None` without one.
    pub budget_limit: Option<Usd>,
    /// The enforcement mode; `None` where nothing is enforced.
    pub enforcement_mode: Option<String>,
}

/// What was written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportSummary {
    /// Entries.
    pub entries: u64,
    /// What they cost together, in USD.
    pub cost: Usd,
}

/// Writes entries into a file that appears, complete, when it is finished; dropped before that, it
/// leaves nothing behind. An older file in its place is replaced. Of a SQLite database that is
/// there, the table `cost_entries` is replaced and the rest left alone.
pub struct EntryWriter {
    path: PathBuf,
    context: ExportContext,
    sums: Sums,
    file: Target,
}

enum Target {
    Json(Box<JsonWriter>),
    Csv(Box<CsvWriter>),
    #[cfg(feature = "sqlite")]
    Sqlite(Box<SqliteWriter>),
}

impl EntryWriter {
    /// Begins an export.
    ///
    /// # Errors
    /// A validation error when the file cannot be written or is a ledger in use.
    pub fn create(
        path: impl AsRef<Path>,
        format: ExportFormat,
        context: ExportContext,
    ) -> Result<Self> {
        let path = path.as_ref();
        let file = match format {
            ExportFormat::Json => Target::Json(Box::new(JsonWriter::create(path)?)),
            ExportFormat::Csv => Target::Csv(Box::new(CsvWriter::create(path)?)),
            #[cfg(feature = "sqlite")]
            ExportFormat::Sqlite => Target::Sqlite(Box::new(SqliteWriter::create(path)?)),
            #[cfg(not(feature = "sqlite"))]
            ExportFormat::Sqlite => return Err(without_sqlite()),
        };
        Ok(Self { path: path.to_owned(), context, sums: Sums::default(), file })
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// A validation error when the file cannot be written.
    pub fn push(&mut self, entry: &LedgerEntry) -> Result<()> {
        let written: io::Result<()> = match &mut self.file {
            Target::Json(file) => file.push(entry),
            Target::Csv(file) => file.push(entry),
            #[cfg(feature = "sqlite")]
            Target::Sqlite(file) => return file.push(entry).map(|()| self.sums.add(entry)),
        };
        written.map_err(|error| unwritable(&self.path, error))?;
        self.sums.add(entry);
        Ok(())
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// A validation error when the file cannot be written.
    pub fn finish(self) -> Result<ExportSummary> {
        let Self { path, context, sums, file } = self;
        let summary = ExportSummary { entries: sums.entries, cost: sums.cost };
        match file {
            Target::Json(file) => file.finish(&path, sums, &context)?,
            Target::Csv(file) => file.finish(&path)?,
            #[cfg(feature = "sqlite")]
            Target::Sqlite(file) => file.finish(&sums, &context)?,
        }
        Ok(summary)
    }
}

/// The error of a build that was made without SQLite.
#[cfg(not(feature = "sqlite"))]
pub(super) fn without_sqlite() -> Error {
    Error::validation(
        "format",
        "this program was built without SQLite",
        "use `json` or `csv`, or build it with the feature `sqlite`",
    )
}
