//! The newest entries, each in a few bytes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{EntryFilter, LedgerEntry};
use cascade_core::{AttemptRole, BudgetScope, Priced, Usage, Usd};
use serde_json::{Map, Value};

use super::shared::{Served, Shared};

/// An entry; what is seldom there stands in `rest`.
struct Compact {
    query: Query,
    cost: Usd,
    /// Nanoseconds since the Unix epoch.
    at: u64,
    rest: Option<Box<Rest>>,
    tokens: u64,
    input: u32,
    output: u32,
    scope: u32,
    served: u32,
    /// How many entries ago the same person's one before it was booked; 0 when there is none.
    back: u32,
    role: Option<AttemptRole>,
    priced: Priced,
    /// Whether the counts are estimated.
    estimated: bool,
    /// Whether it counts as one request.
    request: bool,
}

/// Id of a query.
enum Query {
    None,
    /// 32 hexadecimal digits: the id of a run.
    Run([u8; 16]),
    Text(Box<str>),
}

struct Rest {
    usage: Usage,
    requests: u64,
    metadata: Map<String, Value>,
}

/// Entries in the order of booking.
pub(super) struct Entries {
    kept: VecDeque<Compact>,
    /// Entries that are no longer kept.
    gone: u64,
    scopes: Shared<Arc<BudgetScope>>,
    served: Shared<Served>,
    most: usize,
}

impl Entries {
    pub(super) fn new(most: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            gone: 0,
            scopes: Shared::default(),
            served: Shared::default(),
            most,
        }
    }

    /// Entries that are kept.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Books an entry; its id. `before` is the id of the same person's last one, 0 without one.
    pub(super) fn push(&mut self, entry: LedgerEntry, before: u64) -> u64 {
        let id = self.gone + self.kept.len() as u64 + 1;
        if self.most == 0 {
            self.gone += 1;
            return id;
        }
        if self.kept.len() >= self.most
            && let Some(oldest) = self.kept.pop_front()
        {
            self.scopes.leave(oldest.scope);
            self.served.leave(oldest.served);
            self.gone += 1;
        }
        let compact = self.compact(entry, id, before);
        self.kept.push_back(compact);
        id
    }

    /// Forgets every entry.
    pub(super) fn clear(&mut self) {
        *self = Self { gone: self.gone + self.kept.len() as u64, ..Self::new(self.most) };
    }

    /// Entries that match; `last_of_user` is the id of the
    /// filter's user's last one, where it is known; 0 without one.
    pub(super) fn read(&self, filter: &EntryFilter, last_of_user: Option<u64>) -> Vec<LedgerEntry> {
        let most = filter.limit.unwrap_or(usize::MAX);
        let first = filter.after.unwrap_or(0).max(self.gone) + 1;
        let matching = |id: &u64| self.get(*id).is_some_and(|found| self.matches(found, filter));
        let mut ids: Vec<u64> = if let Some(last) = last_of_user {
            let mut ids: Vec<u64> =
                self.of_user(last).take_while(|id| *id >= first).filter(matching).collect();
            ids.reverse();
            ids
        } else {
            let end = self.gone + self.kept.len() as u64 + 1;
            if filter.newest {
                let mut ids: Vec<u64> = (first..end).rev().filter(matching).take(most).collect();
                ids.reverse();
                ids
            } else {
                (first..end).filter(matching).take(most).collect()
            }
        };
        if ids.len() > most {
            if filter.newest {
                ids.drain(..ids.len() - most);
            } else {
                ids.truncate(most);
            }
        }
        ids.into_iter().filter_map(|id| Some(self.whole(id, self.get(id)?))).collect()
    }

    /// Ids of a person's entries, newest first.
    fn of_user(&self, last: u64) -> impl Iterator<Item = u64> {
        std::iter::successors(Some(last).filter(|id| self.get(*id).is_some()), |id| {
            let back = u64::from(self.get(*id)?.back);
            (back > 0).then(|| id.saturating_sub(back)).filter(|id| self.get(*id).is_some())
        })
    }

    fn get(&self, id: u64) -> Option<&Compact> {
        let at = id.checked_sub(self.gone + 1)?;
        self.kept.get(usize::try_from(at).ok()?)
    }

    fn matches(&self, entry: &Compact, filter: &EntryFilter) -> bool {
        let at = Duration::from_nanos(entry.at);
        if filter.from.is_some_and(|from| at < from) || filter.until.is_some_and(|end| at >= end) {
            return false;
        }
        if filter.model.is_some() || filter.provider.is_some() {
            let Some(served) = self.served.get(entry.served) else { return false };
            if filter.model.as_deref().is_some_and(|model| model != &*served.model)
                || filter.provider.as_deref().is_some_and(|name| name != &*served.provider)
            {
                return false;
            }
        }
        if filter.user_id.is_none() && filter.tier.is_none() {
            return true;
        }
        let Some(scope) = self.scopes.get(entry.scope) else { return false };
        (filter.user_id.is_none() || filter.user_id == scope.user_id)
            && (filter.tier.is_none() || filter.tier == scope.tier)
    }

    fn compact(&mut self, entry: LedgerEntry, id: u64, before: u64) -> Compact {
        let LedgerEntry { usage, metadata, requests, .. } = entry;
        let plain = Usage {
            estimated: usage.estimated,
            ..Usage::new(usage.input_tokens, usage.output_tokens)
        };
        let input = u32::try_from(usage.input_tokens);
        let output = u32::try_from(usage.output_tokens);
        let short = plain == usage
            && metadata.is_empty()
            && requests <= 1
            && input.is_ok()
            && output.is_ok();
        let back = id.checked_sub(before).filter(|_| before > 0);
        Compact {
            query: entry.query_id.map_or(Query::None, Query::of),
            cost: entry.cost,
            at: u64::try_from(entry.at.as_nanos()).unwrap_or(u64::MAX),
            rest: (!short).then(|| Box::new(Rest { usage, requests, metadata })),
            tokens: entry.tokens,
            input: input.unwrap_or(0),
            output: output.unwrap_or(0),
            scope: self.scopes.take(&entry.scope),
            served: self.served.take(&Served { model: entry.model, provider: entry.provider }),
            back: back.and_then(|back| u32::try_from(back).ok()).unwrap_or(0),
            role: entry.role,
            priced: entry.priced,
            estimated: usage.estimated,
            request: requests == 1,
        }
    }

    fn whole(&self, id: u64, entry: &Compact) -> LedgerEntry {
        let served = self.served.get(entry.served);
        let usage = Usage {
            estimated: entry.estimated,
            ..Usage::new(u64::from(entry.input), u64::from(entry.output))
        };
        let rest = entry.rest.as_deref();
        LedgerEntry {
            id,
            at: Duration::from_nanos(entry.at),
            scope: self.scopes.get(entry.scope).cloned().unwrap_or_default(),
            query_id: entry.query.text(),
            model: served.map_or_else(|| "".into(), |served| Arc::clone(&served.model)),
            provider: served.map_or_else(|| "".into(), |served| Arc::clone(&served.provider)),
            role: entry.role,
            requests: rest.map_or(u64::from(entry.request), |rest| rest.requests),
            usage: rest.map_or(usage, |rest| rest.usage),
            tokens: entry.tokens,
            cost: entry.cost,
            priced: entry.priced,
            metadata: rest.map(|rest| rest.metadata.clone()).unwrap_or_default(),
        }
    }
}

impl Query {
    fn of(text: Box<str>) -> Self {
        let mut bytes = [0; 16];
        let hexadecimal = text.len() == 32
            && text.as_bytes().chunks_exact(2).zip(&mut bytes).all(|(pair, byte)| {
                let digit = |at: u8| match at {
                    b'0'..=b'9' => Some(at - b'0'),
                    b'a'..=b'f' => Some(at - b'a' + 10),
                    _ => None,
                };
                match (digit(pair[0]), digit(pair[1])) {
                    (Some(high), Some(low)) => {
                        *byte = high << 4 | low;
                        true
                    }
                    _ => false,
                }
            });
        if hexadecimal { Self::Run(bytes) } else { Self::Text(text) }
    }

    fn text(&self) -> Option<Box<str>> {
        match self {
            Self::None => None,
            Self::Run(bytes) => Some(format!("{:032x}", u128::from_be_bytes(*bytes)).into()),
            Self::Text(text) => Some(text.clone()),
        }
    }
}
