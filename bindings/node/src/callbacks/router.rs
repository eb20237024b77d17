//! A user's router as an implementation of the router port.

use std::sync::Arc;

use cascadeflow::ports::{BoxFuture, RouteInput, Router};
use cascadeflow::routing::{RouteRequest, read_plan};
use cascadeflow::{Error, ErrorKind, Plan, Result};
use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function};
use napi_derive::napi;

use super::calls::Callee;
use crate::error::message_of_thrown;

/// A user's router, as `router.ts` offers it.
#[napi]
pub struct RouterHost {
    router: Arc<JsRouter>,
}

#[napi]
impl RouterHost {
    /// `name` is the router's; `dispatch` takes the calls.
    #[napi(constructor)]
    pub fn new(
        env: Env,
        name: String,
        dispatch: Function<'_, FnArgs<(u32, &'static str, String)>, ()>,
    ) -> napi::Result<Self> {
        let callee = Callee::new(&env, &dispatch)?;
        Ok(Self { router: Arc::new(JsRouter { name, callee }) })
    }
}

impl RouterHost {
    /// The router behind the handle.
    pub(crate) fn router(&self) -> Arc<dyn Router> {
        Arc::clone(&self.router) as Arc<dyn Router>
    }
}

struct JsRouter {
    name: String,
    callee: Callee,
}

impl Router for JsRouter {
    fn name(&self) -> &str {
        &self.name
    }

    fn route<'a>(&'a self, input: RouteInput<'a>) -> BoxFuture<'a, Result<Option<Plan>>> {
        Box::pin(async move {
            let fault = |message: String| {
                Error::new(ErrorKind::Routing, format!("router `{}` {message}", self.name))
                    .with_field("router")
            };
            let returned = self.callee.ask_for("route", &RouteRequest::from(input)).await?;
            let returned = returned
                .map_err(|thrown| fault(format!("failed: {}", message_of_thrown(&thrown))))?;
            read_plan(&self.name, returned, input)
        })
    }
}
