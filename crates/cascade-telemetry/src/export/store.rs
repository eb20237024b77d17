//! Between a store and a file.

use std::path::Path;

use cascade_core::ports::{BudgetStore, EntryFilter, LedgerEntry};
use cascade_core::{Result, Usd};

use super::entry_writer::{EntryWriter, ExportContext, ExportSummary};
use super::format::ExportFormat;
use super::reading::read_entries;

/// Entries that are read from the store at a time.
const PAGE: usize = 4_096;

/// Writes the entries of a store that match into a file, see [`EntryWriter`]. `progress` is told how
/// many are written, again and again.
///
/// # Errors
/// A validation error when the file cannot be written; what the store fails with.
pub async fn export_entries(
    store: &dyn BudgetStore,
    filter: &EntryFilter,
    path: impl AsRef<Path>,
    format: ExportFormat,
    context: ExportContext,
    mut progress: impl FnMut(u64),
) -> Result<ExportSummary> {
    let mut writer = EntryWriter::create(path, format, context)?;
    let mut written = 0_u64;
    if filter.newest && filter.limit.is_some() {
        for entry in store.entries(filter).await? {
            writer.push(&entry)?;
        }
        return writer.finish();
    }
    let most = filter.limit.map_or(u64::MAX, |limit| limit as u64);
    let mut page = filter.clone();
    while written < most {
        let size = usize::try_from(most - written).map_or(PAGE, |left| left.min(PAGE));
        page.limit = Some(size);
        let entries = store.entries(&page).await?;
        for entry in &entries {
            writer.push(entry)?;
        }
        written += entries.len() as u64;
        progress(written);
        let Some(last) = entries.last().filter(|_| entries.len() == size) else { break };
        page.after = Some(last.id);
    }
    writer.finish()
}

/// Books the entries of a file, see [`read_entries`], into a store: as entries and in its sums, on
/// no budget. The whole file is read before the first is booked, so that one that is malformed
/// changes nothing.
///
/// # Errors
/// A validation error that names the place when the file cannot be read or understood; what the
/// store fails with.
pub async fn import_entries(
    store: &dyn BudgetStore,
    path: impl AsRef<Path>,
    mut progress: impl FnMut(u64),
) -> Result<ExportSummary> {
    let path = path.as_ref();
    let all = EntryFilter::default();
    read_entries(path, &all, |_| Ok(()))?;
    let mut cost = Usd::ZERO;
    let mut booked = 0;
    let entries = read_entries(path, &all, |entry: LedgerEntry| {
        cost += entry.cost;
        store.commit(None, &[], LedgerEntry { id: 0, ..entry });
        booked += 1;
        if booked % PAGE as u64 == 0 {
            progress(booked);
        }
        Ok(())
    })?;
    store.flush().await?;
    progress(entries);
    Ok(ExportSummary { entries, cost })
}
