//! A user's enforcement callback as an implementation of the engine's.

use std::sync::Arc;

use cascadeflow::ports::{BoxFuture, EnforcementAction};
use cascadeflow::telemetry::{
    EnforcementCallback, EnforcementContext, read_decision, read_model_filter,
};
use cascadeflow::{Error, ErrorKind, ModelConfig, Result};
use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function};
use napi_derive::napi;
use serde_json::{Value, json};

use super::calls::Callee;
use super::queue::JsQueue;
use crate::error::message_of_thrown;

/// A user's callback, as `enforcement.ts` offers it.
#[napi]
pub struct EnforcementHost {
    callback: Arc<JsEnforcement>,
}

#[napi]
impl EnforcementHost {
    /// `name` is what messages call it; `dispatch` takes the calls `check` and `filter`, where it
    /// `checks` and `filters`; `warn` hears of warnings, as the JSON text of `{context, warning}`.
    #[napi(constructor)]
    pub fn new(
        env: Env,
        name: String,
        checks: bool,
        filters: bool,
        dispatch: Function<'_, FnArgs<(u32, &'static str, String)>, ()>,
        warn: Option<Function<'_, String, ()>>,
    ) -> napi::Result<Self> {
        let callee = Callee::new(&env, &dispatch)?;
        let warn = warn.map(|warn| JsQueue::new(&warn)).transpose()?.map(Arc::new);
        Ok(Self { callback: Arc::new(JsEnforcement { name, checks, filters, callee, warn }) })
    }
}

impl EnforcementHost {
    /// The callback behind the handle.
    pub(crate) fn callback(&self) -> Arc<dyn EnforcementCallback> {
        Arc::clone(&self.callback) as Arc<dyn EnforcementCallback>
    }

    /// Where warnings are heard; `None` where they are not.
    pub(crate) fn warned(&self) -> Option<Arc<JsQueue>> {
        self.callback.warn.clone()
    }
}

struct JsEnforcement {
    name: String,
    checks: bool,
    filters: bool,
    callee: Callee,
    warn: Option<Arc<JsQueue>>,
}

impl JsEnforcement {
    /// What the callback returned; `Null` where it returned nothing.
    async fn ask(&self, operation: &'static str, question: Value) -> Result<Value> {
        self.callee.ask_for(operation, &question).await?.map_err(|thrown| {
            let message = message_of_thrown(&thrown);
            Error::new(ErrorKind::UserCode, format!("`{}` failed: {message}", self.name))
        })
    }
}

impl EnforcementCallback for JsEnforcement {
    fn check<'a>(
        &'a self,
        context: &'a EnforcementContext,
    ) -> BoxFuture<'a, Result<EnforcementAction>> {
        Box::pin(async move {
            if !self.checks {
                return Ok(EnforcementAction::Allow);
            }
            read_decision(&self.ask("check", json!({ "context": context })).await?)
        })
    }

    fn filter_models<'a>(
        &'a self,
        context: &'a EnforcementContext,
        models: &'a [Arc<ModelConfig>],
    ) -> BoxFuture<'a, Result<Option<Vec<usize>>>> {
        Box::pin(async move {
            if !self.filters {
                return Ok(None);
            }
            let offered: Vec<&ModelConfig> = models.iter().map(AsRef::as_ref).collect();
            let question = json!({ "context": context, "models": offered });
            read_model_filter(&self.ask("filter", question).await?, models)
        })
    }

    fn on_warning(&self, context: &EnforcementContext, warning: &str) {
        if let Some(queue) = &self.warn {
            queue.tell(json!({ "context": context, "warning": warning }).to_string());
        }
    }
}
