use std::collections::BTreeMap;

use cascade_core::Usd;
use serde::Serialize;

use super::{Distribution, Tally};

/// Everything that was counted. Rates are in percent, times in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricsSummary {
    /// Runs that gave a result.
    pub total_queries: u64,
    /// Runs that failed.
    pub failed_queries: u64,
    /// Cost in USD.
    pub total_cost: Usd,
    /// Cost of a run in USD.
    pub avg_cost: f64,
    /// Mean time.
    pub avg_latency_ms: f64,
    /// Seconds since the collector was made or reset.
    pub uptime_seconds: f64,
    /// Runs with a judged draft.
    pub cascade_rate: f64,
    /// Drafts accepted, of all runs.
    pub acceptance_rate: f64,
    /// Drafts accepted, of those judged.
    pub cascade_acceptance_rate: f64,
    /// Runs that streamed.
    pub streaming_rate: f64,
    /// Runs with a judged draft.
    pub cascade_used: u64,
    /// Runs without.
    pub direct_routed: u64,
    /// Drafts accepted.
    pub draft_accepted: u64,
    /// Drafts rejected.
    pub draft_rejected: u64,
    /// Runs that streamed.
    pub streaming_used: u64,
    /// Runs with tools.
    pub tool_queries: u64,
    /// Runs with tools.
    pub tool_rate: f64,
    /// Tool calls.
    pub total_tool_calls: u64,
    /// Tool calls of a run with tools.
    pub avg_tools_per_query: f64,
    /// The baseline less the cost, in USD; negative when cascading cost more.
    pub total_saved: Usd,
    /// Cost and saving together: what the verifier alone would have cost, in USD.
    pub baseline_cost: Usd,
    /// The saving, of the baseline.
    pub savings_percent: f64,
    /// Tokens of drafts.
    pub draft_tokens: u64,
    /// Tokens of everything after them.
    pub verifier_tokens: u64,
    /// Tokens of all attempts.
    pub total_tokens: u64,
    /// Mean speedup of runs with an accepted draft; 1 when there are none.
    pub avg_speedup: f64,
    /// Runs by complexity.
    pub by_complexity: BTreeMap<String, u64>,
    /// Accepted and rejected drafts by complexity.
    pub acceptance_by_complexity: BTreeMap<String, Tally>,
    /// Runs by strategy.
    pub by_strategy: BTreeMap<String, u64>,
    /// By answering model.
    pub by_model: BTreeMap<String, Tally>,
    /// By answering provider.
    pub by_provider: BTreeMap<String, Tally>,
    /// By domain.
    pub by_domain: BTreeMap<String, Tally>,
    /// By user.
    pub by_user: BTreeMap<String, Tally>,
    /// How the latest times are spread.
    pub latency_ms: Option<Distribution>,
    /// How the scores of the latest drafts are spread.
    pub quality_stats: Option<Distribution>,
    /// How the latest times of each stage are spread.
    pub timing_stats: BTreeMap<String, Distribution>,
}

/// The figures most often asked for, at one moment. Rates are in percent, times in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricsSnapshot {
    /// Runs that gave a result.
    pub total_queries: u64,
    /// Cost in USD.
    pub total_cost: Usd,
    /// Mean time.
    pub avg_latency_ms: f64,
    /// Runs by complexity.
    pub by_complexity: BTreeMap<String, u64>,
    /// Runs by strategy.
    pub by_strategy: BTreeMap<String, u64>,
    /// Drafts accepted, of all runs.
    pub acceptance_rate: f64,
    /// Mean speedup of runs with an accepted draft; 1 when there are none.
    pub avg_speedup: f64,
    /// Mean score of drafts; `None` when none was judged.
    pub quality_mean: Option<f64>,
    /// Median score.
    pub quality_median: Option<f64>,
    /// Least score.
    pub quality_min: Option<f64>,
    /// Best score.
    pub quality_max: Option<f64>,
    /// Mean time of drafting; `None` when nothing was drafted.
    pub avg_draft_ms: Option<f64>,
    /// Mean time of judging.
    pub avg_verification_ms: Option<f64>,
    /// 95 % of drafts took at most this.
    pub p95_draft_ms: Option<f64>,
    /// 95 % of judgements took at most this.
    pub p95_verification_ms: Option<f64>,
    /// Runs with tools.
    pub tool_queries: u64,
    /// Tool calls.
    pub total_tool_calls: u64,
    /// Tool calls of a run with tools.
    pub avg_tools_per_query: f64,
    /// Tokens of drafts.
    pub draft_tokens: u64,
    /// Tokens of everything after them.
    pub verifier_tokens: u64,
    /// Tokens of all attempts.
    pub total_tokens: u64,
    /// When, in seconds since the Unix epoch.
    pub timestamp: f64,
}

impl MetricsSnapshot {
    pub(super) fn of(summary: &MetricsSummary, timestamp: f64) -> Self {
        let quality = summary.quality_stats;
        let draft = summary.timing_stats.get("draft_generation");
        let judging = summary.timing_stats.get("quality_verification");
        Self {
            total_queries: summary.total_queries,
            total_cost: summary.total_cost,
            avg_latency_ms: summary.avg_latency_ms,
            by_complexity: summary.by_complexity.clone(),
            by_strategy: summary.by_strategy.clone(),
            acceptance_rate: summary.acceptance_rate,
            avg_speedup: summary.avg_speedup,
            quality_mean: quality.map(|it| it.mean),
            quality_median: quality.map(|it| it.median),
            quality_min: quality.map(|it| it.min),
            quality_max: quality.map(|it| it.max),
            avg_draft_ms: draft.map(|it| it.mean),
            avg_verification_ms: judging.map(|it| it.mean),
            p95_draft_ms: draft.map(|it| it.p95),
            p95_verification_ms: judging.map(|it| it.p95),
            tool_queries: summary.tool_queries,
            total_tool_calls: summary.total_tool_calls,
            avg_tools_per_query: summary.avg_tools_per_query,
            draft_tokens: summary.draft_tokens,
            verifier_tokens: summary.verifier_tokens,
            total_tokens: summary.total_tokens,
            timestamp,
        }
    }
}

/// The recent runs of a time. Rates are in percent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WindowStats {
    /// The time in minutes.
    pub time_window_minutes: u32,
    /// Runs kept of it.
    pub queries_in_window: u64,
    /// Cost in USD.
    pub total_cost: Usd,
    /// Cost of a run in USD.
    pub avg_cost: f64,
    /// Mean time in milliseconds.
    pub avg_latency_ms: f64,
    /// Runs with a judged draft.
    pub cascade_used: u64,
    /// The same, of all.
    pub cascade_rate: f64,
    /// Runs that streamed.
    pub streaming_used: u64,
    /// The same, of all.
    pub streaming_rate: f64,
    /// Drafts accepted, of those judged.
    pub acceptance_rate: f64,
    /// Runs with tools.
    pub tool_queries: u64,
    /// The same, of all.
    pub tool_rate: f64,
    /// Tool calls.
    pub total_tool_calls: u64,
    /// Tool calls of a run with tools.
    pub avg_tools_per_query: f64,
}

/// The recent runs of one complexity. Rates are in percent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComplexityStats {
    /// The complexity.
    pub complexity: String,
    /// Runs kept of it.
    pub total_queries: u64,
    /// Runs with a judged draft.
    pub cascade_used: u64,
    /// The same, of all.
    pub cascade_rate: f64,
    /// Drafts accepted, of those judged.
    pub acceptance_rate: f64,
    /// Cost of a run in USD.
    pub avg_cost: f64,
    /// Mean time in milliseconds.
    pub avg_latency_ms: f64,
    /// Mean speedup, 1 where it is not known.
    pub avg_speedup: f64,
    /// Runs with tools.
    pub tool_queries: u64,
    /// The same, of all.
    pub tool_rate: f64,
    /// Tool calls.
    pub total_tool_calls: u64,
    /// Tool calls of a run with tools.
    pub avg_tools_per_query: f64,
}

/// A recent run that was slow or dear.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RecentAnomaly {
    /// It took longer than the threshold.
    HighLatency {
        /// Its time in milliseconds.
        latency_ms: f64,
        /// The threshold.
        threshold_ms: f64,
        /// The mean of all runs.
        avg_latency_ms: f64,
        /// The caller's words for it; empty when there are none.
        query: String,
        /// The model that answered; `unknown` when it is not known.
        model: String,
        /// When, in seconds since the Unix epoch.
        timestamp: f64,
    },
    /// It cost more than the threshold.
    HighCost {
        /// Its cost in USD.
        cost: Usd,
        /// The threshold.
        threshold: Usd,
        /// The caller's words for it; empty when there are none.
        query: String,
        /// The model that answered; `unknown` when it is not known.
        model: String,
        /// When, in seconds since the Unix epoch.
        timestamp: f64,
    },
}
