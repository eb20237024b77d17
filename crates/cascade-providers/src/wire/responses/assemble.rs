use std::collections::BTreeMap;

use cascade_core::{ChatResponse, ResponseDelta, ToolCallDelta};
use serde_json::json;

use super::{Item, ResponseObject, ResponsesEvent, into_chat_response};
use crate::frame::Frame;
use crate::wire::{AssembleStep, Assembler, WireFault};

/// Puts the events of one streamed answer together. The last event holds the whole answer; its
/// items stand in for it where a server leaves them out there.
#[derive(Debug, Default)]
pub struct ResponsesAssembler {
    whole: Option<ResponseObject>,
    items: BTreeMap<usize, Item<'static>>,
    /// Position among the calls of the item at this position of the output.
    calls: BTreeMap<usize, usize>,
    has_text: bool,
}

impl ResponsesAssembler {
    /// Takes one event.
    ///
    /// # Errors
    /// A fault when it reports an error.
    pub fn push_event(
        &mut self,
        event: ResponsesEvent,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<AssembleStep, WireFault> {
        match event {
            ResponsesEvent::ItemAdded { output_index, item } => {
                if let Item::FunctionCall { call_id, name, arguments, .. } = item {
                    let index = self.calls.len();
                    self.calls.insert(output_index, index);
                    deltas.push(ResponseDelta::ToolCall(ToolCallDelta {
                        index,
                        id: Some(call_id.into_owned()),
                        name: Some(name.into_owned()),
                        arguments: arguments.into_owned(),
                    }));
                }
            }
            ResponsesEvent::ItemDone { output_index, item } => {
                deltas.extend(item.thinking().map(ResponseDelta::ThinkingDone));
                self.items.insert(output_index, item);
            }
            ResponsesEvent::TextDelta { delta, .. } => {
                self.has_text |= !delta.is_empty();
                deltas.push(ResponseDelta::Text(delta));
            }
            ResponsesEvent::RefusalDelta { delta, .. } => {
                if !self.has_text {
                    deltas.push(ResponseDelta::Text(delta));
                }
            }
            ResponsesEvent::ArgumentsDelta { output_index, delta } => {
                let Some(index) = self.calls.get(&output_index) else {
                    return Err(WireFault::Malformed("stream grows a call it never began".into()));
                };
                deltas.push(ResponseDelta::ToolCall(ToolCallDelta {
                    index: *index,
                    arguments: delta,
                    ..ToolCallDelta::default()
                }));
            }
            ResponsesEvent::SummaryDelta { delta, .. }
            | ResponsesEvent::ReasoningDelta { delta, .. } => {
                deltas.push(ResponseDelta::Thinking(delta));
            }
            ResponsesEvent::Completed { response } | ResponsesEvent::Incomplete { response } => {
                self.whole = Some(response);
                return Ok(AssembleStep::Finished);
            }
            ResponsesEvent::Failed { response } => {
                let error = response.error.unwrap_or_default();
                return Err(WireFault::Reported(json!({ "error": error })));
            }
            ResponsesEvent::Error { code, error, message } => {
                let error = error.unwrap_or_else(|| json!({ "code": code, "message": message }));
                return Err(WireFault::Reported(json!({ "error": error })));
            }
            ResponsesEvent::Created { .. } | ResponsesEvent::Unknown(_) => {}
        }
        Ok(AssembleStep::More)
    }
}

impl Assembler for ResponsesAssembler {
    fn push(
        &mut self,
        frame: &Frame,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<AssembleStep, WireFault> {
        let data = frame.data.trim();
        if data.is_empty() || data == "[DONE]" {
            return Ok(AssembleStep::More);
        }
        let event: ResponsesEvent =
            serde_json::from_str(data).map_err(|error| WireFault::from_json("event", &error))?;
        if let ResponsesEvent::Unknown(value) = &event
            && value.get("type").is_none()
            && value.get("error").is_some()
        {
            return Err(WireFault::Reported(value.clone()));
        }
        self.push_event(event, deltas)
    }

    fn may_end(&self) -> bool {
        false
    }

    fn finish(self: Box<Self>) -> Result<ChatResponse, WireFault> {
        let Some(mut whole) = self.whole else {
            return Err(WireFault::Malformed("stream has no last event".into()));
        };
        if whole.output.as_ref().is_none_or(Vec::is_empty) {
            whole.output = Some(self.items.into_values().collect());
        }
        into_chat_response(whole)
    }
}
