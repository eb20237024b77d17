//! Callbacks that decide whether a run may spend.

use std::sync::Arc;

use cascadeflow::ports::EnforcementAction;
use cascadeflow::telemetry::{BuiltInEnforcement, EnforcementChain, FailurePolicy};
use cascadeflow::{Error, SystemClock};
use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Function};
use napi_derive::napi;
use serde_json::json;

use super::text::{number, read, span};
use crate::callbacks::{EnforcementHost, JsQueue, JsQueues};
use crate::error::{to_js, to_json};
use crate::runtime::{Settled, settle};

/// Callbacks asked in their order: the first answer other than allow counts.
#[napi]
pub struct NativeEnforcementChain {
    chain: Arc<EnforcementChain>,
    warned: JsQueues,
}

impl NativeEnforcementChain {
    /// The engine's chain.
    pub(crate) fn shared(&self) -> Arc<EnforcementChain> {
        Arc::clone(&self.chain)
    }

    /// Where its warnings are heard.
    pub(crate) fn warned(&self) -> JsQueues {
        self.warned.clone()
    }
}

/// An action's name and its message as a pair.
fn decision(action: EnforcementAction) -> String {
    match action {
        EnforcementAction::Allow => json!(["allow", null]),
        EnforcementAction::Warn(message) => json!(["warn", message]),
        EnforcementAction::Degrade(message) => json!(["degrade", message]),
        EnforcementAction::Block(message) => json!(["block", message]),
    }
    .to_string()
}

#[napi]
impl NativeEnforcementChain {
    /// A chain without callbacks. Each has so many milliseconds; one that fails counts as allow when
    /// `fail_open`, else as block. `report` hears of every failure, as the text of an error.
    #[napi(constructor)]
    pub fn new(
        time_limit_ms: f64,
        fail_open: bool,
        report: Function<'_, String, ()>,
    ) -> napi::Result<Self> {
        let limit = span("time_limit_ms", time_limit_ms)
            .and_then(|limit| {
                if limit.is_zero() {
                    return Err(Error::validation(
                        "time_limit_ms",
                        "no time for a callback to answer in",
                        "give milliseconds above 0",
                    ));
                }
                Ok(limit)
            })
            .map_err(to_js)?;
        let policy = if fail_open { FailurePolicy::Allow } else { FailurePolicy::Block };
        let reports = Arc::new(JsQueue::new(&report)?);
        let warned = JsQueues::default();
        warned.add(Arc::clone(&reports));
        let clock = Arc::new(SystemClock::default());
        let chain = EnforcementChain::new(clock, limit, policy, move |error: &Error| {
            reports.tell(to_json(error));
        });
        Ok(Self { chain: Arc::new(chain), warned })
    }

    /// Adds a callback at the end.
    #[napi]
    pub fn register(&self, host: ClassInstance<'_, EnforcementHost>) {
        self.chain.register(host.callback());
        if let Some(queue) = host.warned() {
            self.warned.add(queue);
        }
    }

    /// Adds the ready-made callback `strict`, `graceful`, `tier_based` or `default` at the end.
    #[napi]
    pub fn register_built_in(&self, name: String) -> napi::Result<()> {
        let callback: BuiltInEnforcement = cascadeflow::read_value(json!(name)).map_err(to_js)?;
        self.chain.register(Arc::new(callback));
        Ok(())
    }

    /// Takes out what was registered at `position`; whether there was something.
    #[napi]
    pub fn remove(&self, position: u32) -> bool {
        self.chain.remove(position as usize)
    }

    /// How often the chain was asked.
    #[napi]
    pub fn checks(&self) -> f64 {
        number(self.chain.checks())
    }

    /// How many answers were failures.
    #[napi]
    pub fn failures(&self) -> f64 {
        number(self.chain.failures())
    }

    /// What the callbacks decide of the JSON text of a context: that of an action's name with a
    /// message, or its promise.
    #[napi]
    pub fn decide<'env>(
        &self,
        env: &'env Env,
        context: String,
    ) -> napi::Result<Settled<'env, String>> {
        let context = read("context", &context).map_err(to_js)?;
        let chain = self.shared();
        settle(env, async move { Ok(decision(chain.decide(&context).await)) })
    }
}

/// What the ready-made callback `strict`, `graceful`, `tier_based` or `default` decides of the JSON
/// text of a context: that of an action's name with a message.
#[napi]
pub(crate) fn built_in_enforcement(name: String, context: String) -> napi::Result<String> {
    let decide = || {
        let callback: BuiltInEnforcement = cascadeflow::read_value(json!(name))?;
        Ok(decision(callback.decide(&read("context", &context)?)))
    };
    decide().map_err(to_js)
}
