//! What the writer is asked to do.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{EntryFilter, EntryTotal, Held, Hold, LedgerEntry, LimitedAccount};
use cascade_core::{Account, Balance, Result};
use tokio::sync::oneshot;

use super::entry_row::Cursor;
use super::queue::Queue;
use super::totals::OwnedTotalsBy;

/// Where the outcome of an operation goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T>>;

/// One step of the writer's work. Steps are done in the order they were asked for.
pub(super) enum Operation {
    Hold { hold: Hold, reply: Reply<Grant> },
    Commit { hold: Option<u64>, accounts: Box<[Account]>, entry: Box<LedgerEntry> },
    Release { hold: u64 },
    Balances { accounts: Box<[LimitedAccount]>, reply: Reply<Vec<Balance>> },
    Expire { now: Duration, reply: Reply<u64> },
    Page { filter: Arc<EntryFilter>, cursor: Cursor, size: usize, reply: Reply<Vec<LedgerEntry>> },
    Totals { by: OwnedTotalsBy, reply: Reply<Vec<EntryTotal>> },
    Users { tier: Option<Box<str>>, reply: Reply<Vec<Arc<str>>> },
    Reset { reply: Reply<()> },
    Flush { reply: Reply<()> },
}

impl Operation {
    /// Whether it must be done even when nobody waits for it.
    pub(super) const fn is_promised(&self) -> bool {
        matches!(self, Self::Commit { .. } | Self::Release { .. })
    }

    /// Whether it changes the ledger.
    pub(super) const fn writes(&self) -> bool {
        matches!(
            self,
            Self::Hold { .. }
                | Self::Commit { .. }
                | Self::Release { .. }
                | Self::Expire { .. }
                | Self::Reset { .. }
        )
    }
}

/// The answer to a hold on its way. When whoever asked has gone meanwhile, what was set aside goes
/// back.
pub(super) struct Grant {
    held: Option<Held>,
    queue: Arc<Queue>,
}

impl Grant {
    pub(super) fn new(held: Held, queue: Arc<Queue>) -> Self {
        Self { held: Some(held), queue }
    }

    /// The answer, now the caller's to release.
    pub(super) fn take(mut self) -> Option<Held> {
        self.held.take()
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        if let Some(Held::Granted { id, .. }) = self.held.take() {
            self.queue.push(Operation::Release { hold: id });
        }
    }
}
