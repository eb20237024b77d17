//! Reservations, in the order in which they expire.

use std::time::Duration;

use cascade_core::Spend;

/// Position of no reservation.
const NONE: u32 = u32::MAX;

/// One reservation.
#[derive(Default)]
struct Slot {
    /// Tells the reservations apart that had this place after each other.
    generation: u32,
    open: bool,
    left: Spend,
    expires_at: Duration,
    before: u32,
    after: u32,
    /// Positions of the accounts; its memory is used again by the next one.
    accounts: Vec<u32>,
}

/// Open reservations. Ids are used once.
pub(super) struct Reservations {
    slots: Vec<Slot>,
    free: Vec<u32>,
    first: u32,
    last: u32,
}

impl Default for Reservations {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), first: NONE, last: NONE }
    }
}

/// What a reservation that ended still held, and where.
pub(super) struct Ended {
    pub(super) left: Spend,
    pub(super) accounts: Vec<u32>,
    at: u32,
}

impl Reservations {
    /// A list of accounts to fill for the next reservation.
    pub(super) fn list(&mut self) -> Vec<u32> {
        let free = self.free.last().copied().unwrap_or(NONE);
        self.slots
            .get_mut(free as usize)
            .map(|slot| std::mem::take(&mut slot.accounts))
            .unwrap_or_default()
    }

    /// Opens a reservation; its id.
    pub(super) fn open(&mut self, left: Spend, expires_at: Duration, accounts: Vec<u32>) -> u64 {
        let at = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot::default());
            u32::try_from(self.slots.len() - 1).unwrap_or(NONE)
        });
        let mut before = self.last;
        while let Some(slot) = self.slots.get(before as usize) {
            if slot.expires_at <= expires_at {
                break;
            }
            before = slot.before;
        }
        let after = match self.slots.get(before as usize) {
            Some(slot) => slot.after,
            None => self.first,
        };
        let slot = &mut self.slots[at as usize];
        let generation = slot.generation;
        *slot = Slot { generation, open: true, left, expires_at, before, after, accounts };
        match self.slots.get_mut(before as usize) {
            Some(slot) => slot.after = at,
            None => self.first = at,
        }
        match self.slots.get_mut(after as usize) {
            Some(slot) => slot.before = at,
            None => self.last = at,
        }
        (u64::from(generation) << 32) | u64::from(at + 1)
    }

    /// What is left of an open reservation, and its accounts.
    pub(super) fn get(&mut self, id: u64) -> Option<(&mut Spend, &[u32])> {
        let at = self.position(id)?;
        let slot = &mut self.slots[at as usize];
        Some((&mut slot.left, &slot.accounts))
    }

    /// Ends a reservation; `None` when it ended before.
    pub(super) fn end(&mut self, id: u64) -> Option<Ended> {
        let at = self.position(id)?;
        Some(self.take(at))
    }

    /// Ends the next reservation that has expired.
    pub(super) fn end_expired(&mut self, now: Duration) -> Option<Ended> {
        let slot = self.slots.get(self.first as usize)?;
        (slot.expires_at <= now).then(|| self.take(self.first))
    }

    /// Gives back the memory of a reservation's list.
    pub(super) fn recycle(&mut self, ended: Ended) {
        let Ended { mut accounts, at, .. } = ended;
        accounts.clear();
        self.slots[at as usize].accounts = accounts;
        self.free.push(at);
    }

    /// Reservations that are open.
    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    fn position(&self, id: u64) -> Option<u32> {
        let at = u32::try_from(id & u64::from(u32::MAX)).ok()?.checked_sub(1)?;
        let generation = u32::try_from(id >> 32).ok()?;
        let slot = self.slots.get(at as usize)?;
        (slot.open && slot.generation == generation).then_some(at)
    }

    fn take(&mut self, at: u32) -> Ended {
        let slot = &mut self.slots[at as usize];
        slot.open = false;
        slot.generation = slot.generation.wrapping_add(1);
        let (left, before, after) = (slot.left, slot.before, slot.after);
        let accounts = std::mem::take(&mut slot.accounts);
        match self.slots.get_mut(before as usize) {
            Some(slot) => slot.after = after,
            None => self.first = after,
        }
        match self.slots.get_mut(after as usize) {
            Some(slot) => slot.before = before,
            None => self.last = before,
        }
        Ended { left, accounts, at }
    }
}
