use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use cascade_core::ports::{EngineEvent, EventSink};
use cascade_core::{RunId, Usd};
use parking_lot::Mutex;

use super::TraceRecord;

/// Listens to an agent and keeps the traces of its last runs, those that failed too.
#[derive(Debug)]
pub struct TraceLog {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Runs under way. Every run tells its end, so nothing stays here.
    open: HashMap<RunId, TraceRecord>,
    ended: VecDeque<Arc<TraceRecord>>,
    runs: u64,
    total_cost: Usd,
}

impl TraceLog {
    /// How many traces are kept when nothing else is said.
    pub const DEFAULT_CAPACITY: usize = 1_000;

    /// A log of the last `capacity` runs; the oldest goes first.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, state: Mutex::default() }
    }

    /// The last `count` traces, newest first.
    pub fn recent(&self, count: usize) -> Vec<Arc<TraceRecord>> {
        self.state.lock().ended.iter().rev().take(count).cloned().collect()
    }

    /// The trace of one run; `None` when it is not kept any more, or has not ended.
    pub fn of_run(&self, run: RunId) -> Option<Arc<TraceRecord>> {
        self.state.lock().ended.iter().rev().find(|record| record.run == run).cloned()
    }

    /// How many runs ended, those not kept any more included.
    pub fn runs(&self) -> u64 {
        self.state.lock().runs
    }

    /// What all of them cost together, in USD.
    pub fn total_cost(&self) -> Usd {
        self.state.lock().total_cost
    }

    /// Forgets every trace and starts counting anew.
    pub fn clear(&self) {
        let mut state = self.state.lock();
        state.ended.clear();
        state.runs = 0;
        state.total_cost = Usd::ZERO;
    }
}

impl Default for TraceLog {
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY)
    }
}

impl State {
    fn end(&mut self, run: RunId, capacity: usize, complete: impl FnOnce(&mut TraceRecord)) {
        let Some(mut record) = self.open.remove(&run) else { return };
        complete(&mut record);
        record.total_cost = record.attempts.iter().map(|attempt| attempt.cost).sum();
        self.runs += 1;
        self.total_cost += record.total_cost;
        if capacity == 0 {
            return;
        }
        if self.ended.len() == capacity {
            self.ended.pop_front();
        }
        self.ended.push_back(Arc::new(record));
    }
}

impl EventSink for TraceLog {
    fn on_event(&self, event: EngineEvent<'_>) {
        let mut state = self.state.lock();
        match event {
            EngineEvent::Started { run, at, options, .. } => {
                let record = TraceRecord {
                    run,
                    at,
                    user_id: options.user_id.clone(),
                    tenant_id: options.tenant_id.clone(),
                    steps: Vec::new(),
                    attempts: Vec::new(),
                    total_cost: Usd::ZERO,
                    answer_model: None,
                    error_kind: None,
                    total_ms: 0.0,
                };
                state.open.insert(run, record);
            }
            EngineEvent::Decided { run, step } => {
                if let Some(record) = state.open.get_mut(&run) {
                    record.steps.push(step.clone());
                }
            }
            EngineEvent::Planned { .. } => {}
            EngineEvent::AttemptEnded { run, attempt } => {
                if let Some(record) = state.open.get_mut(&run) {
                    record.attempts.push(attempt.clone());
                }
            }
            EngineEvent::Completed { run, result } => state.end(run, self.capacity, |record| {
                record.answer_model = Some(Arc::clone(&result.answer_model));
                record.total_ms = result.timings.total_ms;
            }),
            EngineEvent::Failed { run, kind, total_ms, .. } => {
                state.end(run, self.capacity, |record| {
                    record.error_kind = Some(kind);
                    record.total_ms = total_ms;
                });
            }
        }
    }
}
