use std::path::{Path, PathBuf};

use cascadeflow::ports::{EntryFilter, LedgerEntry};
use cascadeflow::telemetry::read_entries;
use cascadeflow::{Error, ErrorKind};

use crate::failure::Failure;
use crate::terminal::{Progress, Terminal};

/// Entries between two steps of the progress.
const STEP: u64 = 1_000;

/// Runs `work` on a thread of its own, so that an interrupt comes through.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> cascadeflow::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| {
            Error::new(ErrorKind::Internal, "reading a ledger ended early").with_source(error)
        })?
        .map_err(Failure::from)
}

/// Folds every entry of a file that matches, on a thread of its own, and shows the progress.
pub(super) async fn fold<T: Send + 'static>(
    path: &Path,
    filter: EntryFilter,
    terminal: &Terminal,
    mut sum: T,
    add: impl Fn(&mut T, LedgerEntry) -> cascadeflow::Result<()> + Send + 'static,
) -> Result<T, Failure> {
    let bar = Progress::counting(terminal);
    bar.message(format!("entries of {}", path.display()));
    let path: PathBuf = path.to_owned();
    apart(move || {
        let mut number = 0_u64;
        read_entries(&path, &filter, |entry| {
            number += 1;
            if number.is_multiple_of(STEP) {
                bar.advance(STEP);
            }
            add(&mut sum, entry)
        })?;
        Ok(sum)
    })
    .await
}
