use cascade_core::{ChatResponse, Part, ResponseDelta, ToolCallDelta};

/// What of an answer has gone out as deltas, so that the rest can follow at its end.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    text: usize,
    thinking: usize,
    /// Bytes of arguments of each call.
    calls: Vec<usize>,
}

impl Sent {
    /// Counts a delta.
    pub(crate) fn count(&mut self, delta: &ResponseDelta) {
        match delta {
            ResponseDelta::Text(text) => self.text += text.len(),
            ResponseDelta::Thinking(text) => self.thinking += text.len(),
            ResponseDelta::ToolCall(call) => {
                if self.calls.len() <= call.index {
                    self.calls.resize(call.index + 1, 0);
                }
                self.calls[call.index] += call.arguments.len();
            }
            ResponseDelta::ThinkingDone(_) | ResponseDelta::Done(_) => {}
        }
    }

    /// The deltas that are still missing, reasoning first.
    pub(crate) fn rest(&self, response: &ChatResponse) -> Vec<ResponseDelta> {
        let mut rest = Vec::new();
        let thinking: String = response
            .thinking
            .iter()
            .filter_map(|part| match part {
                Part::Thinking { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        if let Some(more) = thinking.get(self.thinking..).filter(|more| !more.is_empty()) {
            rest.push(ResponseDelta::Thinking(more.to_owned()));
        }
        if let Some(more) = response.content.get(self.text..).filter(|more| !more.is_empty()) {
            rest.push(ResponseDelta::Text(more.to_owned()));
        }
        for (index, call) in response.tool_calls.iter().enumerate() {
            let known = self.calls.get(index).copied();
            let more = call.arguments.get(known.unwrap_or(0)..).unwrap_or_default();
            if known.is_some() && more.is_empty() {
                continue;
            }
            rest.push(ResponseDelta::ToolCall(ToolCallDelta {
                index,
                id: known.is_none().then(|| call.id.clone()),
                name: known.is_none().then(|| call.name.clone()),
                arguments: more.to_owned(),
            }));
        }
        rest
    }
}
