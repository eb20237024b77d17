//! Balances of the accounts that have limits.

use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::LimitedAccount;
use cascade_core::{Account, Balance, BudgetOwner, BudgetWindow};

use crate::quick_map::QuickMap;

/// Position of no slot.
const NONE: u32 = Accounts::NONE;

/// One account, in a list of those of its owner.
struct Slot {
    balance: Balance,
    owner: BudgetOwner,
    starts_at: Duration,
    ends_at: Option<Duration>,
    /// Reservations that hold something of it.
    holds: u32,
    next: u32,
    window: BudgetWindow,
    used: bool,
}

/// Accounts by owner. Those whose window is over and of which nothing is held are given up as new
/// ones come.
#[derive(Default)]
pub(super) struct Accounts {
    first: QuickMap<BudgetOwner, u32>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// The latest beginning of a window seen: what ended before it is over.
    latest: Duration,
    hand: usize,
}

impl Accounts {
    /// Position of no account.
    pub(super) const NONE: u32 = u32::MAX;

    /// Positions of accounts, in their order; `None` for those that are not there.
    pub(super) fn find_all(
        &self,
        accounts: &[LimitedAccount],
    ) -> impl Iterator<Item = Option<u32>> {
        let mut last: Option<(&BudgetOwner, u32)> = None;
        accounts.iter().map(move |limited| {
            let owner = &limited.account.owner;
            // The accounts of an owner stand side by side.
            let first = match last {
                Some((before, first))
                    if before.kind == owner.kind && Arc::ptr_eq(&before.id, &owner.id) =>
                {
                    first
                }
                _ => self.first.get(owner).copied().unwrap_or(NONE),
            };
            last = Some((owner, first));
            self.find_from(first, &limited.account)
        })
    }

    /// Position of an account, if there is one.
    pub(super) fn find(&self, account: &Account) -> Option<u32> {
        self.find_from(*self.first.get(&account.owner)?, account)
    }

    fn find_from(&self, first: u32, account: &Account) -> Option<u32> {
        let mut at = first;
        while let Some(slot) = self.slots.get(at as usize) {
            if slot.window == account.window && slot.starts_at == account.starts_at {
                return Some(at);
            }
            at = slot.next;
        }
        None
    }

    pub(super) fn balance(&self, at: u32) -> &Balance {
        &self.slots[at as usize].balance
    }

    pub(super) fn balance_mut(&mut self, at: u32) -> &mut Balance {
        &mut self.slots[at as usize].balance
    }

    /// Balances of accounts, in their order; zero for those that are not there.
    pub(super) fn balances(&self, accounts: &[LimitedAccount]) -> Vec<Balance> {
        let found = self.find_all(accounts);
        found.map(|at| at.map_or_else(Balance::default, |at| *self.balance(at))).collect()
    }

    /// Counts a reservation that holds something of the account.
    pub(super) fn add_hold(&mut self, at: u32) {
        self.slots[at as usize].holds += 1;
    }

    /// Counts one reservation less.
    pub(super) fn end_hold(&mut self, at: u32) {
        let holds = &mut self.slots[at as usize].holds;
        *holds = holds.saturating_sub(1);
    }

    /// Accounts there are.
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether there is room for as many new accounts, once those that are over are given up.
    pub(super) fn has_room(&mut self, accounts: &[LimitedAccount], most: usize) -> bool {
        if self.len() + accounts.len() <= most {
            return true;
        }
        let new = self.find_all(accounts).filter(Option::is_none).count();
        if self.len() + new <= most {
            return true;
        }
        let latest = accounts.iter().map(|limited| limited.account.starts_at).max();
        self.latest = self.latest.max(latest.unwrap_or_default());
        for at in 0..self.slots.len() {
            self.give_up_when_over(at);
        }
        self.len() + new <= most
    }

    /// Position of an account, which is made if it is not there.
    pub(super) fn open(&mut self, account: &Account) -> u32 {
        if let Some(at) = self.find(account) {
            return at;
        }
        self.latest = self.latest.max(account.starts_at);
        // Two looks for each new account keep the number of those that are over small.
        for _ in 0..2.min(self.slots.len()) {
            self.hand = (self.hand + 1) % self.slots.len();
            self.give_up_when_over(self.hand);
        }
        self.give_up_earlier(account);
        let next = self.first.get(&account.owner).copied().unwrap_or(NONE);
        let slot = Slot {
            balance: Balance::default(),
            owner: account.owner.clone(),
            starts_at: account.starts_at,
            ends_at: account.ends_at,
            holds: 0,
            next,
            window: account.window,
            used: true,
        };
        let at = if let Some(at) = self.free.pop() {
            self.slots[at as usize] = slot;
            at
        } else {
            self.slots.push(slot);
            u32::try_from(self.slots.len() - 1).unwrap_or(NONE)
        };
        self.first.insert(account.owner.clone(), at);
        at
    }

    /// Forgets what was committed; what is held stays.
    pub(super) fn reset(&mut self) {
        for slot in &mut self.slots {
            slot.balance.committed = cascade_core::Spend::ZERO;
        }
    }

    /// Gives up earlier windows of the account that is about to be made.
    fn give_up_earlier(&mut self, account: &Account) {
        let mut at = self.first.get(&account.owner).copied().unwrap_or(NONE);
        while let Some(slot) = self.slots.get(at as usize) {
            let (here, next) = (at, slot.next);
            if slot.window == account.window
                && slot.holds == 0
                && slot.ends_at.is_some_and(|end| end <= account.starts_at)
            {
                self.give_up(here);
            }
            at = next;
        }
    }

    fn give_up_when_over(&mut self, at: usize) {
        let slot = &self.slots[at];
        let over = slot.ends_at.is_some_and(|end| end <= self.latest);
        if slot.used && over && slot.holds == 0 {
            self.give_up(u32::try_from(at).unwrap_or(NONE));
        }
    }

    fn give_up(&mut self, at: u32) {
        let (owner, next) = {
            let slot = &mut self.slots[at as usize];
            slot.used = false;
            (slot.owner.clone(), slot.next)
        };
        let first = self.first.get(&owner).copied().unwrap_or(NONE);
        if first == at {
            if next == NONE {
                self.first.remove(&owner);
            } else {
                self.first.insert(owner, next);
            }
        } else {
            let mut before = first;
            while let Some(slot) = self.slots.get_mut(before as usize) {
                if slot.next == at {
                    slot.next = next;
                    break;
                }
                before = slot.next;
            }
        }
        self.free.push(at);
    }
}
