use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{Clock, EngineEvent, EventSink};
use cascade_core::{CascadeResult, RunId, Usd};
use parking_lot::Mutex;

use super::tally::{Count, Counts, percent};
use super::{
    ComplexityStats, MetricsSnapshot, MetricsSummary, RecentAnomaly, RunFigures, Samples,
    WindowStats,
};

/// Names kept of complexities, strategies and stages, which callers may make up.
const NAMES: usize = 64;
/// Times kept of each model, provider, domain and user.
const SAMPLES_A_NAME: usize = 128;
/// Runs that may be under way at a time; of further ones the user is not known.
const RUNNING: usize = 65_536;

/// How much a collector keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricsLimits {
    /// Runs kept in full, the latest, for questions about recent ones. Default 100.
    pub recent: usize,
    /// Values kept of each measure, the latest. Default 1,000.
    pub samples: usize,
    /// Models, providers and domains kept apart, of each kind. Default 1,000; further ones count
    /// together as [`OTHER`](super::OTHER).
    pub names: usize,
    /// Users kept apart. Default 1,000; further ones count together.
    pub users: usize,
}

impl Default for MetricsLimits {
    fn default() -> Self {
        Self { recent: 100, samples: 1_000, names: 1_000, users: 1_000 }
    }
}

/// Collects the figures of runs. Memory is bounded by its [`MetricsLimits`], however many there are.
///
/// Hears runs of the engine as an [`EventSink`], or is told of them with [`Self::record`].
pub struct MetricsCollector {
    clock: Arc<dyn Clock>,
    limits: MetricsLimits,
    state: Mutex<State>,
}

struct State {
    since: Duration,
    all: Count,
    failed: u64,
    streaming: u64,
    cascaded: u64,
    tool_queries: u64,
    tool_calls: u64,
    draft_tokens: u64,
    verifier_tokens: u64,
    speedup: (f64, u64),
    by_complexity: Counts,
    by_strategy: Counts,
    by_model: Counts,
    by_provider: Counts,
    by_domain: Counts,
    by_user: Counts,
    quality: Samples,
    stages: BTreeMap<String, Samples>,
    recent: VecDeque<(Duration, RunFigures)>,
    running: HashMap<RunId, Running>,
}

/// What the beginning of a run tells that its result does not.
struct Running {
    user_id: Option<String>,
    has_tools: bool,
}

impl State {
    fn new(limits: MetricsLimits, since: Duration) -> Self {
        let names = |most| Counts::new(most, SAMPLES_A_NAME.min(limits.samples.max(1)));
        Self {
            since,
            all: Count::new(limits.samples),
            failed: 0,
            streaming: 0,
            cascaded: 0,
            tool_queries: 0,
            tool_calls: 0,
            draft_tokens: 0,
            verifier_tokens: 0,
            speedup: (0.0, 0),
            by_complexity: names(NAMES),
            by_strategy: names(NAMES),
            by_model: names(limits.names),
            by_provider: names(limits.names),
            by_domain: names(limits.names),
            by_user: names(limits.users),
            quality: Samples::new(limits.samples),
            stages: BTreeMap::new(),
            recent: VecDeque::new(),
            running: HashMap::new(),
        }
    }

    fn add(&mut self, run: RunFigures, at: Duration, limits: MetricsLimits) {
        self.all.add(&run);
        self.cascaded += u64::from(run.cascaded);
        self.streaming += u64::from(run.streaming);
        self.tool_queries += u64::from(run.has_tools);
        self.tool_calls += run.tool_calls;
        self.draft_tokens += run.draft_tokens;
        self.verifier_tokens += run.verifier_tokens;
        if run.cascaded && run.draft_accepted {
            self.speedup.0 += run.speedup.filter(|value| value.is_finite()).unwrap_or(1.0);
            self.speedup.1 += 1;
        }
        if !run.complexity.is_empty() {
            self.by_complexity.add(&run.complexity, &run);
        }
        let strategy = match run.strategy.as_str() {
            "" if run.cascaded => "cascade",
            "" => "direct",
            named => named,
        };
        self.by_strategy.add(strategy, &run);
        let named = [
            (&mut self.by_model, &run.model),
            (&mut self.by_provider, &run.provider),
            (&mut self.by_domain, &run.domain),
            (&mut self.by_user, &run.user_id),
        ];
        for (counts, name) in named {
            if let Some(name) = name {
                counts.add(name, &run);
            }
        }
        if let Some(score) = run.quality_score.filter(|_| run.cascaded) {
            self.quality.push(score);
        }
        for (stage, time) in &run.timings {
            if let Some(samples) = self.stages.get_mut(stage) {
                samples.push(*time);
            } else if self.stages.len() < NAMES {
                let mut samples = Samples::new(limits.samples);
                samples.push(*time);
                self.stages.insert(stage.clone(), samples);
            }
        }
        if limits.recent > 0 {
            if self.recent.len() >= limits.recent {
                self.recent.pop_front();
            }
            self.recent.push_back((at, run));
        }
    }
}

impl MetricsCollector {
    /// A collector that reads the time from `clock`.
    pub fn new(clock: Arc<dyn Clock>, limits: MetricsLimits) -> Self {
        let state = State::new(limits, clock.monotonic());
        Self { clock, limits, state: Mutex::new(state) }
    }

    /// Adds a run.
    pub fn record(&self, run: RunFigures) {
        let now = self.clock.since_epoch();
        self.state.lock().add(run, now, self.limits);
    }

    /// Adds the run that gave `result`.
    pub fn record_result(&self, result: &CascadeResult) {
        self.record(RunFigures::of_result(result));
    }

    /// Adds a run that failed.
    pub fn record_failure(&self) {
        self.state.lock().failed += 1;
    }

    /// Starts again from nothing.
    pub fn reset(&self) {
        *self.state.lock() = State::new(self.limits, self.clock.monotonic());
    }

    /// Time since the collector was made or reset.
    pub fn uptime(&self) -> Duration {
        self.clock.monotonic().saturating_sub(self.state.lock().since)
    }

    /// Everything that was counted.
    pub fn summary(&self) -> MetricsSummary {
        let now = self.clock.monotonic();
        let state = self.state.lock();
        let all = state.all.tally();
        let baseline_cost = all.total_cost + all.total_saved;
        let judged = state.by_complexity.tallies().into_iter();
        let stages = state.stages.iter();
        MetricsSummary {
            total_queries: all.queries,
            failed_queries: state.failed,
            total_cost: all.total_cost,
            avg_cost: all.avg_cost,
            avg_latency_ms: all.avg_latency_ms,
            uptime_seconds: now.saturating_sub(state.since).as_secs_f64(),
            cascade_rate: percent(state.cascaded, all.queries),
            acceptance_rate: percent(all.draft_accepted, all.queries),
            cascade_acceptance_rate: percent(all.draft_accepted, state.cascaded),
            streaming_rate: percent(state.streaming, all.queries),
            cascade_used: state.cascaded,
            direct_routed: all.queries - state.cascaded,
            draft_accepted: all.draft_accepted,
            draft_rejected: all.draft_rejected,
            streaming_used: state.streaming,
            tool_queries: state.tool_queries,
            tool_rate: percent(state.tool_queries, all.queries),
            total_tool_calls: state.tool_calls,
            avg_tools_per_query: mean(state.tool_calls as f64, state.tool_queries, 0.0),
            total_saved: all.total_saved,
            baseline_cost,
            savings_percent: all.total_saved.ratio_of(baseline_cost) * 100.0,
            draft_tokens: state.draft_tokens,
            verifier_tokens: state.verifier_tokens,
            total_tokens: all.total_tokens,
            avg_speedup: mean(state.speedup.0, state.speedup.1, 1.0),
            by_complexity: state.by_complexity.queries(),
            acceptance_by_complexity: judged
                .filter(|(_, tally)| tally.draft_accepted + tally.draft_rejected > 0)
                .collect(),
            by_strategy: state.by_strategy.queries(),
            by_model: state.by_model.tallies(),
            by_provider: state.by_provider.tallies(),
            by_domain: state.by_domain.tallies(),
            by_user: state.by_user.tallies(),
            latency_ms: all.latency_ms,
            quality_stats: state.quality.distribution(),
            timing_stats: stages
                .filter_map(|(name, samples)| Some((name.clone(), samples.distribution()?)))
                .collect(),
        }
    }

    /// The figures most often asked for.
    pub fn snapshot(&self) -> MetricsSnapshot {
        MetricsSnapshot::of(&self.summary(), self.clock.since_epoch().as_secs_f64())
    }

    /// The recent runs with their time in seconds since the Unix epoch, the oldest first.
    pub fn recent(&self) -> Vec<(f64, RunFigures)> {
        let state = self.state.lock();
        state.recent.iter().map(|(at, run)| (at.as_secs_f64(), run.clone())).collect()
    }

    /// The recent runs of the last `minutes`; of those that are still kept.
    pub fn time_windowed(&self, minutes: u32) -> WindowStats {
        let now = self.clock.since_epoch();
        let from = now.saturating_sub(Duration::from_secs(60 * u64::from(minutes)));
        let state = self.state.lock();
        let part = Part::of(state.recent.iter().filter(|(at, _)| *at >= from).map(|(_, run)| run));
        WindowStats {
            time_window_minutes: minutes,
            queries_in_window: part.queries,
            total_cost: part.cost,
            avg_cost: mean(part.cost.to_f64(), part.queries, 0.0),
            avg_latency_ms: mean(part.latency_ms, part.queries, 0.0),
            cascade_used: part.cascaded,
            cascade_rate: percent(part.cascaded, part.queries),
            streaming_used: part.streaming,
            streaming_rate: percent(part.streaming, part.queries),
            acceptance_rate: percent(part.accepted, part.cascaded),
            tool_queries: part.tool_queries,
            tool_rate: percent(part.tool_queries, part.queries),
            total_tool_calls: part.tool_calls,
            avg_tools_per_query: mean(part.tool_calls as f64, part.tool_queries, 0.0),
        }
    }

    /// The recent runs of one complexity.
    pub fn by_complexity(&self, complexity: &str) -> ComplexityStats {
        let state = self.state.lock();
        let runs = state.recent.iter().map(|(_, run)| run);
        let part = Part::of(runs.filter(|run| run.complexity == complexity));
        ComplexityStats {
            complexity: complexity.to_owned(),
            total_queries: part.queries,
            cascade_used: part.cascaded,
            cascade_rate: percent(part.cascaded, part.queries),
            acceptance_rate: percent(part.accepted, part.cascaded),
            avg_cost: mean(part.cost.to_f64(), part.queries, 0.0),
            avg_latency_ms: mean(part.latency_ms, part.queries, 0.0),
            avg_speedup: mean(part.speedup, part.queries, 1.0),
            tool_queries: part.tool_queries,
            tool_rate: percent(part.tool_queries, part.queries),
            total_tool_calls: part.tool_calls,
            avg_tools_per_query: mean(part.tool_calls as f64, part.tool_queries, 0.0),
        }
    }

    /// Those of the latest `lookback` runs that took longer than `latency_ms` or cost more than
    /// `cost`, the oldest first; one that did both is told twice.
    pub fn recent_anomalies(
        &self,
        latency_ms: f64,
        cost: Usd,
        lookback: usize,
    ) -> Vec<RecentAnomaly> {
        let state = self.state.lock();
        let avg_latency_ms = state.all.tally().avg_latency_ms;
        let mut found = Vec::new();
        for (at, run) in state.recent.iter().skip(state.recent.len().saturating_sub(lookback)) {
            let query = run.label.clone().unwrap_or_default();
            let model = run.model.clone().unwrap_or_else(|| "unknown".to_owned());
            let timestamp = at.as_secs_f64();
            if run.latency_ms > latency_ms {
                found.push(RecentAnomaly::HighLatency {
                    latency_ms: run.latency_ms,
                    threshold_ms: latency_ms,
                    avg_latency_ms,
                    query: query.clone(),
                    model: model.clone(),
                    timestamp,
                });
            }
            if run.cost > cost {
                found.push(RecentAnomaly::HighCost {
                    cost: run.cost,
                    threshold: cost,
                    query,
                    model,
                    timestamp,
                });
            }
        }
        found
    }
}

impl EventSink for MetricsCollector {
    fn on_event(&self, event: EngineEvent<'_>) {
        match event {
            EngineEvent::Started { run, options, .. } => {
                let mut state = self.state.lock();
                if state.running.len() < RUNNING {
                    let user_id = options.user_id.clone();
                    let has_tools = !options.tools.is_empty();
                    state.running.insert(run, Running { user_id, has_tools });
                }
            }
            EngineEvent::Completed { run, result } => {
                let mut figures = RunFigures::of_result(result);
                let now = self.clock.since_epoch();
                let mut state = self.state.lock();
                if let Some(running) = state.running.remove(&run) {
                    figures.user_id = running.user_id;
                    figures.has_tools |= running.has_tools;
                }
                state.add(figures, now, self.limits);
            }
            EngineEvent::Failed { run, .. } => {
                let mut state = self.state.lock();
                state.running.remove(&run);
                state.failed += 1;
            }
            _ => {}
        }
    }
}

/// Sums over some runs.
#[derive(Default)]
struct Part {
    queries: u64,
    cost: Usd,
    latency_ms: f64,
    cascaded: u64,
    accepted: u64,
    streaming: u64,
    tool_queries: u64,
    tool_calls: u64,
    speedup: f64,
}

impl Part {
    fn of<'a>(runs: impl Iterator<Item = &'a RunFigures>) -> Self {
        let mut part = Self::default();
        for run in runs {
            part.queries += 1;
            part.cost += run.cost;
            part.latency_ms += run.latency_ms;
            part.cascaded += u64::from(run.cascaded);
            part.accepted += u64::from(run.cascaded && run.draft_accepted);
            part.streaming += u64::from(run.streaming);
            part.tool_queries += u64::from(run.has_tools);
            part.tool_calls += run.tool_calls;
            part.speedup += run.speedup.unwrap_or(1.0);
        }
        part
    }
}

fn mean(sum: f64, count: u64, of_nothing: f64) -> f64 {
    if count == 0 { of_nothing } else { sum / count as f64 }
}
