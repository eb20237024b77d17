use std::collections::BTreeMap;
use std::time::Duration;

use cascadeflow::Usd;
use cascadeflow::ports::LedgerEntry;
use cascadeflow::telemetry::moment_text;
use serde::Serialize;

use super::arguments::GroupBy;

/// What entries without the key are shown under.
const NONE: &str = "(none)";

/// A sum over entries.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    pub(super) entries: u64,
    pub(super) requests: u64,
    pub(super) tokens: u64,
    pub(super) cost: Usd,
    pub(super) unpriced: u64,
}

impl Sum {
    fn add(&mut self, entry: &LedgerEntry) {
        self.entries += 1;
        self.requests = self.requests.saturating_add(entry.requests);
        self.tokens = self.tokens.saturating_add(entry.tokens);
        self.cost += entry.cost;
        self.unpriced += u64::from(entry.priced == cascadeflow::Priced::Unpriced);
    }
}

/// Entries by a key.
#[derive(Debug)]
pub(super) struct Groups {
    key: GroupBy,
    pub(super) all: Sum,
    sums: BTreeMap<Option<Box<str>>, Sum>,
    /// The first moment of them.
    pub(super) first: Option<Duration>,
    /// The last one.
    pub(super) last: Option<Duration>,
}

/// One group as JSON. `cost` is the nearest number, `cost_usd` the exact amount.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    /// `None` for entries without the key.
    pub(super) name: Option<Box<str>>,
    pub(super) entries: u64,
    pub(super) requests: u64,
    pub(super) tokens: u64,
    pub(super) cost: f64,
    pub(super) cost_usd: Usd,
    /// Part of the cost of all.
    pub(super) share: f64,
}

impl Group {
    /// The name to show.
    pub(super) fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(NONE)
    }
}

impl Groups {
    pub(super) fn new(key: GroupBy) -> Self {
        Self { key, all: Sum::default(), sums: BTreeMap::new(), first: None, last: None }
    }

    pub(super) fn add(&mut self, entry: &LedgerEntry) {
        self.all.add(entry);
        self.first = Some(self.first.map_or(entry.at, |first| first.min(entry.at)));
        self.last = Some(self.last.map_or(entry.at, |last| last.max(entry.at)));
        self.sums.entry(name(self.key, entry)).or_default().add(entry);
    }

    /// The groups: days in their order, others by their cost, the greatest first.
    pub(super) fn sorted(&self) -> Vec<Group> {
        let mut groups: Vec<Group> =
            self.sums.iter().map(|(name, sum)| self.group(name.clone(), sum)).collect();
        if self.key != GroupBy::Day {
            groups.sort_by_key(|group| std::cmp::Reverse(group.cost_usd));
        }
        groups
    }

    /// The `count` greatest, and how many are left out.
    pub(super) fn top(&self, count: usize) -> (Vec<Group>, usize) {
        let mut groups = self.sorted();
        groups.sort_by_key(|group| std::cmp::Reverse(group.cost_usd));
        let left_out = groups.len().saturating_sub(count);
        groups.truncate(count);
        (groups, left_out)
    }

    fn group(&self, name: Option<Box<str>>, sum: &Sum) -> Group {
        Group {
            name,
            entries: sum.entries,
            requests: sum.requests,
            tokens: sum.tokens,
            cost: sum.cost.to_f64(),
            cost_usd: sum.cost,
            share: sum.cost.ratio_of(self.all.cost),
        }
    }
}

fn name(key: GroupBy, entry: &LedgerEntry) -> Option<Box<str>> {
    let scope = &entry.scope;
    let owned = |text: &Option<String>| text.as_deref().map(Box::from);
    match key {
        // The first ten characters are the date.
        GroupBy::Day => moment_text(entry.at).get(..10).map(Box::from),
        GroupBy::Model => Some((*entry.model).into()),
        GroupBy::Provider => Some((*entry.provider).into()),
        GroupBy::User => owned(&scope.user_id),
        GroupBy::Tier => owned(&scope.tier),
        GroupBy::Tenant => owned(&scope.tenant_id),
        GroupBy::Key => owned(&scope.key_id),
        GroupBy::Session => owned(&scope.session_id),
        GroupBy::Role => entry.role.map(|role| role.as_str().into()),
    }
}
