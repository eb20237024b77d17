//! The thread that writes: it takes what waits as one transaction, so that many share one wait for
//! the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cascade_core::ports::{EntryTotal, Held, LedgerEntry};
use cascade_core::{Balance, Error, ErrorKind, Result};
use rusqlite::{Connection, TransactionBehavior};

use super::failure::describe;
use super::operation::{Grant, Operation};
use super::options::SqliteOptions;
use super::process_mark;
use super::queue::{Next, Queue};
use super::schema;
use super::working_set::WorkingSet;

/// Time between attempts to write what could not be written.
const RETRY: Duration = Duration::from_millis(500);
/// Time between looks for processes that have ended without giving back what they had set aside.
const RECONCILE: Duration = Duration::from_secs(5);
/// Unwritten spendings that are kept while the disk refuses them.
const BACKLOG: usize = 65_536;
/// Balances that are kept whatever their windows.
const KEEP_ACCOUNTS: i64 = 200_000;
/// Balances beyond them are kept this long after their window has ended.
const KEEP_ENDED: Duration = Duration::from_hours(48);

/// Works until its queue is closed.
pub(super) struct Writer {
    path: PathBuf,
    options: SqliteOptions,
    process: Arc<str>,
    queue: Arc<Queue>,
    session: Option<Session>,
    /// Promised operations of groups that failed, in their order.
    backlog: Vec<Operation>,
    /// Spendings that went beyond the backlog.
    lost: u64,
    reconciled: Option<Instant>,
}

/// The open ledger, on behalf of a marked process.
pub(super) struct Session {
    connection: Connection,
    process: Arc<str>,
}

impl Session {
    /// Opens the ledger for `process`, and gives back what processes have set aside that are no more.
    pub(super) fn open(path: &Path, options: &SqliteOptions, process: &Arc<str>) -> Result<Self> {
        let connection = schema::open(path, options)?;
        process_mark::sweep(path);
        let mut session = Self { connection, process: Arc::clone(process) };
        session.reconcile(path).map_err(|error| describe(path, error))?;
        Ok(session)
    }

    /// Gives back what processes have set aside that are no more. What they committed stays.
    fn reconcile(&mut self, path: &Path) -> rusqlite::Result<()> {
        let processes = self
            .connection
            .prepare_cached("SELECT DISTINCT process FROM holds WHERE process <> ?1")?
            .query_map([&*self.process], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<String>>>()?;
        let gone: Vec<String> =
            processes.into_iter().filter(|id| !process_mark::is_alive(path, id)).collect();
        if gone.is_empty() {
            return Ok(());
        }
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut working = WorkingSet::new(&transaction, &self.process);
        for process in &gone {
            working.release_process(process)?;
        }
        working.write()?;
        transaction.commit()
    }

    /// Gives back what this process still holds.
    fn give_up(&mut self) -> rusqlite::Result<()> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut working = WorkingSet::new(&transaction, &self.process);
        working.release_process(&self.process)?;
        working.write()?;
        transaction.commit()
    }

    /// Does all operations in one transaction, or none.
    fn group(&mut self, operations: &[Operation]) -> rusqlite::Result<Vec<Outcome>> {
        if operations.iter().all(|operation| matches!(operation, Operation::Flush { .. })) {
            return Ok(operations.iter().map(|_| Outcome::Done).collect());
        }
        let behavior = if operations.iter().any(Operation::writes) {
            TransactionBehavior::Immediate
        } else {
            TransactionBehavior::Deferred
        };
        let transaction = self.connection.transaction_with_behavior(behavior)?;
        let mut working = WorkingSet::new(&transaction, &self.process);
        let mut outcomes = Vec::with_capacity(operations.len());
        for operation in operations {
            outcomes.push(apply(&mut working, operation)?);
        }
        working.write()?;
        transaction.commit()?;
        Ok(outcomes)
    }
}

/// What came of one operation.
enum Outcome {
    Held(Held),
    Balances(Vec<Balance>),
    Expired(u64),
    Page(Vec<LedgerEntry>),
    Totals(Vec<EntryTotal>),
    Users(Vec<Arc<str>>),
    Done,
}

fn apply(working: &mut WorkingSet<'_>, operation: &Operation) -> rusqlite::Result<Outcome> {
    Ok(match operation {
        Operation::Hold { hold, .. } => Outcome::Held(working.hold(hold)?),
        Operation::Commit { hold, accounts, entry } => {
            working.commit(*hold, accounts, entry)?;
            Outcome::Done
        }
        Operation::Release { hold } => {
            working.release(*hold)?;
            Outcome::Done
        }
        Operation::Balances { accounts, .. } => Outcome::Balances(working.balances(accounts)?),
        Operation::Expire { now, .. } => Outcome::Expired(working.expire(*now)?),
        Operation::Page { filter, cursor, size, .. } => {
            Outcome::Page(working.page(filter, *cursor, *size)?)
        }
        Operation::Totals { by, .. } => Outcome::Totals(working.totals(by)?),
        Operation::Users { tier, .. } => Outcome::Users(working.users(tier.as_deref())?),
        Operation::Reset { .. } => {
            working.reset()?;
            Outcome::Done
        }
        Operation::Flush { .. } => Outcome::Done,
    })
}

impl Writer {
    pub(super) fn new(
        path: PathBuf,
        options: SqliteOptions,
        process: Arc<str>,
        queue: Arc<Queue>,
        session: Option<Session>,
    ) -> Self {
        Self {
            path,
            options,
            process,
            queue,
            session,
            backlog: Vec::new(),
            lost: 0,
            reconciled: None,
        }
    }

    /// Works until the queue is closed and everything is written.
    pub(super) fn run(mut self) {
        let _ended = EndOnDrop(Arc::clone(&self.queue));
        loop {
            let patience = (!self.backlog.is_empty()).then_some(RETRY);
            match self.queue.next(patience) {
                Next::Group(group) => {
                    self.work(group);
                    self.reconcile();
                }
                Next::Rest => {
                    self.session = None;
                    self.queue.rest();
                }
                Next::End(group) => {
                    self.work(group);
                    break;
                }
            }
        }
        if let Some(session) = &mut self.session {
            // What cannot be given back now goes back when the ledger is opened next.
            drop(session.give_up());
            drop(session.connection.execute_batch("PRAGMA optimize"));
        }
    }

    fn work(&mut self, group: Vec<Operation>) {
        let mut operations = std::mem::take(&mut self.backlog);
        operations.extend(group);
        if operations.is_empty() {
            return;
        }
        match self.attempt(&operations) {
            Ok(outcomes) => {
                let lost = std::mem::take(&mut self.lost);
                for (operation, outcome) in operations.into_iter().zip(outcomes) {
                    answer(operation, outcome, &self.queue, lost, &self.path);
                }
            }
            Err(error) => {
                for operation in operations {
                    self.refuse(operation, &error);
                }
            }
        }
    }

    fn attempt(&mut self, operations: &[Operation]) -> Result<Vec<Outcome>> {
        let session = match &mut self.session {
            Some(session) => session,
            None => self.session.insert(Session::open(&self.path, &self.options, &self.process)?),
        };
        session.group(operations).map_err(|error| describe(&self.path, error))
    }

    /// Tells whoever waits that it failed; keeps what must be done.
    fn refuse(&mut self, operation: Operation, error: &Error) {
        match operation {
            Operation::Hold { reply, .. } => drop(reply.send(Err(error.clone()))),
            Operation::Balances { reply, .. } => drop(reply.send(Err(error.clone()))),
            Operation::Expire { reply, .. } => drop(reply.send(Err(error.clone()))),
            Operation::Page { reply, .. } => drop(reply.send(Err(error.clone()))),
            Operation::Totals { reply, .. } => drop(reply.send(Err(error.clone()))),
            Operation::Users { reply, .. } => drop(reply.send(Err(error.clone()))),
            Operation::Reset { reply } | Operation::Flush { reply } => {
                drop(reply.send(Err(error.clone())));
            }
            promised if promised.is_promised() && self.backlog.len() < BACKLOG => {
                self.backlog.push(promised);
            }
            Operation::Commit { .. } => self.lost += 1,
            // Given back when it expires.
            Operation::Release { .. } => {}
        }
    }

    fn reconcile(&mut self) {
        let due = self.reconciled.is_none_or(|last| last.elapsed() >= RECONCILE);
        let (true, Some(session)) = (due, &mut self.session) else { return };
        self.reconciled = Some(Instant::now());
        // Whatever hinders it now, the next time it is tried again.
        drop(session.reconcile(&self.path));
        drop(session.prune());
    }
}

impl Session {
    /// Removes balances of windows that ended long before the latest one began, the oldest first, as
    /// far as there are more than a ledger keeps. A clock that was wrong for a while costs nothing
    /// that still counts.
    fn prune(&self) -> rusqlite::Result<usize> {
        let accounts: i64 = self
            .connection
            .prepare_cached("SELECT count(*) FROM accounts")?
            .query_row([], |row| row.get(0))?;
        let excess = accounts.saturating_sub(KEEP_ACCOUNTS);
        if excess <= 0 {
            return Ok(0);
        }
        let keep = i64::try_from(KEEP_ENDED.as_nanos()).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(
                "DELETE FROM accounts WHERE id IN (SELECT id FROM accounts \
                 WHERE ends_at < (SELECT max(starts_at) FROM accounts) - ?1 \
                 AND reserved_cost = '0' AND reserved_requests = 0 AND reserved_tokens = 0 \
                 ORDER BY ends_at LIMIT ?2)",
            )?
            .execute([keep, excess])
    }
}

fn answer(operation: Operation, outcome: Outcome, queue: &Arc<Queue>, lost: u64, path: &Path) {
    match (operation, outcome) {
        (Operation::Hold { reply, .. }, Outcome::Held(held)) => {
            drop(reply.send(Ok(Grant::new(held, Arc::clone(queue)))));
        }
        (Operation::Balances { reply, .. }, Outcome::Balances(found)) => {
            drop(reply.send(Ok(found)));
        }
        (Operation::Expire { reply, .. }, Outcome::Expired(number)) => {
            drop(reply.send(Ok(number)));
        }
        (Operation::Page { reply, .. }, Outcome::Page(page)) => drop(reply.send(Ok(page))),
        (Operation::Totals { reply, .. }, Outcome::Totals(sums)) => drop(reply.send(Ok(sums))),
        (Operation::Users { reply, .. }, Outcome::Users(users)) => drop(reply.send(Ok(users))),
        (Operation::Reset { reply }, _) => drop(reply.send(Ok(()))),
        (Operation::Flush { reply }, _) => {
            drop(reply.send(if lost == 0 { Ok(()) } else { Err(gone(lost, path)) }));
        }
        _ => {}
    }
}

fn gone(lost: u64, path: &Path) -> Error {
    Error::new(
        ErrorKind::Internal,
        format!(
            "{lost} spendings could not be kept while the ledger `{}` could not be written",
            path.display()
        ),
    )
    .with_field("path")
    .with_hint("keep the disk of the ledger writable")
}

/// Lets nobody wait for a writer that is no more, not even one that panicked.
struct EndOnDrop(Arc<Queue>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}
