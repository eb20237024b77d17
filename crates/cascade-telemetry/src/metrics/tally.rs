use std::collections::BTreeMap;

use cascade_core::Usd;
use serde::Serialize;

use super::{Distribution, RunFigures, Samples};

/// The name under which everything counts that came after a table was full.
pub const OTHER: &str = "(other)";

/// What the runs of one kind come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tally {
    /// Number of runs.
    pub queries: u64,
    /// Drafts accepted.
    pub draft_accepted: u64,
    /// Drafts rejected.
    pub draft_rejected: u64,
    /// Drafts accepted, in percent of those judged; 0 when none was.
    pub acceptance_rate: f64,
    /// Cost in USD.
    pub total_cost: Usd,
    /// Cost of a run in USD.
    pub avg_cost: f64,
    /// The baseline less the cost in USD.
    pub total_saved: Usd,
    /// Mean time in milliseconds.
    pub avg_latency_ms: f64,
    /// How the latest times are spread, in milliseconds.
    pub latency_ms: Option<Distribution>,
    /// Tokens.
    pub total_tokens: u64,
}

/// Counting of one kind.
#[derive(Debug, Clone)]
pub(super) struct Count {
    queries: u64,
    accepted: u64,
    rejected: u64,
    cost: Usd,
    saved: Usd,
    latency_ms: f64,
    tokens: u64,
    latencies: Samples,
}

impl Count {
    pub(super) const fn new(samples: usize) -> Self {
        Self {
            queries: 0,
            accepted: 0,
            rejected: 0,
            cost: Usd::ZERO,
            saved: Usd::ZERO,
            latency_ms: 0.0,
            tokens: 0,
            latencies: Samples::new(samples),
        }
    }

    pub(super) fn add(&mut self, run: &RunFigures) {
        self.queries += 1;
        if run.cascaded {
            self.accepted += u64::from(run.draft_accepted);
            self.rejected += u64::from(!run.draft_accepted);
        }
        self.cost += run.cost;
        self.saved += run.cost_saved;
        self.latency_ms += run.latency_ms;
        self.tokens += run.total_tokens;
        self.latencies.push(run.latency_ms);
    }

    pub(super) fn tally(&self) -> Tally {
        let queries = self.queries.max(1) as f64;
        Tally {
            queries: self.queries,
            draft_accepted: self.accepted,
            draft_rejected: self.rejected,
            acceptance_rate: percent(self.accepted, self.accepted + self.rejected),
            total_cost: self.cost,
            avg_cost: self.cost.to_f64() / queries,
            total_saved: self.saved,
            avg_latency_ms: self.latency_ms / queries,
            latency_ms: self.latencies.distribution(),
            total_tokens: self.tokens,
        }
    }
}

/// Counts by name, of at most a number of names.
#[derive(Debug, Clone)]
pub(super) struct Counts {
    by_name: BTreeMap<String, Count>,
    most: usize,
    samples: usize,
}

impl Counts {
    pub(super) const fn new(most: usize, samples: usize) -> Self {
        Self { by_name: BTreeMap::new(), most, samples }
    }

    pub(super) fn add(&mut self, name: &str, run: &RunFigures) {
        let known = self.by_name.contains_key(name);
        let name = if known || self.by_name.len() < self.most { name } else { OTHER };
        if let Some(count) = self.by_name.get_mut(name) {
            return count.add(run);
        }
        let mut count = Count::new(self.samples);
        count.add(run);
        self.by_name.insert(name.to_owned(), count);
    }

    pub(super) fn tallies(&self) -> BTreeMap<String, Tally> {
        self.by_name.iter().map(|(name, count)| (name.clone(), count.tally())).collect()
    }

    pub(super) fn queries(&self) -> BTreeMap<String, u64> {
        self.by_name.iter().map(|(name, count)| (name.clone(), count.queries)).collect()
    }
}

/// `part` in percent of `whole`; 0 of nothing.
pub(super) fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 * 100.0 }
}
