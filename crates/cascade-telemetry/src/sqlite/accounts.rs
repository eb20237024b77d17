//! Accounts within one transaction.

use std::collections::HashMap;

use cascade_core::{Account, Balance, Spend};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::value::{Money, count, counted, nanoseconds};

/// The accounts that a transaction has touched; each is read once and written once.
pub(super) struct Accounts<'c> {
    connection: &'c Connection,
    ids: HashMap<Account, i64>,
    balances: HashMap<i64, Touched>,
}

struct Touched {
    balance: Balance,
    changed: bool,
}

impl<'c> Accounts<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection, ids: HashMap::new(), balances: HashMap::new() }
    }

    /// Writes what has changed and forgets all.
    pub(super) fn write(&mut self) -> rusqlite::Result<()> {
        let mut update = self.connection.prepare_cached(
            "UPDATE accounts SET committed_cost = ?2, committed_requests = ?3, \
             committed_tokens = ?4, reserved_cost = ?5, reserved_requests = ?6, \
             reserved_tokens = ?7 WHERE id = ?1",
        )?;
        self.ids.clear();
        for (id, touched) in self.balances.drain() {
            if touched.changed {
                let Balance { committed, reserved } = touched.balance;
                update.execute(params![
                    id,
                    Money(committed.cost),
                    count(committed.requests),
                    count(committed.tokens),
                    Money(reserved.cost),
                    count(reserved.requests),
                    count(reserved.tokens),
                ])?;
            }
        }
        Ok(())
    }

    /// The row of an account; `None` where nothing was ever kept for it.
    pub(super) fn find(&mut self, account: &Account) -> rusqlite::Result<Option<i64>> {
        if let Some(id) = self.ids.get(account) {
            return Ok(Some(*id));
        }
        let found = self
            .connection
            .prepare_cached(
                "SELECT id FROM accounts WHERE owner_kind = ?1 AND owner_id = ?2 \
                 AND time_window = ?3 AND starts_at = ?4",
            )?
            .query_row(
                params![
                    account.owner.kind.as_str(),
                    &*account.owner.id,
                    account.window.as_str(),
                    nanoseconds(account.starts_at)
                ],
                |row| row.get::<_, i64>(0),
            )
            .optional()?;
        if let Some(id) = found {
            self.ids.insert(account.clone(), id);
        }
        Ok(found)
    }

    /// The row of an account, made where there is none.
    pub(super) fn find_or_open(&mut self, account: &Account) -> rusqlite::Result<i64> {
        if let Some(id) = self.find(account)? {
            return Ok(id);
        }
        self.connection
            .prepare_cached(
                "INSERT INTO accounts (owner_kind, owner_id, time_window, starts_at, ends_at, \
                 committed_cost, committed_requests, committed_tokens, \
                 reserved_cost, reserved_requests, reserved_tokens) \
                 VALUES (?1, ?2, ?3, ?4, ?5, '0', 0, 0, '0', 0, 0)",
            )?
            .execute(params![
                account.owner.kind.as_str(),
                &*account.owner.id,
                account.window.as_str(),
                nanoseconds(account.starts_at),
                account.ends_at.map(nanoseconds)
            ])?;
        let id = self.connection.last_insert_rowid();
        self.ids.insert(account.clone(), id);
        self.balances.insert(id, Touched { balance: Balance::default(), changed: false });
        Ok(id)
    }

    fn touch(&mut self, id: i64) -> rusqlite::Result<&mut Touched> {
        if !self.balances.contains_key(&id) {
            let balance = self
                .connection
                .prepare_cached(
                    "SELECT committed_cost, committed_requests, committed_tokens, \
                     reserved_cost, reserved_requests, reserved_tokens FROM accounts WHERE id = ?1",
                )?
                .query_row([id], |row| {
                    Ok(Balance { committed: spend_at(row, 0)?, reserved: spend_at(row, 3)? })
                })?;
            self.balances.insert(id, Touched { balance, changed: false });
        }
        self.balances.get_mut(&id).ok_or(rusqlite::Error::QueryReturnedNoRows)
    }

    pub(super) fn balance(&mut self, id: i64) -> rusqlite::Result<Balance> {
        self.touch(id).map(|touched| touched.balance)
    }

    /// The balance, to be changed.
    pub(super) fn change(&mut self, id: i64) -> rusqlite::Result<&mut Balance> {
        let touched = self.touch(id)?;
        touched.changed = true;
        Ok(&mut touched.balance)
    }
}

/// An amount from three columns: cost, requests, tokens.
pub(super) fn spend_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Spend> {
    Ok(Spend {
        cost: row.get::<_, Money>(column)?.0,
        requests: counted(row.get(column + 1)?),
        tokens: counted(row.get(column + 2)?),
    })
}
