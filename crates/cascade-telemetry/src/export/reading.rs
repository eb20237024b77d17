use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use cascade_core::Result;
use cascade_core::ports::{EntryFilter, LedgerEntry};

use super::format::ExportFormat;
use super::matching::matches;
use super::new_file::unreadable;
use super::{csv_file, json_file};

/// Gives every entry of a file that matches `filter` to `visit`, in the order of the file, until it
/// fails; how many there were. Reads exports in each format, also those of the packages published
/// before, and ledgers. The format is found out from the file's first bytes.
///
/// Moments without an offset count as UTC. Limits and pages of the filter are not looked at: the
/// visitor may stop by failing.
///
/// # Errors
/// A validation error that names the place when the file cannot be read or understood; what `visit`
/// fails with.
pub fn read_entries(
    path: impl AsRef<Path>,
    filter: &EntryFilter,
    mut visit: impl FnMut(LedgerEntry) -> Result<()>,
) -> Result<u64> {
    let path = path.as_ref();
    let mut number = 0;
    let mut count = |entry| {
        number += 1;
        visit(entry)
    };
    let mut chosen =
        |entry: LedgerEntry| if matches(filter, &entry) { count(entry) } else { Ok(()) };
    match format_of(path)? {
        ExportFormat::Json => json_file::read(path, &mut chosen)?,
        ExportFormat::Csv => csv_file::read(path, &mut chosen)?,
        #[cfg(feature = "sqlite")]
        ExportFormat::Sqlite => super::sqlite_file::read(path, filter, &mut chosen)?,
        #[cfg(not(feature = "sqlite"))]
        ExportFormat::Sqlite => return Err(super::entry_writer::without_sqlite()),
    }
    Ok(number)
}

/// What the first bytes of a file tell.
fn format_of(path: &Path) -> Result<ExportFormat> {
    let mut start = Vec::with_capacity(64);
    File::open(path)
        .and_then(|file| file.take(64).read_to_end(&mut start))
        .map_err(|error| unreadable(path, error))?;
    if start.starts_with(b"SQLite format 3\0") {
        return Ok(ExportFormat::Sqlite);
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start).trim_ascii_start();
    Ok(if text.starts_with(b"{") { ExportFormat::Json } else { ExportFormat::Csv })
}
