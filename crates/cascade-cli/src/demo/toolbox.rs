use cascadeflow::ports::{BoxFuture, ToolHandler};
use cascadeflow::{Result, Tool, ToolCall, ToolOutput};

use super::script::ScriptedTool;

/// The demo's tools: each gives its scripted answer.
pub(super) struct Toolbox {
    tools: Vec<ScriptedTool>,
}

impl Toolbox {
    pub(super) fn new(tools: &[ScriptedTool]) -> Self {
        Self { tools: tools.to_vec() }
    }

    /// The tools of these names, as they are offered to a model.
    pub(super) fn offer(&self, names: &[String]) -> Vec<Tool> {
        self.tools
            .iter()
            .filter(|tool| names.contains(&tool.name))
            .map(|tool| Tool::new(&*tool.name, &*tool.description, tool.parameters.clone()))
            .collect()
    }
}

impl ToolHandler for Toolbox {
    fn call<'a>(&'a self, call: &'a ToolCall) -> BoxFuture<'a, Result<ToolOutput>> {
        let output = match self.tools.iter().find(|tool| tool.name == call.name) {
            Some(tool) => ToolOutput { content: tool.output.clone(), is_error: false },
            None => ToolOutput { content: format!("no tool `{}`", call.name), is_error: true },
        };
        Box::pin(std::future::ready(Ok(output)))
    }
}
