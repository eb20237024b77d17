use std::collections::BTreeMap;

use cascade_core::{ChatResponse, ResponseDelta, ToolCallDelta};

use super::{
    CohereBlock, CohereDeltaMessage, CohereEvent, CohereResponse, CohereResponseMessage, OneOrNone,
    into_chat_response,
};
use crate::frame::Frame;
use crate::wire::openai::{ResponseFunction, ResponseToolCall, ToolCallFragment};
use crate::wire::{AssembleStep, Assembler, WireFault};

/// Puts the events of one streamed answer together.
#[derive(Debug, Default)]
pub struct CohereAssembler {
    response: CohereResponse,
    message: CohereResponseMessage,
    blocks: BTreeMap<usize, CohereBlock>,
    /// Position in the stream of each call.
    calls: Vec<(usize, ResponseToolCall)>,
    began: bool,
}

impl CohereAssembler {
    /// Takes one event.
    ///
    /// # Errors
    /// A fault when it reports an error.
    pub fn push_event(
        &mut self,
        event: CohereEvent,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<AssembleStep, WireFault> {
        self.began = true;
        if event.id.is_some() {
            self.response.id = event.id;
        }
        if let Some(news) = event.logprobs {
            self.response.logprobs.get_or_insert_default().push(news);
        }
        let delta = event.delta.unwrap_or_default();
        if event.kind == "message-end" {
            if let Some(error) = delta.error.filter(|error| !error.is_null()) {
                return Err(WireFault::Reported(serde_json::json!({ "error": error })));
            }
            self.response.finish_reason = delta.finish_reason;
            self.response.usage = delta.usage;
            return Ok(AssembleStep::Finished);
        }
        if let Some(message) = delta.message {
            self.push_message(event.index.unwrap_or(0), message, deltas);
        }
        Ok(AssembleStep::More)
    }

    fn push_message(
        &mut self,
        index: usize,
        news: CohereDeltaMessage,
        deltas: &mut Vec<ResponseDelta>,
    ) {
        if let Some(plan) = news.tool_plan.filter(|plan| !plan.is_empty()) {
            self.message.tool_plan.get_or_insert_default().push_str(&plan);
        }
        if let Some(block) = news.content.and_then(OneOrNone::into_option) {
            let own = self.blocks.entry(index).or_default();
            if let Some(text) = block.text.filter(|text| !text.is_empty()) {
                own.text.get_or_insert_default().push_str(&text);
                deltas.push(ResponseDelta::Text(text));
            }
            if let Some(text) = block.thinking.filter(|text| !text.is_empty()) {
                own.thinking.get_or_insert_default().push_str(&text);
                deltas.push(ResponseDelta::Thinking(text));
            }
        }
        if let Some(fragment) = news.tool_calls.and_then(OneOrNone::into_option) {
            deltas.push(ResponseDelta::ToolCall(self.push_fragment(index, fragment)));
        }
        if let Some(citation) = news.citations.and_then(OneOrNone::into_option) {
            self.message.citations.get_or_insert_default().push(citation);
        }
    }

    fn push_fragment(&mut self, index: usize, fragment: ToolCallFragment) -> ToolCallDelta {
        let function = fragment.function.unwrap_or_default();
        let id = fragment.id.filter(|id| !id.is_empty());
        let known = self.calls.iter().rposition(|(own, _)| *own == index);
        if let (Some(position), None) = (known, &id) {
            self.calls[position].1.function.arguments.push_str(&function.arguments);
            return ToolCallDelta {
                index: position,
                arguments: function.arguments,
                ..ToolCallDelta::default()
            };
        }
        let position = self.calls.len();
        let name = function.name.unwrap_or_default();
        self.calls.push((
            index,
            ResponseToolCall {
                id: id.clone(),
                kind: Some("function".into()),
                function: ResponseFunction {
                    name: name.clone(),
                    arguments: function.arguments.clone(),
                },
            },
        ));
        ToolCallDelta {
            index: position,
            id: Some(id.unwrap_or_else(|| format!("call_{position}"))),
            name: Some(name),
            arguments: function.arguments,
        }
    }
}

impl Assembler for CohereAssembler {
    fn push(
        &mut self,
        frame: &Frame,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<AssembleStep, WireFault> {
        let data = frame.data.trim();
        if data.is_empty() || data == "[DONE]" {
            return Ok(AssembleStep::More);
        }
        let event: CohereEvent =
            serde_json::from_str(data).map_err(|error| WireFault::from_json("event", &error))?;
        if event.kind.is_empty() {
            // An error in an event's place has a message and no type.
            let value = serde_json::from_str(data).unwrap_or_default();
            return Err(WireFault::Reported(value));
        }
        self.push_event(event, deltas)
    }

    fn may_end(&self) -> bool {
        false
    }

    fn finish(mut self: Box<Self>) -> Result<ChatResponse, WireFault> {
        if !self.began {
            return Err(WireFault::Malformed("stream has no beginning".into()));
        }
        if !self.blocks.is_empty() {
            self.message.content = Some(self.blocks.into_values().collect());
        }
        if !self.calls.is_empty() {
            self.message.tool_calls = Some(self.calls.into_iter().map(|(_, call)| call).collect());
        }
        self.response.message = Some(self.message);
        into_chat_response(self.response)
    }
}
