use cascadeflow::Usd;
use serde::Serialize;

use super::quantile::quantile;
use super::query_report::{Outcome, QueryReport};

/// What became of all questions. `accepted + escalated + direct + failed = queries`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Summary {
    /// Always true: the models are scripted, what the engine made of them is not.
    pub(super) scripted: bool,
    pub(super) queries: usize,
    pub(super) domains: usize,
    pub(super) accepted: usize,
    pub(super) escalated: usize,
    pub(super) direct: usize,
    pub(super) failed: usize,
    /// Cost in USD as a number; `total_cost_usd` is exact.
    pub(super) total_cost: f64,
    pub(super) total_cost_usd: Usd,
    /// What was saved in USD as a number; `cost_saved_usd` is exact.
    pub(super) cost_saved: f64,
    pub(super) cost_saved_usd: Usd,
    /// What was saved of what the strong model would have cost, in percent.
    pub(super) savings_percentage: f64,
    /// Median time of the engine itself, in microseconds; `None` when every question failed.
    pub(super) overhead_p50_us: Option<f64>,
    /// Time of the engine itself that 99 % of the questions stayed within, in microseconds.
    pub(super) overhead_p99_us: Option<f64>,
}

impl Summary {
    pub(super) fn new(queries: &[QueryReport]) -> Self {
        let count = |outcome| queries.iter().filter(|query| query.outcome == outcome).count();
        let cost: Usd = queries.iter().map(|query| query.cost_usd).sum();
        let saved: Usd = queries.iter().map(|query| query.saved_usd).sum();
        let overheads: Vec<f64> = queries.iter().filter_map(|query| query.overhead_us).collect();
        let mut domains: Vec<&str> = queries.iter().map(|query| query.domain.as_str()).collect();
        domains.sort_unstable();
        domains.dedup();
        Self {
            scripted: true,
            queries: queries.len(),
            domains: domains.len(),
            accepted: count(Outcome::Accepted),
            escalated: count(Outcome::Escalated),
            direct: count(Outcome::Direct),
            failed: count(Outcome::Failed),
            total_cost: cost.to_f64(),
            total_cost_usd: cost,
            cost_saved: saved.to_f64(),
            cost_saved_usd: saved,
            savings_percentage: saved.ratio_of(cost + saved) * 100.0,
            overhead_p50_us: quantile(&overheads, 0.5),
            overhead_p99_us: quantile(&overheads, 0.99),
        }
    }
}
