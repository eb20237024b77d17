//! A user's tool executor as an implementation of the tool handler port.

use std::sync::Arc;

use cascadeflow::chat_json::write_tool_call;
use cascadeflow::ports::{BoxFuture, ToolHandler};
use cascadeflow::{Result, ToolCall, ToolOutput};
use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function};
use napi_derive::napi;
use serde_json::{Value, json};

use super::calls::Callee;
use crate::error::message_of_thrown;

/// A user's tool executor, as `tool-executor.ts` offers it.
#[napi]
pub struct ToolHost {
    handler: Arc<JsToolHandler>,
}

#[napi]
impl ToolHost {
    /// `dispatch` takes the calls.
    #[napi(constructor)]
    pub fn new(
        env: Env,
        dispatch: Function<'_, FnArgs<(u32, &'static str, String)>, ()>,
    ) -> napi::Result<Self> {
        let callee = Callee::new(&env, &dispatch)?;
        Ok(Self { handler: Arc::new(JsToolHandler { callee }) })
    }
}

impl ToolHost {
    /// The handler behind the handle.
    pub(crate) fn handler(&self) -> Arc<dyn ToolHandler> {
        Arc::clone(&self.handler) as Arc<dyn ToolHandler>
    }
}

struct JsToolHandler {
    callee: Callee,
}

impl ToolHandler for JsToolHandler {
    /// What the executor throws is told to the model.
    fn call<'a>(&'a self, call: &'a ToolCall) -> BoxFuture<'a, Result<ToolOutput>> {
        Box::pin(async move {
            let returned = self.callee.ask_for("call", &write_tool_call(call)).await?;
            Ok(match returned {
                Ok(Value::String(content)) => ToolOutput { content, is_error: false },
                Ok(value) => ToolOutput { content: value.to_string(), is_error: false },
                Err(thrown) => {
                    let content = json!({ "error": message_of_thrown(&thrown) }).to_string();
                    ToolOutput { content, is_error: true }
                }
            })
        })
    }
}
