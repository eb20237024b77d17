//! Filters for entries that no database chooses.

use cascade_core::ports::{EntryFilter, LedgerEntry};

/// Whether an entry fulfils the conditions of a filter; its limit is not looked at.
pub(super) fn matches(filter: &EntryFilter, entry: &LedgerEntry) -> bool {
    let is = |wanted: &Option<String>, value: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| value == Some(wanted))
    };
    is(&filter.user_id, entry.scope.user_id.as_deref())
        && is(&filter.tier, entry.scope.tier.as_deref())
        && is(&filter.model, Some(&entry.model))
        && is(&filter.provider, Some(&entry.provider))
        && filter.from.is_none_or(|from| entry.at >= from)
        && filter.until.is_none_or(|until| entry.at < until)
        && filter.after.is_none_or(|after| entry.id > after)
}
