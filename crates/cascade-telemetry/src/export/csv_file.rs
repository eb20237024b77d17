//! Entries as CSV.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use cascade_core::ports::LedgerEntry;
use cascade_core::{AttemptRole, Result};
use csv::{ReaderBuilder, StringRecord, Writer};

use super::columns::{Read, SCHEMA_VERSION};
use super::field;
use super::formula_guard::{guarded, unguarded};
use super::new_file::{NewFile, malformed, unreadable, unwritable};

/// The names of the columns, those that other writers have first.
const COLUMNS: [&str; 17] = [
    "timestamp",
    "model",
    "provider",
    "tokens",
    "cost",
    "query_id",
    "metadata",
    "user_id",
    "tenant_id",
    "tier",
    "key_id",
    "session_id",
    "role",
    "priced",
    "requests",
    "usage",
    VERSION,
];
const VERSION: &str = "schema_version";

pub(super) struct CsvWriter {
    target: NewFile,
    lines: Writer<BufWriter<File>>,
}

impl CsvWriter {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let target = NewFile::create(path)?;
        let file = target.file().try_clone().map_err(|error| unwritable(path, error))?;
        let mut lines = Writer::from_writer(BufWriter::new(file));
        lines.write_record(COLUMNS).map_err(|error| unwritable(path, error.into()))?;
        Ok(Self { target, lines })
    }

    pub(super) fn push(&mut self, entry: &LedgerEntry) -> io::Result<()> {
        let metadata = (!entry.metadata.is_empty())
            .then(|| serde_json::to_string(&entry.metadata))
            .transpose()?;
        let scope = &entry.scope;
        let text = |value: &Option<String>| guarded(value.as_deref()).into_owned();
        self.lines.write_record([
            &*field::moment_text(entry.at),
            &*guarded(Some(&entry.model)),
            &*guarded(Some(&entry.provider)),
            &entry.tokens.to_string(),
            &entry.cost.to_string(),
            &*guarded(entry.query_id.as_deref()),
            metadata.as_deref().unwrap_or_default(),
            &text(&scope.user_id),
            &text(&scope.tenant_id),
            &text(&scope.tier),
            &text(&scope.key_id),
            &text(&scope.session_id),
            entry.role.map(AttemptRole::as_str).unwrap_or_default(),
            entry.priced.as_str(),
            &entry.requests.to_string(),
            &serde_json::to_string(&entry.usage)?,
            &SCHEMA_VERSION.to_string(),
        ])?;
        Ok(())
    }

    pub(super) fn finish(mut self, path: &Path) -> Result<()> {
        self.lines.flush().map_err(|error| unwritable(path, error))?;
        drop(self.lines);
        self.target.finish()
    }
}

/// Gives every entry of a file to `visit` until it fails.
pub(super) fn read(path: &Path, visit: &mut dyn FnMut(LedgerEntry) -> Result<()>) -> Result<()> {
    let mut lines =
        ReaderBuilder::new().from_path(path).map_err(|error| unreadable(path, error.into()))?;
    let heads = lines.headers().map_err(|error| malformed(path, error))?.clone();
    let heads: Vec<&str> = heads.iter().map(|head| head.trim_start_matches('\u{feff}')).collect();
    for needed in ["timestamp", "model", "provider", "cost"] {
        if !heads.contains(&needed) {
            return Err(malformed(path, format_args!("it has no column `{needed}`")));
        }
    }
    let ours = heads.contains(&VERSION);
    let mut line = StringRecord::new();
    while lines.read_record(&mut line).map_err(|error| malformed(path, error))? {
        let number = line.position().map_or(0, csv::Position::line);
        let entry = fields(&heads, &line, ours)
            .and_then(Read::into_entry)
            .map_err(|why| malformed(path, format_args!("line {number}: {why}")))?;
        visit(entry)?;
    }
    Ok(())
}

fn fields(heads: &[&str], line: &StringRecord, ours: bool) -> Result<Read, String> {
    let mut read = Read::default();
    for (head, cell) in heads.iter().zip(line) {
        let text = || {
            let plain = if cell.is_empty() { None } else { Some(cell) };
            (if ours { unguarded(cell) } else { plain }).map(str::to_owned)
        };
        match *head {
            "timestamp" => cell.clone_into(&mut read.timestamp),
            "model" => read.model = text().unwrap_or_default(),
            "provider" => read.provider = text().unwrap_or_default(),
            "tokens" => read.tokens = number(head, cell)?,
            "cost" => cell.clone_into(&mut read.cost),
            "query_id" => read.query_id = text(),
            "metadata" => read.metadata = metadata(cell, ours)?,
            "user_id" => read.user_id = text(),
            "tenant_id" => read.tenant_id = text(),
            "tier" => read.tier = text(),
            "key_id" => read.key_id = text(),
            "session_id" => read.session_id = text(),
            "role" => read.role = text(),
            "priced" => read.priced = text(),
            "requests" => read.requests = number(head, cell)?,
            "usage" if !cell.is_empty() => {
                let usage = serde_json::from_str(cell)
                    .map_err(|error| format!("`usage` holds no token counts: {error}"))?;
                read.usage = Some(usage);
            }
            VERSION if cell.parse::<u32>().is_ok_and(|version| version > SCHEMA_VERSION) => {
                return Err(format!(
                    "`{VERSION}` is {cell}, and {SCHEMA_VERSION} is known at most"
                ));
            }
            _ => {}
        }
    }
    Ok(read)
}

fn number(name: &str, cell: &str) -> Result<Option<u64>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    cell.trim().parse().map(Some).map_err(|_| format!("`{name}` is no count: `{cell}`"))
}

/// Other writers put what is no JSON there; it is kept as text.
fn metadata(
    cell: &str,
    ours: bool,
) -> Result<Option<serde_json::Map<String, serde_json::Value>>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    match serde_json::from_str(cell) {
        Ok(map) => Ok(Some(map)),
        Err(error) if ours => Err(format!("`metadata` holds no JSON object: {error}")),
        Err(_) => {
            let mut map = serde_json::Map::new();
            map.insert("metadata".into(), cell.into());
            Ok(Some(map))
        }
    }
}
