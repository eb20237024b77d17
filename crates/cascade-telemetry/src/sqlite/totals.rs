//! Sums over entries within one transaction.

use std::collections::HashMap;
use std::sync::Arc;

use cascade_core::Spend;
use cascade_core::ports::{EntryTotal, LedgerEntry, TotalsBy};
use rusqlite::{Connection, OptionalExtension, params};

use super::accounts::spend_at;
use super::value::{Money, count, counted};

const ALL: &str = "all";
const MODEL: &str = "model";
const PROVIDER: &str = "provider";
const USER: &str = "user";

/// What the entries of a transaction add to the sums.
pub(super) struct Totals<'c> {
    connection: &'c Connection,
    added: HashMap<(&'static str, Arc<str>), Added>,
}

#[derive(Default)]
struct Added {
    entries: u64,
    spend: Spend,
    tier: Option<String>,
}

impl<'c> Totals<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, added: HashMap::new() }
    }

    pub(super) fn add(&mut self, entry: &LedgerEntry) {
        let user = entry.scope.user_id.as_deref().map(Arc::from);
        let sums = [
            Some((ALL, Arc::from(""))),
            Some((MODEL, Arc::clone(&entry.model))),
            Some((PROVIDER, Arc::clone(&entry.provider))),
            user.map(|user| (USER, user)),
        ];
        for (kind, name) in sums.into_iter().flatten() {
            let added = self.added.entry((kind, name)).or_default();
            added.entries += 1;
            added.spend = added.spend.plus(entry.spend());
            if kind == USER && entry.scope.tier.is_some() {
                added.tier.clone_from(&entry.scope.tier);
            }
        }
    }

    /// Writes what was added and forgets it.
    pub(super) fn write(&mut self) -> rusqlite::Result<()> {
        for ((kind, name), added) in self.added.drain() {
            let known = read_one(self.connection, kind, &name)?;
            let (entries, spend) =
                known.map_or((0, Spend::ZERO), |known| (known.entries, known.spend));
            let spend = spend.plus(added.spend);
            self.connection
                .prepare_cached(
                    "INSERT INTO totals (kind, name, entries, cost, requests, tokens, tier) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (kind, name) DO UPDATE SET \
                     entries = ?3, cost = ?4, requests = ?5, tokens = ?6, \
                     tier = coalesce(?7, tier)",
                )?
                .execute(params![
                    kind,
                    &*name,
                    count(entries.saturating_add(added.entries)),
                    Money(spend.cost),
                    count(spend.requests),
                    count(spend.tokens),
                    added.tier
                ])?;
        }
        Ok(())
    }

    /// The sums, those of this transaction included.
    pub(super) fn read(&mut self, by: &OwnedTotalsBy) -> rusqlite::Result<Vec<EntryTotal>> {
        self.write()?;
        let kind = match by {
            OwnedTotalsBy::All => {
                let total = read_one(self.connection, ALL, "")?;
                return Ok(vec![total.unwrap_or(EntryTotal {
                    name: Arc::from(""),
                    entries: 0,
                    spend: Spend::ZERO,
                })]);
            }
            OwnedTotalsBy::UserId(user) => {
                return Ok(read_one(self.connection, USER, user)?.into_iter().collect());
            }
            OwnedTotalsBy::Model => MODEL,
            OwnedTotalsBy::Provider => PROVIDER,
            OwnedTotalsBy::User => USER,
        };
        self.connection
            .prepare_cached(
                "SELECT name, entries, cost, requests, tokens FROM totals WHERE kind = ?1 \
                 ORDER BY name",
            )?
            .query_map([kind], |row| {
                Ok(EntryTotal {
                    name: row.get_ref(0)?.as_str()?.into(),
                    entries: counted(row.get(1)?),
                    spend: spend_at(row, 2)?,
                })
            })?
            .collect()
    }

    /// Ids of people; with a tier, of those last booked under it.
    pub(super) fn users(&mut self, tier: Option<&str>) -> rusqlite::Result<Vec<Arc<str>>> {
        self.write()?;
        self.connection
            .prepare_cached(
                "SELECT name FROM totals WHERE kind = ?1 AND (?2 IS NULL OR tier = ?2) \
                 ORDER BY name",
            )?
            .query_map(params![USER, tier], |row| Ok(row.get_ref(0)?.as_str()?.into()))?
            .collect()
    }

    pub(super) fn reset(&mut self) -> rusqlite::Result<()> {
        self.added.clear();
        self.connection.execute("DELETE FROM totals", []).map(|_| ())
    }
}

fn read_one(
    connection: &Connection,
    kind: &str,
    name: &str,
) -> rusqlite::Result<Option<EntryTotal>> {
    connection
        .prepare_cached(
            "SELECT entries, cost, requests, tokens FROM totals WHERE kind = ?1 AND name = ?2",
        )?
        .query_row([kind, name], |row| {
            Ok(EntryTotal {
                name: Arc::from(name),
                entries: counted(row.get(0)?),
                spend: spend_at(row, 1)?,
            })
        })
        .optional()
}

/// [`TotalsBy`] that can be kept.
#[derive(Debug, Clone)]
pub(super) enum OwnedTotalsBy {
    All,
    Model,
    Provider,
    User,
    UserId(Box<str>),
}

impl From<TotalsBy<'_>> for OwnedTotalsBy {
    fn from(by: TotalsBy<'_>) -> Self {
        match by {
            TotalsBy::All => Self::All,
            TotalsBy::Model => Self::Model,
            TotalsBy::Provider => Self::Provider,
            TotalsBy::User => Self::User,
            TotalsBy::UserId(user) => Self::UserId(user.into()),
        }
    }
}
