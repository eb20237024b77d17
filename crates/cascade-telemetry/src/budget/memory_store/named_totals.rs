//! Sums by name, of as many names as there is room for.

use std::sync::Arc;

use cascade_core::Spend;
use cascade_core::ports::EntryTotal;

use crate::quick_map::QuickMap;

/// A name's sum.
pub(super) struct Named {
    pub(super) name: Arc<str>,
    pub(super) total: Spend,
    pub(super) entries: u64,
    /// Id of its latest entry; 0 without one.
    pub(super) last_entry: u64,
    /// Tier of its latest entry.
    pub(super) tier: Option<Arc<str>>,
    seen: bool,
}

/// Sums by name. Beyond the number of names allowed, one that was not used lately is given up: what
/// it spent goes on in the sum of all others.
pub(super) struct NamedTotals {
    numbers: QuickMap<Arc<str>, u32>,
    named: Vec<Named>,
    others: (u64, Spend),
    hand: usize,
    most: usize,
}

/// Name of the sum of those given up.
pub(super) const OTHERS: &str = "(others)";

impl NamedTotals {
    pub(super) fn new(most: usize) -> Self {
        Self {
            numbers: QuickMap::default(),
            named: Vec::new(),
            others: (0, Spend::ZERO),
            hand: 0,
            most: most.max(1),
        }
    }

    /// Adds to a name's sum.
    pub(super) fn add(&mut self, name: &str, spend: Spend) -> &mut Named {
        let known = self.numbers.get(name).map(|at| *at as usize);
        let at = known.unwrap_or_else(|| self.enter(name.into()));
        let named = &mut self.named[at];
        named.total = named.total.plus(spend);
        named.entries += 1;
        // Names that come once go before those that come back.
        named.seen = known.is_some();
        named
    }

    pub(super) fn get(&self, name: &str) -> Option<&Named> {
        self.numbers.get(name).map(|at| &self.named[*at as usize])
    }

    /// Whether no name was given up.
    pub(super) fn is_complete(&self) -> bool {
        self.others.0 == 0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Named> {
        self.named.iter()
    }

    /// Every sum, by name; that of those given up last.
    pub(super) fn totals(&self) -> Vec<EntryTotal> {
        let mut totals: Vec<EntryTotal> = self.named.iter().map(Named::total).collect();
        totals.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        let (entries, spend) = self.others;
        if entries > 0 {
            totals.push(EntryTotal { name: OTHERS.into(), entries, spend });
        }
        totals
    }

    fn enter(&mut self, name: Arc<str>) -> usize {
        let named = Named {
            name: Arc::clone(&name),
            total: Spend::ZERO,
            entries: 0,
            last_entry: 0,
            tier: None,
            seen: false,
        };
        let at = if self.named.len() < self.most {
            self.named.push(named);
            self.named.len() - 1
        } else {
            let at = self.give_up();
            self.named[at] = named;
            at
        };
        self.numbers.insert(name, u32::try_from(at).unwrap_or(u32::MAX));
        at
    }

    /// The place of a name that was not used since the hand passed it last.
    fn give_up(&mut self) -> usize {
        loop {
            self.hand = (self.hand + 1) % self.named.len();
            let named = &mut self.named[self.hand];
            if std::mem::take(&mut named.seen) {
                continue;
            }
            self.others = (self.others.0 + named.entries, self.others.1.plus(named.total));
            self.numbers.remove(&named.name);
            return self.hand;
        }
    }
}

impl Named {
    pub(super) fn total(&self) -> EntryTotal {
        EntryTotal { name: Arc::clone(&self.name), entries: self.entries, spend: self.total }
    }
}
