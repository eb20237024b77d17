use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use cascadeflow::ports::{EngineEvent, EventSink};
use cascadeflow::{CascadeResult, Route, Usd};
use parking_lot::Mutex;
use serde::Serialize;

/// Counts of an agent's runs. Memory stays the same however many there are.
pub(crate) struct Statistics {
    since: Instant,
    totals: Mutex<Totals>,
}

/// Samples kept of each measure; the latest count.
const MOST_SAMPLES: usize = 1000;

#[derive(Default)]
struct Totals {
    counts: Counts,
    cost: Usd,
    saved: Usd,
    baseline: Usd,
    samples: BTreeMap<&'static str, VecDeque<f64>>,
}

#[derive(Default, Clone, Serialize)]
struct Counts {
    total_queries: u64,
    failed_queries: u64,
    cascade_used: u64,
    direct_routed: u64,
    draft_accepted: u64,
    draft_rejected: u64,
    tool_queries: u64,
    total_tool_calls: u64,
    total_latency_ms: f64,
    draft_tokens: u64,
    verifier_tokens: u64,
    total_tokens: u64,
    by_complexity: BTreeMap<&'static str, u64>,
    acceptance_by_complexity: BTreeMap<&'static str, Acceptance>,
}

#[derive(Default, Clone, Serialize)]
struct Acceptance {
    accepted: u64,
    rejected: u64,
}

/// The counts at one moment, as plain data.
#[derive(Serialize)]
pub(crate) struct Snapshot {
    #[serde(flatten)]
    counts: Counts,
    total_cost: f64,
    total_saved: f64,
    baseline_cost: f64,
    uptime_seconds: f64,
    samples: BTreeMap<&'static str, Vec<f64>>,
}

impl Default for Statistics {
    fn default() -> Self {
        Self { since: Instant::now(), totals: Mutex::default() }
    }
}

impl Statistics {
    /// The counts now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let totals = self.totals.lock();
        let samples =
            totals.samples.iter().map(|(name, kept)| (*name, kept.iter().copied().collect()));
        Snapshot {
            counts: totals.counts.clone(),
            total_cost: totals.cost.to_f64(),
            total_saved: totals.saved.to_f64(),
            baseline_cost: totals.baseline.to_f64(),
            uptime_seconds: self.since.elapsed().as_secs_f64(),
            samples: samples.collect(),
        }
    }

    /// Starts again from nothing.
    pub(crate) fn reset(&self) {
        *self.totals.lock() = Totals::default();
    }
}

impl Totals {
    fn add(&mut self, result: &CascadeResult) {
        let counts = &mut self.counts;
        counts.total_queries += 1;
        counts.total_latency_ms += result.timings.total_ms;
        *counts.by_complexity.entry(result.complexity.as_str()).or_default() += 1;
        if result.route == Route::Direct {
            counts.direct_routed += 1;
        } else {
            counts.cascade_used += 1;
        }
        if result.cascaded {
            let of_level =
                counts.acceptance_by_complexity.entry(result.complexity.as_str()).or_default();
            if result.draft_accepted {
                counts.draft_accepted += 1;
                of_level.accepted += 1;
            } else {
                counts.draft_rejected += 1;
                of_level.rejected += 1;
            }
        }
        if !result.tool_calls.is_empty() {
            counts.tool_queries += 1;
            counts.total_tool_calls += result.tool_calls.len() as u64;
        }
        for attempt in &result.attempts {
            let tokens = attempt.usage.total_tokens();
            counts.total_tokens += tokens;
            if attempt.role == cascadeflow::AttemptRole::Draft {
                counts.draft_tokens += tokens;
            } else {
                counts.verifier_tokens += tokens;
            }
        }
        self.cost += result.total_cost;
        self.saved += result.cost_saved;
        self.baseline += result.baseline_cost;
        self.sample("complexity_detection_ms", Some(result.timings.analysis_ms));
        self.sample("draft_generation_ms", result.timings.draft_ms);
        self.sample("quality_verification_ms", result.timings.judge_ms);
        self.sample("verifier_generation_ms", result.timings.verifier_ms);
        self.sample("cascade_overhead_ms", Some(result.timings.overhead_ms));
        self.sample("quality_score", result.quality_score);
    }

    fn sample(&mut self, name: &'static str, value: Option<f64>) {
        let Some(value) = value else { return };
        let kept = self.samples.entry(name).or_default();
        if kept.len() == MOST_SAMPLES {
            kept.pop_front();
        }
        kept.push_back(value);
    }
}

impl EventSink for Statistics {
    fn on_event(&self, event: EngineEvent<'_>) {
        match event {
            EngineEvent::Completed { result, .. } => self.totals.lock().add(result),
            EngineEvent::Failed { .. } => self.totals.lock().counts.failed_queries += 1,
            _ => {}
        }
    }
}
