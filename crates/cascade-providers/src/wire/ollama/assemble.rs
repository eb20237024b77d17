use cascade_core::{ChatResponse, ResponseDelta, ToolCallDelta};

use super::decode::{arguments_text, call_id};
use super::{OllamaResponse, OllamaResponseMessage, into_chat_response};
use crate::frame::Frame;
use crate::wire::{AssembleStep, Assembler, WireFault};

/// Puts the lines of one streamed answer together.
#[derive(Debug, Default)]
pub struct OllamaAssembler {
    response: OllamaResponse,
}

impl OllamaAssembler {
    /// Takes one line.
    ///
    /// # Errors
    /// A fault when it reports an error.
    pub fn push_line(
        &mut self,
        line: OllamaResponse,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<AssembleStep, WireFault> {
        if let Some(error) = line.error {
            return Err(WireFault::Reported(serde_json::json!({ "error": error })));
        }
        let whole = &mut self.response;
        whole.model = whole.model.take().or(line.model);
        whole.created_at = whole.created_at.take().or(line.created_at);
        if let Some(news) = line.message {
            push_message(whole.message.get_or_insert_default(), news, deltas);
        }
        if let Some(news) = line.logprobs {
            whole.logprobs.get_or_insert_default().extend(news);
        }
        if !line.done {
            return Ok(AssembleStep::More);
        }
        whole.done = true;
        whole.done_reason = line.done_reason;
        whole.prompt_eval_count = line.prompt_eval_count;
        whole.eval_count = line.eval_count;
        whole.total_duration = line.total_duration;
        whole.load_duration = line.load_duration;
        Ok(AssembleStep::Finished)
    }
}

fn push_message(
    whole: &mut OllamaResponseMessage,
    news: OllamaResponseMessage,
    deltas: &mut Vec<ResponseDelta>,
) {
    if let Some(thinking) = news.thinking.filter(|text| !text.is_empty()) {
        whole.thinking.get_or_insert_default().push_str(&thinking);
        deltas.push(ResponseDelta::Thinking(thinking));
    }
    if !news.content.is_empty() {
        whole.content.push_str(&news.content);
        deltas.push(ResponseDelta::Text(news.content));
    }
    for call in news.tool_calls.unwrap_or_default() {
        let calls = whole.tool_calls.get_or_insert_default();
        deltas.push(ResponseDelta::ToolCall(ToolCallDelta {
            index: calls.len(),
            id: Some(call_id(calls.len(), &call)),
            name: Some(call.function.name.clone()),
            arguments: arguments_text(&call.function.arguments),
        }));
        calls.push(call);
    }
}

impl Assembler for OllamaAssembler {
    fn push(
        &mut self,
        frame: &Frame,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<AssembleStep, WireFault> {
        match serde_json::from_str::<OllamaResponse>(&frame.data) {
            Ok(line) => self.push_line(line, deltas),
            Err(error) => Err(WireFault::from_json("line", &error)),
        }
    }

    fn may_end(&self) -> bool {
        false
    }

    fn finish(self: Box<Self>) -> Result<ChatResponse, WireFault> {
        into_chat_response(self.response)
    }
}
