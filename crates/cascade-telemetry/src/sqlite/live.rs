//! Looking at a ledger that others keep.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use cascade_core::{Account, Balance, BudgetOwner, BudgetWindow, Limit, OwnerKind, Result, Spend};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row};

use super::accounts::spend_at;
use super::failure::describe;
use super::schema::is_store;
use super::value::{counted, nanoseconds};
use crate::budget::BudgetPolicy;
use crate::export::unreadable;

/// How long a reader waits for a writer that changes the file's form.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a ledger stands at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveLedger {
    /// Entries booked.
    pub entries: u64,
    /// What they spent.
    pub spend: Spend,
    /// Balances of the windows that are not over, by owner, shortest window first.
    pub balances: Vec<WindowBalance>,
}

/// How one owner stands in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowBalance {
    /// Whose it is, and the window.
    pub account: Account,
    /// What is spent, and what is set aside for runs under way.
    pub balance: Balance,
    /// The limits by the policy that was given; `None` without one, or where it has no such budget.
    pub limit: Option<Limit>,
}

/// Reads how the ledger at `path` stands at `now`, since the Unix epoch, with the limits of `policy`.
/// Changes nothing; the ledger may be in use. `None` of a file that is no ledger, such as an export.
///
/// # Errors
/// A validation error when there is no such file; a config error when it is damaged or cannot be
/// read.
pub fn read_live_ledger(
    path: impl AsRef<Path>,
    now: Duration,
    policy: Option<&BudgetPolicy>,
) -> Result<Option<LiveLedger>> {
    let path = path.as_ref();
    let mut start = [0; 16];
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    let is_sqlite =
        std::io::Read::read_exact(&mut &file, &mut start).is_ok() && &start == b"SQLite format 3\0";
    if !is_sqlite {
        return Ok(None);
    }
    read(path, now, policy).map_err(|error| describe(path, error))
}

fn read(
    path: &Path,
    now: Duration,
    policy: Option<&BudgetPolicy>,
) -> rusqlite::Result<Option<LiveLedger>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    if !is_store(&connection)? {
        return Ok(None);
    }
    // One transaction, so that sums and balances belong together.
    let transaction = connection.transaction()?;
    let all = transaction
        .query_row(
            "SELECT entries, cost, requests, tokens FROM totals WHERE kind = 'all'",
            [],
            |row| Ok((counted(row.get(0)?), spend_at(row, 1)?)),
        )
        .optional()?;
    let (entries, spend) = all.unwrap_or((0, Spend::ZERO));
    let mut balances = transaction
        .prepare(
            "SELECT owner_kind, owner_id, time_window, starts_at, ends_at, committed_cost, \
             committed_requests, committed_tokens, reserved_cost, reserved_requests, \
             reserved_tokens, totals.tier FROM accounts \
             LEFT JOIN totals ON owner_kind = 'user' AND kind = 'user' AND name = owner_id \
             WHERE ends_at IS NULL OR ends_at > ?1",
        )?
        .query_map([nanoseconds(now)], |row| balance(row, policy))?
        .filter_map(rusqlite::Result::transpose)
        .collect::<rusqlite::Result<Vec<_>>>()?;
    balances.sort_by(|left, right| left.account.cmp(&right.account));
    Ok(Some(LiveLedger { entries, spend, balances }))
}

/// A row of the table of accounts; `None` of a kind that this program does not know.
fn balance(
    row: &Row<'_>,
    policy: Option<&BudgetPolicy>,
) -> rusqlite::Result<Option<WindowBalance>> {
    let (kind, window) = (row.get_ref(0)?.as_str()?, row.get_ref(2)?.as_str()?);
    let kind = OwnerKind::ALL.into_iter().find(|known| known.as_str() == kind);
    let window = BudgetWindow::ALL.into_iter().find(|known| known.as_str() == window);
    let Some((kind, window)) = kind.zip(window) else { return Ok(None) };
    let owner = BudgetOwner { kind, id: row.get_ref(1)?.as_str()?.into() };
    let tier: Option<String> = row.get(11)?;
    let limit = policy.and_then(|policy| policy.budget_of(&owner, tier.as_deref()));
    let moment = |nanoseconds: i64| Duration::from_nanos(counted(nanoseconds));
    Ok(Some(WindowBalance {
        account: Account {
            owner,
            window,
            starts_at: moment(row.get(3)?),
            ends_at: row.get::<_, Option<i64>>(4)?.map(moment),
        },
        balance: Balance { committed: spend_at(row, 5)?, reserved: spend_at(row, 8)? },
        limit: limit.map(|budget| budget.limit(window)).filter(|limit| *limit != Limit::NONE),
    }))
}
