//! A user's check of drafts as an implementation of the quality check port.

use std::sync::Arc;

use cascadeflow::chat_json::read_check_outcome;
use cascadeflow::ports::{BoxFuture, JudgeInput, QualityCheck};
use cascadeflow::{CheckOutcome, Error, ErrorKind, Result};
use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function};
use napi_derive::napi;
use serde_json::Value;

use super::calls::Callee;
use crate::convert::DraftView;
use crate::error::message_of_thrown;

/// A user's check of drafts, as `quality-check.ts` offers it.
#[napi]
pub struct CheckHost {
    check: Arc<JsCheck>,
}

#[napi]
impl CheckHost {
    /// `name` is the check's; `dispatch` takes the calls.
    #[napi(constructor)]
    pub fn new(
        env: Env,
        name: String,
        dispatch: Function<'_, FnArgs<(u32, &'static str, String)>, ()>,
    ) -> napi::Result<Self> {
        let callee = Callee::new(&env, &dispatch)?;
        Ok(Self { check: Arc::new(JsCheck { name, callee }) })
    }
}

impl CheckHost {
    /// The check behind the handle.
    pub(crate) fn check(&self) -> Arc<dyn QualityCheck> {
        Arc::clone(&self.check) as Arc<dyn QualityCheck>
    }
}

struct JsCheck {
    name: String,
    callee: Callee,
}

impl JsCheck {
    /// What the check returned; `Null` where it returned nothing.
    async fn ask(&self, draft: &DraftView<'_>) -> Result<Value> {
        self.callee.ask_for("check", draft).await?.map_err(|thrown| {
            let message = message_of_thrown(&thrown);
            Error::new(ErrorKind::UserCode, format!("check `{}` failed: {message}", self.name))
        })
    }
}

impl QualityCheck for JsCheck {
    fn name(&self) -> &str {
        &self.name
    }

    fn check<'a>(&'a self, input: JudgeInput<'a>) -> BoxFuture<'a, Result<CheckOutcome>> {
        Box::pin(async move {
            let returned = self.ask(&DraftView::from(&input)).await?;
            read_check_outcome(&self.name, returned, input.threshold)
        })
    }
}
