use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cascade_core::ports::{
    BoxFuture, Clock, EnforcementAction, EnforcementHook, EnforcementRequest,
};
use cascade_core::{Error, ErrorKind, ModelConfig, Result};
use futures_util::future::{Either, select};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};

use super::EnforcementContext;

/// Users' code that decides whether a run may spend.
pub trait EnforcementCallback: Send + Sync {
    /// Decides.
    fn check<'a>(
        &'a self,
        context: &'a EnforcementContext,
    ) -> BoxFuture<'a, Result<EnforcementAction>>;

    /// The positions of the models that may be used; `None` leaves all of them.
    fn filter_models<'a>(
        &'a self,
        context: &'a EnforcementContext,
        models: &'a [Arc<ModelConfig>],
    ) -> BoxFuture<'a, Result<Option<Vec<usize>>>> {
        let _ = (context, models);
        Box::pin(std::future::ready(Ok(None)))
    }

    /// Hears of a warning. Must return quickly and not fail.
    fn on_warning(&self, context: &EnforcementContext, warning: &str) {
        let _ = (context, warning);
    }
}

/// What a callback that fails or takes too long counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailurePolicy {
    /// As if it had allowed the run: fail open.
    #[default]
    Allow,
    /// As if it had blocked the run: fail closed.
    Block,
}

/// Callbacks asked in their order: the first answer other than allow counts.
pub struct EnforcementChain {
    callbacks: RwLock<Vec<Arc<dyn EnforcementCallback>>>,
    clock: Arc<dyn Clock>,
    time_limit: Duration,
    on_failure: FailurePolicy,
    checks: AtomicU64,
    failures: AtomicU64,
    report: Box<dyn Fn(&Error) + Send + Sync>,
}

impl EnforcementChain {
    /// Time each callback is given when nothing else is said.
    pub const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(5);

    /// A chain without callbacks, which allows everything; `report` hears of every failure.
    pub fn new(
        clock: Arc<dyn Clock>,
        time_limit: Duration,
        on_failure: FailurePolicy,
        report: impl Fn(&Error) + Send + Sync + 'static,
    ) -> Self {
        Self {
            callbacks: RwLock::default(),
            clock,
            time_limit,
            on_failure,
            checks: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            report: Box::new(report),
        }
    }

    /// Adds a callback at the end.
    pub fn register(&self, callback: Arc<dyn EnforcementCallback>) {
        self.callbacks.write().push(callback);
    }

    /// Takes the callback at `position` out; whether there was one.
    pub fn remove(&self, position: usize) -> bool {
        let mut callbacks = self.callbacks.write();
        let found = position < callbacks.len();
        if found {
            callbacks.remove(position);
        }
        found
    }

    /// Takes every callback out.
    pub fn clear(&self) {
        self.callbacks.write().clear();
    }

    /// How many callbacks there are.
    pub fn len(&self) -> usize {
        self.callbacks.read().len()
    }

    /// Whether there is no callback.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How often the chain was asked.
    pub fn checks(&self) -> u64 {
        self.checks.load(Ordering::Relaxed)
    }

    /// How many answers of callbacks were failures.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Asks the callbacks. Failures never get out: they count as the policy says.
    pub async fn decide(&self, context: &EnforcementContext) -> EnforcementAction {
        self.checks.fetch_add(1, Ordering::Relaxed);
        for callback in self.callbacks() {
            match self.in_time(callback.check(context)).await {
                Ok(EnforcementAction::Allow) => {}
                Ok(action) => return action,
                Err(()) if self.on_failure == FailurePolicy::Allow => {}
                Err(()) => return EnforcementAction::Block(FAILED.to_owned()),
            }
        }
        EnforcementAction::Allow
    }

    /// The models that every callback leaves; `None` when none of them filters.
    pub async fn filter(
        &self,
        context: &EnforcementContext,
        models: &[Arc<ModelConfig>],
    ) -> Option<Vec<usize>> {
        let mut left: Option<Vec<usize>> = None;
        for callback in self.callbacks() {
            let allowed = match self.in_time(callback.filter_models(context, models)).await {
                Ok(Some(allowed)) => allowed,
                Ok(None) => continue,
                Err(()) if self.on_failure == FailurePolicy::Allow => continue,
                Err(()) => Vec::new(),
            };
            match &mut left {
                None => left = Some(allowed),
                Some(left) => left.retain(|index| allowed.contains(index)),
            }
        }
        left
    }

    /// A copy, so that no lock is held while users' code runs.
    pub(super) fn callbacks(&self) -> Vec<Arc<dyn EnforcementCallback>> {
        self.callbacks.read().clone()
    }

    async fn in_time<T>(&self, answer: impl Future<Output = Result<T>>) -> Result<T, ()> {
        let answer = match select(pin!(answer), self.clock.sleep(self.time_limit)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(((), _)) => Err(Error::new(
                ErrorKind::Timeout,
                format!(
                    "an enforcement callback took more than {} ms",
                    self.time_limit.as_millis()
                ),
            )
            .with_field("time_limit")
            .with_hint("make the callback quicker, or allow it more time")),
        };
        answer.map_err(|error| {
            self.failures.fetch_add(1, Ordering::Relaxed);
            (self.report)(&error);
        })
    }
}

const FAILED: &str = "an enforcement callback failed, and the policy is to block then";

impl std::fmt::Debug for EnforcementChain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnforcementChain")
            .field("callbacks", &self.len())
            .field("time_limit", &self.time_limit)
            .field("on_failure", &self.on_failure)
            .finish_non_exhaustive()
    }
}

impl EnforcementHook for EnforcementChain {
    fn check<'a>(
        &'a self,
        request: EnforcementRequest<'a>,
    ) -> BoxFuture<'a, Result<EnforcementAction>> {
        Box::pin(async move {
            if self.is_empty() {
                return Ok(EnforcementAction::Allow);
            }
            Ok(self.decide(&EnforcementContext::of(&request)).await)
        })
    }

    fn filter_models<'a>(
        &'a self,
        request: EnforcementRequest<'a>,
    ) -> BoxFuture<'a, Result<Option<Vec<usize>>>> {
        Box::pin(async move {
            if self.is_empty() {
                return Ok(None);
            }
            Ok(self.filter(&EnforcementContext::of(&request), request.models).await)
        })
    }

    fn on_warning(&self, request: EnforcementRequest<'_>, warning: &str) {
        let callbacks = self.callbacks();
        if callbacks.is_empty() {
            return;
        }
        let context = EnforcementContext::of(&request);
        for callback in callbacks {
            callback.on_warning(&context, warning);
        }
    }
}
