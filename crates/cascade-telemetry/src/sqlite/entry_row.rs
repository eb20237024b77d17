//! Entries as rows of `cost_entries`.

use std::sync::Arc;

use cascade_core::ports::{EntryFilter, LedgerEntry};
use cascade_core::{AttemptRole, BudgetScope, Result, Usage};
use rusqlite::types::{FromSqlError, ToSql, Type};
use rusqlite::{Connection, Row, params, params_from_iter};
use serde_json::Map;

use super::value::{Money, count, counted};
use crate::export::field;

const COLUMNS: &str = "id, timestamp, model, provider, tokens, query_id, metadata, user_id, \
                       tenant_id, tier, key_id, session_id, role, priced, requests, usage, cost_usd";

/// Adds an entry; its id is the database's.
pub(crate) fn insert(
    connection: &Connection,
    entry: &LedgerEntry,
    timestamp: &str,
) -> rusqlite::Result<()> {
    let metadata = (!entry.metadata.is_empty()).then(|| json(&entry.metadata)).transpose()?;
    connection
        .prepare_cached(
            "INSERT INTO cost_entries (timestamp, model, provider, tokens, cost, query_id, \
             metadata, user_id, tenant_id, tier, key_id, session_id, role, priced, requests, \
             usage, cost_usd) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )?
        .execute(params![
            timestamp,
            &*entry.model,
            &*entry.provider,
            count(entry.tokens),
            entry.cost.to_f64(),
            entry.query_id.as_deref(),
            metadata,
            entry.scope.user_id,
            entry.scope.tenant_id,
            entry.scope.tier,
            entry.scope.key_id,
            entry.scope.session_id,
            entry.role.map(AttemptRole::as_str),
            entry.priced.as_str(),
            count(entry.requests),
            json(&entry.usage)?,
            Money(entry.cost),
        ])?;
    Ok(())
}

fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// Which end of a list comes first, and what of it was read already.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cursor {
    /// Oldest first, after this id.
    After(u64),
    /// Newest first, before this id.
    Before(u64),
}

/// At most `size` entries that match, from `cursor` on.
pub(super) fn page(
    connection: &Connection,
    filter: &EntryFilter,
    cursor: Cursor,
    size: usize,
) -> rusqlite::Result<Vec<LedgerEntry>> {
    let mut conditions = Conditions::of(filter);
    let order = match cursor {
        Cursor::After(id) => {
            conditions.add("id >", Box::new(count(id)));
            "ASC"
        }
        Cursor::Before(id) => {
            conditions.add("id <", Box::new(count(id)));
            "DESC"
        }
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM cost_entries {} ORDER BY id {order} LIMIT {size}",
        conditions.clause()
    );
    connection.prepare_cached(&sql)?.query_map(params_from_iter(conditions.values), read)?.collect()
}

/// Gives all entries that match to `visit`, oldest first, until it fails.
pub(crate) fn each(
    connection: &Connection,
    filter: &EntryFilter,
    visit: &mut dyn FnMut(LedgerEntry) -> Result<()>,
) -> rusqlite::Result<Result<()>> {
    let conditions = Conditions::of(filter);
    let sql = format!("SELECT {COLUMNS} FROM cost_entries {} ORDER BY id", conditions.clause());
    let mut statement = connection.prepare(&sql)?;
    for entry in statement.query_map(params_from_iter(conditions.values), read)? {
        if let Err(error) = visit(entry?) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// What rows must fulfil, with the values it names.
struct Conditions {
    texts: Vec<String>,
    values: Vec<Box<dyn ToSql>>,
}

impl Conditions {
    fn of(filter: &EntryFilter) -> Self {
        let mut conditions = Self { texts: Vec::new(), values: Vec::new() };
        for (column, value) in [
            ("user_id =", &filter.user_id),
            ("tier =", &filter.tier),
            ("model =", &filter.model),
            ("provider =", &filter.provider),
        ] {
            if let Some(value) = value {
                conditions.add(column, Box::new(value.clone()));
            }
        }
        for (column, moment) in [("timestamp >=", filter.from), ("timestamp <", filter.until)] {
            if let Some(moment) = moment {
                conditions.add(column, Box::new(field::exact_timestamp(moment)));
            }
        }
        if let Some(after) = filter.after {
            conditions.add("id >", Box::new(count(after)));
        }
        conditions
    }

    fn add(&mut self, condition: &str, value: Box<dyn ToSql>) {
        self.values.push(value);
        self.texts.push(format!("{condition} ?{}", self.values.len()));
    }

    fn clause(&self) -> String {
        if self.texts.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", self.texts.join(" AND "))
        }
    }
}

/// The entry of a row with [`COLUMNS`].
fn read(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    let damaged = |column: usize, what: &str| {
        let error = FromSqlError::Other(format!("not {what}").into());
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    };
    let timestamp = row.get_ref(1)?.as_str()?;
    let metadata = match row.get_ref(6)?.as_str_or_null()? {
        Some(text) => serde_json::from_str(text).map_err(|_| damaged(6, "a JSON object"))?,
        None => Map::new(),
    };
    let role = row.get_ref(12)?.as_str_or_null()?;
    Ok(LedgerEntry {
        id: counted(row.get(0)?),
        at: field::parse_moment(timestamp).ok_or_else(|| damaged(1, "a moment"))?,
        scope: Arc::new(BudgetScope {
            user_id: row.get(7)?,
            tenant_id: row.get(8)?,
            tier: row.get(9)?,
            key_id: row.get(10)?,
            session_id: row.get(11)?,
        }),
        query_id: row.get_ref(5)?.as_str_or_null()?.map(Box::from),
        model: row.get_ref(2)?.as_str()?.into(),
        provider: row.get_ref(3)?.as_str()?.into(),
        role: role
            .map(|name| field::role_named(name).ok_or_else(|| damaged(12, "a role")))
            .transpose()?,
        requests: counted(row.get(14)?),
        usage: serde_json::from_str::<Usage>(row.get_ref(15)?.as_str()?)
            .map_err(|_| damaged(15, "token counts"))?,
        tokens: counted(row.get::<_, Option<i64>>(4)?.unwrap_or_default()),
        cost: row.get::<_, Money>(16)?.0,
        priced: field::priced_named(row.get_ref(13)?.as_str()?)
            .ok_or_else(|| damaged(13, "how a cost is known"))?,
        metadata,
    })
}
