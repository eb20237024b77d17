use std::path::Path;

use cascadeflow::ports::{BudgetStore, TotalsBy};
use cascadeflow::telemetry::{
    EntryWriter, ExportContext, ExportFormat, ExportSummary, SqliteStore, import_entries,
};
use cascadeflow::{Error, Usd};
use serde::Serialize;

use super::arguments::{ExportArguments, ImportArguments};
use super::reading::{apart, fold};
use crate::failure::Failure;
use crate::terminal::{Progress, Terminal, count, usd};

#[derive(Serialize)]
struct Report {
    file: String,
    entries: u64,
    cost: f64,
    cost_usd: Usd,
}

/// `ledger export`.
pub(super) async fn export(
    arguments: &ExportArguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let format = match &arguments.format {
        Some(name) => ExportFormat::named(name)?,
        None => ExportFormat::of_path(&arguments.to)?,
    };
    if same_file(&arguments.file, &arguments.to) {
        return Err(Error::validation(
            "to",
            format!("`{}` would be written over itself", arguments.to.display()),
            "give another file to write",
        )
        .into());
    }
    let filter = arguments.filter.filter()?;
    // Tells of a file that is missing before one is written.
    std::fs::metadata(&arguments.file).map_err(|error| missing(&arguments.file, error))?;
    let writer = EntryWriter::create(&arguments.to, format, ExportContext::default())?;
    let writer =
        fold(&arguments.file, filter, terminal, writer, |writer, entry| writer.push(&entry))
            .await?;
    let summary = apart(move || writer.finish()).await?;
    tell("Wrote", &arguments.to, summary, arguments.json, terminal)
}

/// `ledger import`.
pub(super) async fn import(
    arguments: &ImportArguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    std::fs::metadata(&arguments.file).map_err(|error| missing(&arguments.file, error))?;
    if same_file(&arguments.file, &arguments.into) {
        return Err(Error::validation(
            "into",
            "a ledger cannot be booked into itself",
            "give another ledger",
        )
        .into());
    }
    let store = SqliteStore::open(&arguments.into)?;
    let booked = store.totals(TotalsBy::All).await?.first().map_or(0, |sum| sum.entries);
    if booked > 0 && !arguments.append {
        return Err(Error::validation(
            "into",
            format!("`{}` has {booked} entries already", arguments.into.display()),
            "give a new ledger, or `--append` to book on top of them",
        )
        .into());
    }
    let bar = Progress::counting(terminal);
    bar.message(format!("entries into {}", arguments.into.display()));
    let file = arguments.file.clone();
    let runtime = tokio::runtime::Handle::current();
    let summary = apart(move || {
        let mut told = 0;
        runtime.block_on(import_entries(&store, &file, |number| {
            bar.advance(number - told);
            told = number;
        }))
    })
    .await?;
    tell("Booked into", &arguments.into, summary, arguments.json, terminal)
}

fn missing(path: &Path, error: std::io::Error) -> Error {
    Error::validation(
        "file",
        format!("`{}` cannot be read: {error}", path.display()),
        "give a ledger or an export that exists and may be read",
    )
    .with_source(error)
}

fn same_file(one: &Path, other: &Path) -> bool {
    let (one, other) = (one.canonicalize(), other.canonicalize());
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}

fn tell(
    what: &str,
    path: &Path,
    summary: ExportSummary,
    json: bool,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let ExportSummary { entries, cost } = summary;
    if json {
        let file = path.display().to_string();
        terminal.json(&Report { file, entries, cost: cost.to_f64(), cost_usd: cost })?;
    } else {
        let number = count(usize::try_from(entries).unwrap_or(usize::MAX), "entry", "entries");
        terminal.line(&format!("{what} {}: {number}, {}", path.display(), usd(cost)))?;
    }
    Ok(())
}
