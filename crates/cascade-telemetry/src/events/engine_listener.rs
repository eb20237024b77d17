//! What the engine does, as named events.

use std::collections::HashMap;
use std::sync::Arc;

use cascade_core::ports::{EngineEvent, EventSink};
use cascade_core::{
    Attempt, AttemptOutcome, CascadeResult, Input, Message, Role, RunId, RunOptions, TraceStage,
};
use serde_json::{Map, Value, json};

use super::{CallbackEvent, CallbackManager};

/// Runs that may be under way at a time; events of further ones do not know their query.
const MOST_RUNS: usize = 65_536;

/// The runs under way.
pub(super) type Runs = HashMap<RunId, Arc<About>>;

/// What the beginning of a run tells.
#[derive(Default)]
pub(super) struct About {
    query: String,
    user_tier: Option<String>,
    workflow: Option<String>,
}

impl About {
    fn of(input: &Input, options: &RunOptions) -> Self {
        let query = match input {
            Input::Text(text) => text.clone(),
            Input::Messages(messages) => messages
                .iter()
                .rfind(|message| message.role == Role::User)
                .map(Message::text)
                .unwrap_or_default(),
        };
        Self { query, user_tier: options.user_tier.clone(), workflow: options.workflow.clone() }
    }
}

impl CallbackManager {
    fn tell(&self, about: &About, event: CallbackEvent, data: impl FnOnce() -> Value) {
        // Nothing is written for nobody.
        let data = match self.is_heard(event).then(data) {
            Some(Value::Object(data)) => data,
            _ => Map::new(),
        };
        let (tier, workflow) = (about.user_tier.as_deref(), about.workflow.as_deref());
        self.trigger(event, &about.query, data, tier, workflow);
    }

    fn attempt_ended(&self, about: &About, attempt: &Attempt) {
        let event = match attempt.outcome {
            AttemptOutcome::Failed => CallbackEvent::ModelCallError,
            _ => CallbackEvent::ModelCallComplete,
        };
        self.tell(about, event, || json!(attempt));
        if let Some(verdict) = &attempt.verdict {
            self.tell(about, CallbackEvent::CascadeDecision, || {
                json!({
                    "accepted": verdict.accepted,
                    "model": attempt.model,
                    "score": verdict.score,
                    "threshold": verdict.threshold,
                    "reason": verdict.reason,
                })
            });
        }
    }

    fn completed(&self, about: &About, result: &CascadeResult) {
        self.tell(about, CallbackEvent::QueryComplete, || {
            json!({
                "model_used": result.model_used,
                "route": result.route,
                "complexity": result.complexity,
                "draft_accepted": result.draft_accepted,
                "cost": result.total_cost,
                "cost_saved": result.cost_saved,
                "latency_ms": result.timings.total_ms,
            })
        });
    }
}

impl EventSink for CallbackManager {
    fn on_event(&self, event: EngineEvent<'_>) {
        let run = event.run();
        if let EngineEvent::Started { input, options, .. } = event {
            let about = Arc::new(About::of(input, options));
            let mut runs = self.runs.lock();
            if runs.len() < MOST_RUNS {
                runs.insert(run, about.clone());
            }
            drop(runs);
            return self.tell(&about, CallbackEvent::QueryStart, || json!({"run": run}));
        }
        let known = match event {
            EngineEvent::Completed { .. } | EngineEvent::Failed { .. } => {
                self.runs.lock().remove(&run)
            }
            _ => self.runs.lock().get(&run).cloned(),
        };
        let about = known.unwrap_or_default();
        match event {
            EngineEvent::Planned { plan, .. } => {
                self.tell(&about, CallbackEvent::StrategySelected, || {
                    json!({
                        "strategy": plan.route,
                        "rule": plan.rule,
                        "reason": plan.reason,
                        "domain": plan.domain,
                    })
                });
            }
            EngineEvent::AttemptEnded { attempt, .. } => self.attempt_ended(&about, attempt),
            EngineEvent::Decided { step, .. } => {
                let event = match (step.stage, &*step.decision) {
                    (TraceStage::Analyse, _) => CallbackEvent::ComplexityDetected,
                    (TraceStage::Cache, "hit") => CallbackEvent::CacheHit,
                    (TraceStage::Cache, _) => CallbackEvent::CacheMiss,
                    _ => return,
                };
                self.tell(&about, event, || json!(step));
            }
            EngineEvent::Completed { result, .. } => self.completed(&about, result),
            EngineEvent::Failed { kind, message, .. } => {
                self.tell(
                    &about,
                    CallbackEvent::QueryError,
                    || json!({"kind": kind, "error": message}),
                );
            }
            EngineEvent::Started { .. } => {}
        }
    }
}
