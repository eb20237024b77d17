use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use cascade_core::ports::{
    BoxFuture, BudgetStore, EntryFilter, EntryTotal, Held, Hold, LedgerEntry, LimitedAccount,
    TotalsBy,
};
use cascade_core::{Balance, Error, ErrorKind, Result};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::entry_row::Cursor;
use super::forking;
use super::operation::{Operation, Reply};
use super::options::SqliteOptions;
use super::process_mark::ProcessMark;
use super::queue::Queue;
use super::schema;
use super::writer::{Session, Writer};

/// Entries that are read at a time.
const PAGE: usize = 4_096;

/// Budgets and spendings in a SQLite file that several processes may share.
///
/// One thread writes. What comes while it waits for the disk becomes the next transaction, so that
/// many callers share one wait (*group commit*). A hold waits for its transaction: it is on disk
/// before anything is spent, and balances are checked inside the transaction, so that processes
/// together never set aside more than there is. Commits and releases are queued in their order;
/// whoever asks this store later sees them, and [`BudgetStore::flush`] waits until they are on disk.
///
/// After the end of a process, however it ended, what it had committed stays and what it had set
/// aside goes back: when the ledger is opened next, or within seconds where another process has it
/// open. What a call under way cost its process never learnt, so nothing is booked for it.
///
/// While the disk refuses to be written, holds fail, and up to 65,536 spendings are kept and tried
/// again. Dropping the store writes what is left. After a fork the child opens the file anew.
pub struct SqliteStore {
    path: PathBuf,
    options: SqliteOptions,
    own: Generation,
}

/// The writer of one process, and that of a process forked from it.
struct Generation {
    process: u32,
    queue: Arc<Queue>,
    /// Not the writer's own: a forked process gives up what it has inherited of it.
    mark: Mutex<Option<ProcessMark>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    forked: OnceLock<Box<Self>>,
}

impl Generation {
    /// Opens the ledger at once.
    fn open(path: &Path, options: &SqliteOptions) -> Result<Self> {
        // A ledger that cannot be opened is told before anything is made beside it.
        let tried = schema::open(path, options)?;
        let mark = ProcessMark::new(path)?;
        let session = Session::open(path, options, mark.id())?;
        drop(tried);
        Ok(Self::start(path, options, mark, Some(session)))
    }

    /// Opens the ledger when it is first used; in a process that was forked.
    fn open_later(path: &Path, options: &SqliteOptions) -> Self {
        match ProcessMark::new(path) {
            Ok(mark) => Self::start(path, options, mark, None),
            Err(_) => Self::ended(),
        }
    }

    fn start(
        path: &Path,
        options: &SqliteOptions,
        mark: ProcessMark,
        session: Option<Session>,
    ) -> Self {
        let (queue, process) = (Arc::new(Queue::default()), Arc::clone(mark.id()));
        let writer =
            Writer::new(path.to_owned(), options.clone(), process, Arc::clone(&queue), session);
        forking::register(&queue);
        let thread = std::thread::Builder::new()
            .name("cascadeflow-ledger".to_owned())
            .spawn(move || writer.run());
        let Ok(thread) = thread else { return Self::ended() };
        Self {
            process: std::process::id(),
            queue,
            mark: Mutex::new(Some(mark)),
            thread: Mutex::new(Some(thread)),
            forked: OnceLock::new(),
        }
    }

    /// One that refuses everything.
    fn ended() -> Self {
        let queue = Arc::new(Queue::default());
        queue.end();
        Self {
            process: std::process::id(),
            queue,
            mark: Mutex::new(None),
            thread: Mutex::new(None),
            forked: OnceLock::new(),
        }
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        // In a forked process the thread does not exist.
        if self.process == std::process::id() {
            self.queue.close();
            if let Some(thread) = self.thread.get_mut().take() {
                // A writer that panicked has nothing more to write.
                drop(thread.join());
            }
        }
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the ledger at `path`, or makes it.
    ///
    /// # Errors
    /// A configuration error when the file cannot be opened or written, is no ledger, is damaged or
    /// comes from a later version of this program; a timeout error when another process keeps it
    /// busy.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, SqliteOptions::default())
    }

    /// [`Self::open`] with options.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self> {
        let path = path.as_ref();
        schema::check_path(path)?;
        // A later change of the working directory must not move the ledger.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let own = Generation::open(&path, &options)?;
        Ok(Self { path, options, own })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The queue of this process' writer.
    fn queue(&self) -> &Arc<Queue> {
        let process = std::process::id();
        let mut generation = &self.own;
        while generation.process != process {
            generation = generation.forked.get_or_init(|| {
                // The parent's mark is held by the parent alone.
                drop(generation.mark.lock().take());
                Box::new(Generation::open_later(&self.path, &self.options))
            });
        }
        &generation.queue
    }

    /// Reads in pages, so that what waits to be written goes in between.
    async fn read_pages(&self, filter: &EntryFilter) -> Result<Vec<LedgerEntry>> {
        let most = filter.limit.unwrap_or(usize::MAX);
        let from_the_end = filter.newest && filter.limit.is_some();
        let mut cursor = if from_the_end { Cursor::Before(u64::MAX) } else { Cursor::After(0) };
        let filter = Arc::new(filter.clone());
        let mut entries: Vec<LedgerEntry> = Vec::new();
        while entries.len() < most {
            let size = PAGE.min(most - entries.len());
            let filter = Arc::clone(&filter);
            let page = self.ask(|reply| Operation::Page { filter, cursor, size, reply }).await?;
            let Some(last) = page.last().map(|entry| entry.id) else { break };
            cursor = if from_the_end { Cursor::Before(last) } else { Cursor::After(last) };
            let complete = page.len() < size;
            entries.extend(page);
            if complete {
                break;
            }
        }
        if from_the_end {
            entries.reverse();
        }
        Ok(entries)
    }

    async fn ask<T>(&self, operation: impl FnOnce(Reply<T>) -> Operation) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.queue().push(operation(reply));
        answer.await.map_err(|_| {
            Error::new(
                ErrorKind::Internal,
                format!("the writer of the ledger `{}` has ended", self.path.display()),
            )
            .with_hint("open the ledger again")
        })?
    }
}

impl BudgetStore for SqliteStore {
    fn hold(&self, hold: Hold) -> BoxFuture<'_, Result<Held>> {
        Box::pin(async move {
            let grant = self.ask(|reply| Operation::Hold { hold, reply }).await?;
            grant.take().ok_or_else(|| Error::new(ErrorKind::Internal, "a hold has no answer"))
        })
    }

    fn commit(
        &self,
        hold: Option<u64>,
        accounts: &[LimitedAccount],
        entry: LedgerEntry,
    ) -> Option<Vec<Balance>> {
        let accounts = accounts.iter().map(|limited| limited.account.clone()).collect();
        self.queue().push(Operation::Commit { hold, accounts, entry: Box::new(entry) });
        None
    }

    fn release(&self, hold: u64) {
        self.queue().push(Operation::Release { hold });
    }

    fn balances<'a>(
        &'a self,
        accounts: &'a [LimitedAccount],
    ) -> BoxFuture<'a, Result<Vec<Balance>>> {
        Box::pin(self.ask(|reply| Operation::Balances { accounts: accounts.into(), reply }))
    }

    fn expire(&self, now: Duration) -> BoxFuture<'_, Result<u64>> {
        Box::pin(self.ask(move |reply| Operation::Expire { now, reply }))
    }

    fn entries<'a>(&'a self, filter: &'a EntryFilter) -> BoxFuture<'a, Result<Vec<LedgerEntry>>> {
        Box::pin(self.read_pages(filter))
    }

    fn totals<'a>(&'a self, by: TotalsBy<'a>) -> BoxFuture<'a, Result<Vec<EntryTotal>>> {
        Box::pin(self.ask(move |reply| Operation::Totals { by: by.into(), reply }))
    }

    fn users<'a>(&'a self, tier: Option<&'a str>) -> BoxFuture<'a, Result<Vec<Arc<str>>>> {
        Box::pin(self.ask(move |reply| Operation::Users { tier: tier.map(Box::from), reply }))
    }

    fn reset(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.ask(|reply| Operation::Reset { reply }))
    }

    fn flush(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.ask(|reply| Operation::Flush { reply }))
    }
}
