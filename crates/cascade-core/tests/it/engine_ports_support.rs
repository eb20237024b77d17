//! Ports kept in memory: a ledger, a cache, hooks, a listener and tools.

use std::collections::HashMap;
use std::sync::Arc;

use cascade_core::ports::{
    Admission, BoxFuture, CacheKey, Charge, EnforcementAction, EnforcementHook, EnforcementRequest,
    EngineEvent, EventSink, Ledger as LedgerPort, Reservation, ResponseCache, SpendRequest,
    ToolHandler,
};
use cascade_core::{
    BudgetScope, BudgetStatus, CascadeResult, Error, ErrorKind, Result, ToolCall, ToolOutput, Usd,
};
use parking_lot::Mutex;

/// A ledger of one budget. Money is in exactly one of three places: free, held or spent.
#[derive(Default)]
pub(crate) struct Ledger {
    state: Mutex<LedgerState>,
}

#[derive(Default)]
struct LedgerState {
    free: Usd,
    spent: Usd,
    held: HashMap<u64, Usd>,
    next: u64,
    scopes: Vec<BudgetScope>,
}

impl Ledger {
    pub(crate) fn with(free: Usd) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(LedgerState { free, ..LedgerState::default() }) })
    }

    pub(crate) fn free(&self) -> Usd {
        self.state.lock().free
    }

    pub(crate) fn spent(&self) -> Usd {
        self.state.lock().spent
    }

    /// Reservations made so far.
    pub(crate) fn reservations(&self) -> u64 {
        self.state.lock().next
    }

    pub(crate) fn open(&self) -> usize {
        self.state.lock().held.len()
    }

    pub(crate) fn scopes(&self) -> Vec<BudgetScope> {
        self.state.lock().scopes.clone()
    }
}

impl LedgerPort for Ledger {
    fn status<'a>(
        &'a self,
        _scope: &'a BudgetScope,
    ) -> BoxFuture<'a, Result<Option<BudgetStatus>>> {
        Box::pin(async { Ok(None) })
    }

    fn reserve<'a>(&'a self, request: SpendRequest<'a>) -> BoxFuture<'a, Result<Admission>> {
        Box::pin(async move {
            let amount = request.worst_case.cost;
            let mut state = self.state.lock();
            if amount > state.free {
                return Err(Error::new(ErrorKind::Budget, "the budget is used up")
                    .with_hint("raise the budget"));
            }
            state.free = state.free - amount;
            let id = state.next;
            state.next += 1;
            state.held.insert(id, amount);
            state.scopes.push(request.scope.clone());
            let reservation =
                Reservation { id, amount: request.worst_case, accounts: Arc::default() };
            Ok(Admission::Granted { reservation, warnings: Vec::new() })
        })
    }

    fn commit(&self, reservation: &Reservation, charge: Charge<'_>) -> Vec<String> {
        let mut state = self.state.lock();
        let cost = charge.attempt.cost;
        let all: Usd = state.held.values().copied().sum();
        let held = state.held.get_mut(&reservation.id).expect("charges come before the release");
        assert!(cost <= all, "spent {cost} of {all}");
        // What one reservation lacks is free again when the run's others are released.
        let drawn = cost.min(*held);
        *held = *held - drawn;
        state.free = state.free - (cost - drawn);
        state.spent += cost;
        Vec::new()
    }

    fn release(&self, reservation: Reservation) {
        let mut state = self.state.lock();
        let rest = state.held.remove(&reservation.id).expect("each reservation ends once");
        state.free += rest;
    }
}

#[derive(Default)]
pub(crate) struct MemoryCache {
    kept: Mutex<HashMap<CacheKey, Arc<CascadeResult>>>,
}

impl MemoryCache {
    pub(crate) fn len(&self) -> usize {
        self.kept.lock().len()
    }
}

impl ResponseCache for MemoryCache {
    fn get<'a>(&'a self, key: &'a CacheKey) -> BoxFuture<'a, Option<Arc<CascadeResult>>> {
        Box::pin(async move { self.kept.lock().get(key).cloned() })
    }

    fn put(&self, key: CacheKey, result: Arc<CascadeResult>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.kept.lock().insert(key, result);
        })
    }
}

/// Decides always the same, and keeps what it was asked.
pub(crate) struct Hook {
    action: EnforcementAction,
    asked: Mutex<Vec<Usd>>,
}

impl Hook {
    pub(crate) fn of(action: EnforcementAction) -> Arc<Self> {
        Arc::new(Self { action, asked: Mutex::default() })
    }

    pub(crate) fn asked(&self) -> Vec<Usd> {
        self.asked.lock().clone()
    }
}

impl EnforcementHook for Hook {
    fn check<'a>(
        &'a self,
        request: EnforcementRequest<'a>,
    ) -> BoxFuture<'a, Result<EnforcementAction>> {
        Box::pin(async move {
            self.asked.lock().push(request.worst_case.cost);
            Ok(self.action.clone())
        })
    }
}

/// Keeps what it hears, as short texts, and the cost of all attempts.
#[derive(Default)]
pub(crate) struct Listener {
    heard: Mutex<(Vec<String>, Usd)>,
}

impl Listener {
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().0.clone()
    }

    pub(crate) fn cost(&self) -> Usd {
        self.heard.lock().1
    }
}

impl EventSink for Listener {
    fn on_event(&self, event: EngineEvent<'_>) {
        let mut heard = self.heard.lock();
        let text = match event {
            EngineEvent::Started { .. } | EngineEvent::Decided { .. } => return,
            EngineEvent::Planned { plan, .. } => format!("planned {}", plan.rule),
            EngineEvent::AttemptEnded { attempt, .. } => {
                heard.1 += attempt.cost;
                format!("{} {:?}", attempt.model, attempt.outcome)
            }
            EngineEvent::Completed { result, .. } => format!("completed {}", result.model_used),
            EngineEvent::Failed { kind, .. } => format!("failed {kind}"),
        };
        heard.0.push(text);
    }
}

/// Answers every call with its arguments, turned round; fails on the tool `broken`.
#[derive(Default)]
pub(crate) struct Tools {
    called: Mutex<Vec<String>>,
}

impl Tools {
    pub(crate) fn called(&self) -> Vec<String> {
        self.called.lock().clone()
    }
}

impl ToolHandler for Tools {
    fn call<'a>(&'a self, call: &'a ToolCall) -> BoxFuture<'a, Result<ToolOutput>> {
        Box::pin(async move {
            self.called.lock().push(call.name.clone());
            if call.name == "broken" {
                return Err(Error::new(ErrorKind::Tool, "the tool broke"));
            }
            let content = call.arguments.chars().rev().collect();
            Ok(ToolOutput { content, is_error: false })
        })
    }
}
