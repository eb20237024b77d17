use std::collections::HashMap;
use std::sync::Arc;

use cascadeflow::ports::{BoxFuture, ToolHandler};
use cascadeflow::{Result, ToolCall, ToolOutput};
use parking_lot::Mutex;
use serde_json::{Map, Value};

use crate::execute::optional;

/// Tools that give the texts of a case.
pub(crate) struct CorpusTools {
    outputs: HashMap<String, String>,
    executed: Mutex<Vec<String>>,
}

impl CorpusTools {
    /// The tools of a case; `None` when it has none.
    pub(crate) fn of(input: &Map<String, Value>) -> Option<Arc<Self>> {
        let outputs = optional(input, "tool_outputs")?;
        Some(Arc::new(Self { outputs, executed: Mutex::default() }))
    }

    /// Names of the tools executed so far, in order.
    pub(crate) fn executed(&self) -> Vec<String> {
        self.executed.lock().clone()
    }
}

impl ToolHandler for CorpusTools {
    fn call<'a>(&'a self, call: &'a ToolCall) -> BoxFuture<'a, Result<ToolOutput>> {
        Box::pin(async move {
            self.executed.lock().push(call.name.clone());
            Ok(match self.outputs.get(&call.name) {
                Some(text) => ToolOutput { content: text.clone(), is_error: false },
                None => ToolOutput { content: "no such tool".to_owned(), is_error: true },
            })
        })
    }
}
