//! What one transaction does.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{EntryFilter, EntryTotal, Held, Hold, LedgerEntry, LimitedAccount};
use cascade_core::{Account, Balance, Spend, Usd};
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::accounts::{Accounts, spend_at};
use super::entry_row::{self, Cursor};
use super::totals::{OwnedTotalsBy, Totals};
use super::value::{Money, count, counted, nanoseconds};
use crate::export::field;

/// The most that clocks of processes on one machine are taken to differ, daylight saving included.
const CLOCK_DIFFERENCE: Duration = Duration::from_hours(2);

/// The work of one transaction, complete once it is written.
pub(super) struct WorkingSet<'c> {
    connection: &'c Connection,
    process: &'c str,
    accounts: Accounts<'c>,
    totals: Totals<'c>,
    /// Whether it was looked for reservations that have expired.
    expired: bool,
}

/// What is left of a reservation, and where.
struct OpenHold {
    accounts: Vec<i64>,
    left: Spend,
}

impl<'c> WorkingSet<'c> {
    /// Nothing done yet; new reservations belong to `process`.
    pub(super) fn new(connection: &'c Connection, process: &'c str) -> Self {
        let (accounts, totals) = (Accounts::new(connection), Totals::new(connection));
        Self { connection, process, accounts, totals, expired: false }
    }

    /// Writes what has changed.
    pub(super) fn write(mut self) -> rusqlite::Result<()> {
        self.accounts.write()?;
        self.totals.write()
    }

    pub(super) fn hold(&mut self, hold: &Hold) -> rusqlite::Result<Held> {
        if !std::mem::replace(&mut self.expired, true) {
            self.expire(hold.now)?;
        }
        let mut balances = self.balances(&hold.accounts)?;
        let refused = hold
            .accounts
            .iter()
            .zip(&balances)
            .any(|(limited, balance)| limited.limit.refuses(balance, &hold.amount).is_some());
        if refused {
            return Ok(Held::Refused { balances });
        }
        let mut accounts = Vec::with_capacity(hold.accounts.len());
        for (limited, after) in hold.accounts.iter().zip(&mut balances) {
            let id = self.accounts.find_or_open(&limited.account)?;
            let balance = self.accounts.change(id)?;
            balance.reserved = balance.reserved.plus(hold.amount);
            *after = *balance;
            accounts.push(id);
        }
        self.connection
            .prepare_cached(
                "INSERT INTO holds (process, expires_at, accounts, cost, requests, tokens) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                self.process,
                nanoseconds(hold.expires_at),
                list(&accounts),
                Money(hold.amount.cost),
                count(hold.amount.requests),
                count(hold.amount.tokens),
            ])?;
        Ok(Held::Granted { id: counted(self.connection.last_insert_rowid()), balances })
    }

    pub(super) fn commit(
        &mut self,
        hold: Option<u64>,
        accounts: &[Account],
        entry: &LedgerEntry,
    ) -> rusqlite::Result<()> {
        let spent = entry.spend();
        let open = match hold {
            Some(id) => self.open_hold(id)?.map(|open| (id, open)),
            None => None,
        };
        if let Some((id, open)) = open {
            self.draw(id, &open, spent)?;
        } else {
            for account in accounts {
                let id = self.accounts.find_or_open(account)?;
                let balance = self.accounts.change(id)?;
                balance.committed = balance.committed.plus(spent);
            }
        }
        self.totals.add(entry);
        entry_row::insert(self.connection, entry, &field::exact_timestamp(entry.at))
    }

    /// Moves what was spent from reserved to committed.
    fn draw(&mut self, id: u64, open: &OpenHold, spent: Spend) -> rusqlite::Result<()> {
        let covered = covered(spent, open.left);
        for account in &open.accounts {
            let balance = self.accounts.change(*account)?;
            balance.reserved = balance.reserved.minus(covered);
            balance.committed = balance.committed.plus(spent);
        }
        let left = open.left.minus(covered);
        self.connection
            .prepare_cached("UPDATE holds SET cost = ?2, requests = ?3, tokens = ?4 WHERE id = ?1")?
            .execute(params![
                count(id),
                Money(left.cost),
                count(left.requests),
                count(left.tokens)
            ])?;
        Ok(())
    }

    pub(super) fn release(&mut self, hold: u64) -> rusqlite::Result<()> {
        let Some(open) = self.open_hold(hold)? else { return Ok(()) };
        for account in &open.accounts {
            let balance = self.accounts.change(*account)?;
            balance.reserved = balance.reserved.minus(open.left);
        }
        self.connection
            .prepare_cached("DELETE FROM holds WHERE id = ?1")?
            .execute([count(hold)])?;
        Ok(())
    }

    pub(super) fn balances(
        &mut self,
        accounts: &[LimitedAccount],
    ) -> rusqlite::Result<Vec<Balance>> {
        let mut found = Vec::with_capacity(accounts.len());
        for limited in accounts {
            found.push(match self.accounts.find(&limited.account)? {
                Some(id) => self.accounts.balance(id)?,
                None => Balance::default(),
            });
        }
        Ok(found)
    }

    /// Gives back reservations that have expired at `now`: those of this process, and those of others
    /// once they are well past it, since the clock of another process may differ.
    pub(super) fn expire(&mut self, now: Duration) -> rusqlite::Result<u64> {
        let process = self.process;
        self.release_all(
            "SELECT id FROM holds \
             WHERE expires_at <= ?1 AND (process = ?3 OR expires_at <= ?2)",
            params![nanoseconds(now), nanoseconds(now.saturating_sub(CLOCK_DIFFERENCE)), process],
        )
    }

    /// Gives back the reservations of a process.
    pub(super) fn release_process(&mut self, process: &str) -> rusqlite::Result<u64> {
        self.release_all("SELECT id FROM holds WHERE process = ?1", [process])
    }

    fn release_all(&mut self, sql: &str, of: impl rusqlite::Params) -> rusqlite::Result<u64> {
        let found = self
            .connection
            .prepare_cached(sql)?
            .query_map(of, |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<i64>>>()?;
        for id in &found {
            self.release(counted(*id))?;
        }
        Ok(found.len() as u64)
    }

    pub(super) fn page(
        &self,
        filter: &EntryFilter,
        cursor: Cursor,
        size: usize,
    ) -> rusqlite::Result<Vec<LedgerEntry>> {
        entry_row::page(self.connection, filter, cursor, size)
    }

    pub(super) fn totals(&mut self, by: &OwnedTotalsBy) -> rusqlite::Result<Vec<EntryTotal>> {
        self.totals.read(by)
    }

    pub(super) fn users(&mut self, tier: Option<&str>) -> rusqlite::Result<Vec<Arc<str>>> {
        self.totals.users(tier)
    }

    /// Forgets entries, sums and committed amounts.
    pub(super) fn reset(&mut self) -> rusqlite::Result<()> {
        self.accounts.write()?;
        self.totals.reset()?;
        self.connection.execute("DELETE FROM cost_entries", [])?;
        self.connection.execute(
            "UPDATE accounts SET committed_cost = '0', committed_requests = 0, committed_tokens = 0",
            [],
        )?;
        Ok(())
    }

    fn open_hold(&self, id: u64) -> rusqlite::Result<Option<OpenHold>> {
        self.connection
            .prepare_cached("SELECT accounts, cost, requests, tokens FROM holds WHERE id = ?1")?
            .query_row([count(id)], |row| {
                Ok(OpenHold { accounts: listed(row)?, left: spend_at(row, 1)? })
            })
            .optional()
    }
}

/// The part of `spent` that comes out of what is left of a reservation.
fn covered(spent: Spend, left: Spend) -> Spend {
    Spend {
        cost: spent.cost.min(left.cost).max(Usd::ZERO),
        requests: spent.requests.min(left.requests),
        tokens: spent.tokens.min(left.tokens),
    }
}

fn list(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

fn listed(row: &Row<'_>) -> rusqlite::Result<Vec<i64>> {
    let text = row.get_ref(0)?.as_str()?;
    let ids = text.split(',').filter(|part| !part.is_empty()).map(str::parse);
    ids.collect::<Result<_, _>>().map_err(|error| FromSqlError::other(error).into())
}
