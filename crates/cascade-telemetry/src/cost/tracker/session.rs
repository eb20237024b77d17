//! Plays what happens to budgets, on a clock of its own.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cascade_core::ports::{Admission, BoxFuture, Charge, Clock, Ledger, Reservation, SpendRequest};
use cascade_core::{
    Attempt, AttemptOutcome, AttemptRole, BudgetScope, Error, Priced, Result, RunId, Spend, Usage,
    Usd,
};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{BudgetWarning, CostRecord, CostTracker, wait_for};
use crate::budget::BudgetPolicy;

/// A clock that moves only when told. Wall clock and passing time are told apart.
#[derive(Default)]
struct Told(Mutex<(Duration, Duration)>);

impl Told {
    fn pass(&self, time: Duration) {
        let mut told = self.0.lock();
        told.0 = told.0.saturating_add(time);
        told.1 = told.1.saturating_add(time);
    }

    fn put(&self, wall: Duration) {
        self.0.lock().0 = wall;
    }
}

impl Clock for Told {
    fn monotonic(&self) -> Duration {
        self.0.lock().1
    }

    fn since_epoch(&self) -> Duration {
        self.0.lock().0
    }

    fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

/// Whose budgets are meant.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Scope {
    user_id: Option<String>,
    tenant_id: Option<String>,
    tier: Option<String>,
    key_id: Option<String>,
    session_id: Option<String>,
}

impl From<Scope> for BudgetScope {
    fn from(scope: Scope) -> Self {
        let Scope { user_id, tenant_id, tier, key_id, session_id } = scope;
        Self { user_id, tenant_id, tier, key_id, session_id }
    }
}

/// One thing that happens.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    /// A run asks for its worst case, under a name for later steps.
    Reserve {
        name: String,
        #[serde(default)]
        scope: Scope,
        #[serde(default)]
        cost: Usd,
        #[serde(default)]
        tokens: u64,
        #[serde(default)]
        degraded: bool,
    },
    /// A call of the run is booked.
    Commit {
        name: String,
        #[serde(default)]
        cost: Usd,
        #[serde(default)]
        tokens: u64,
        #[serde(default)]
        requests: u64,
    },
    /// The run is over.
    Release { name: String },
    /// A cost from outside a run is booked.
    AddCost {
        #[serde(default)]
        scope: Scope,
        cost: Usd,
        #[serde(default)]
        tokens: u64,
        #[serde(default = "unnamed")]
        model: String,
        #[serde(default = "unnamed")]
        provider: String,
        at: Option<String>,
    },
    /// Somebody asks whether an amount fits.
    CanAfford {
        #[serde(default)]
        scope: Scope,
        cost: Usd,
    },
    /// Somebody asks how the limits of a scope stand.
    Standings {
        #[serde(default)]
        scope: Scope,
    },
    /// Somebody asks what a user spent.
    UserSummary { user_id: String, tier: Option<String> },
    /// Somebody asks what was spent altogether.
    Summary,
    /// Reservations that are too old return what they hold.
    Expire,
    /// Everything spent is forgotten.
    Reset,
    /// Only time passes.
    Nothing,
}

fn unnamed() -> String {
    "model".to_owned()
}

/// Plays `request` on a tracker in memory: `policy` is a [`BudgetPolicy`], `start` the time of the
/// first step (ISO 8601), `steps` what happens. Each step has `do` and its own fields, `after` (the
/// seconds that pass before it) and `clock` (what the wall clock is then put to, which is no time
/// passing). Gives `steps`, what came of each; a refusal is `{"error": …}` there.
///
/// # Errors
/// A validation error that names the step that cannot be read; the errors of a policy.
pub fn budget_session_json(request: Value) -> Result<Value> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Request {
        #[serde(default)]
        policy: BudgetPolicy,
        start: String,
        steps: Vec<Map<String, Value>>,
    }
    let request: Request = read("request", request)?;
    let clock = Arc::new(Told::default());
    clock.put(moment("start", &request.start)?);
    let tracker = CostTracker::in_memory(request.policy, clock.clone())?;
    let mut session = Session { tracker, clock, open: HashMap::new() };
    let mut records = Vec::with_capacity(request.steps.len());
    for (number, step) in request.steps.into_iter().enumerate() {
        records.push(session.play(&format!("steps[{number}]"), step)?);
    }
    Ok(json!({"steps": records}))
}

struct Session {
    tracker: CostTracker,
    clock: Arc<Told>,
    open: HashMap<String, (Reservation, Arc<BudgetScope>)>,
}

impl Session {
    fn play(&mut self, field: &str, mut step: Map<String, Value>) -> Result<Value> {
        if let Some(after) = step.remove("after") {
            let after: u64 = read(&format!("{field}.after"), after)?;
            self.clock.pass(Duration::from_secs(after));
        }
        if let Some(wall) = step.remove("clock") {
            let field = format!("{field}.clock");
            let wall: String = read(&field, wall)?;
            self.clock.put(moment(&field, &wall)?);
        }
        let step = read(field, Value::Object(step))?;
        match self.happen(field, step) {
            Ok(record) => Ok(record),
            Err(Failed::Refused(error)) => Ok(json!({"error": error_record(&error)})),
            Err(Failed::Malformed(error)) => Err(error),
        }
    }

    fn happen(&mut self, field: &str, step: Step) -> Result<Value, Failed> {
        match step {
            Step::Reserve { name, scope, cost, tokens, degraded } => {
                let scope: Arc<BudgetScope> = Arc::new(scope.into());
                let worst_case = Spend { cost, requests: 1, tokens };
                let request = SpendRequest { scope: &scope, worst_case, degraded };
                match wait_for(self.tracker.reserve(request))? {
                    Admission::Granted { reservation, warnings } => {
                        self.open.insert(name, (reservation, scope));
                        Ok(json!({"granted": true, "warnings": warnings}))
                    }
                    Admission::Degrade { reason } => Ok(json!({"degrade": reason})),
                }
            }
            Step::Commit { name, cost, tokens, requests } => {
                let (reservation, scope) =
                    self.open.get(&name).ok_or_else(|| unknown(field, &name))?;
                let attempt = attempt(cost, tokens);
                let metadata = Map::new();
                let run = RunId::next();
                let charge =
                    Charge { run, scope, attempt: &attempt, requests, metadata: &metadata };
                Ok(json!({"warnings": self.tracker.commit(reservation, charge)}))
            }
            Step::Release { name } => {
                let (reservation, _) =
                    self.open.remove(&name).ok_or_else(|| unknown(field, &name))?;
                self.tracker.release(reservation);
                Ok(json!({}))
            }
            Step::AddCost { scope, cost, tokens, model, provider, at } => {
                let at = at.map(|at| moment(&format!("{field}.at"), &at)).transpose();
                let scope = scope.into();
                let record = CostRecord {
                    model,
                    provider,
                    tokens,
                    cost,
                    scope,
                    at: at.map_err(Failed::Malformed)?,
                    ..CostRecord::default()
                };
                let warnings = self.tracker.add_cost(record)?;
                let warnings: Vec<&str> = warnings.iter().map(message).collect();
                Ok(json!({"warnings": warnings}))
            }
            Step::CanAfford { scope, cost } => {
                let found = self.tracker.can_afford(&scope.into(), cost)?;
                Ok(json!({
                    "allowed": found.allowed,
                    "action": found.action,
                    "message": found.message,
                }))
            }
            Step::Standings { scope } => {
                Ok(json!({"budgets": self.tracker.standings(&scope.into())?}))
            }
            Step::UserSummary { user_id, tier } => {
                Ok(json!(self.tracker.user_summary(&user_id, tier.as_deref())?))
            }
            Step::Summary => Ok(json!(self.tracker.summary()?)),
            Step::Expire => Ok(json!({"expired": wait_for(self.tracker.expire())?})),
            Step::Reset => {
                self.tracker.reset()?;
                Ok(json!({}))
            }
            Step::Nothing => Ok(json!({})),
        }
    }
}

/// Why a step gave no record.
enum Failed {
    /// The budgets refused it, which is a record.
    Refused(Error),
    /// It makes no sense.
    Malformed(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

fn message(warning: &BudgetWarning) -> &str {
    &warning.message
}

fn unknown(field: &str, name: &str) -> Failed {
    Failed::Malformed(Error::validation(
        format!("{field}.name"),
        format!("nothing is reserved under `{name}`"),
        "name a reservation of an earlier step that was granted and not released",
    ))
}

fn error_record(error: &Error) -> Value {
    json!({
        "kind": error.kind(),
        "message": error.message(),
        "field": error.field(),
        "hint": error.hint(),
        "retry_after_seconds": error.retry_after().map(|wait| wait.as_secs_f64()),
    })
}

fn attempt(cost: Usd, tokens: u64) -> Attempt {
    Attempt {
        role: AttemptRole::Direct,
        step: "direct".into(),
        model: "model".into(),
        provider: "model".into(),
        outcome: AttemptOutcome::Accepted,
        usage: Usage::new(tokens, 0),
        cost,
        priced: Priced::Reported,
        started_ms: 0.0,
        latency_ms: 0.0,
        first_chunk_ms: None,
        finish_reason: None,
        response_model: None,
        verdict: None,
        error_kind: None,
        error: None,
    }
}

fn read<T: DeserializeOwned>(field: &str, value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(|error| {
        Error::validation(
            field,
            format!("`{field}` cannot be read: {error}"),
            "see the operations of a budget session",
        )
    })
}

fn moment(field: &str, text: &str) -> Result<Duration> {
    let since = text.parse::<Timestamp>().ok().map(Timestamp::as_duration);
    since.and_then(|since| Duration::try_from(since).ok()).ok_or_else(|| {
        Error::validation(
            field,
            format!("not a moment since 1970: `{text}`"),
            "give date, time and offset, such as `2026-11-21T12:00:00Z`",
        )
    })
}
