use std::borrow::Cow;
use std::collections::BTreeMap;

use cascade_core::{ChatResponse, Part, ResponseDelta, ToolCallDelta};
use serde_json::Value;

use super::{BlockDelta, ContentBlock, MessageResponse, MessageStreamEvent, into_chat_response};
use crate::frame::Frame;
use crate::wire::{AssembleStep, Assembler, WireFault};

/// Puts the events of one streamed answer together.
#[derive(Debug, Default)]
pub struct MessageAssembler {
    message: Option<MessageResponse>,
    blocks: BTreeMap<usize, OpenBlock>,
    tool_calls: usize,
}

/// A block that still grows.
#[derive(Debug)]
struct OpenBlock {
    block: ContentBlock<'static>,
    /// Text, reasoning or arguments so far.
    text: String,
    signature: String,
    /// Position among the tool calls.
    call: usize,
}

impl MessageAssembler {
    /// Takes one event.
    ///
    /// # Errors
    /// A fault when it reports an error or refers to nothing.
    pub fn push_event(
        &mut self,
        event: MessageStreamEvent,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<AssembleStep, WireFault> {
        match event {
            MessageStreamEvent::MessageStart { message } => self.message = Some(message),
            MessageStreamEvent::ContentBlockStart { index, content_block } => {
                self.start_block(index, content_block, deltas);
            }
            MessageStreamEvent::ContentBlockDelta { index, delta } => {
                let Some(open) = self.blocks.get_mut(&index) else {
                    return Err(WireFault::Malformed("stream grows a block it never began".into()));
                };
                open.grow(delta, deltas);
            }
            MessageStreamEvent::MessageDelta { delta, usage } => {
                let message = self.message.get_or_insert_default();
                message.stop_reason = delta.stop_reason.or(message.stop_reason.take());
                message.stop_sequence = delta.stop_sequence.or(message.stop_sequence.take());
                if let Some(usage) = usage {
                    message.usage.get_or_insert_default().update(usage);
                }
            }
            MessageStreamEvent::MessageStop => return Ok(AssembleStep::Finished),
            MessageStreamEvent::Error { error } => {
                return Err(WireFault::Reported(
                    serde_json::json!({ "type": "error", "error": error }),
                ));
            }
            MessageStreamEvent::ContentBlockStop { index } => {
                let open = self.blocks.get(&index);
                deltas.extend(open.and_then(OpenBlock::thinking).map(ResponseDelta::ThinkingDone));
            }
            MessageStreamEvent::Ping | MessageStreamEvent::Unknown(_) => {}
        }
        Ok(AssembleStep::More)
    }

    fn start_block(
        &mut self,
        index: usize,
        block: ContentBlock<'static>,
        deltas: &mut Vec<ResponseDelta>,
    ) {
        let mut open = OpenBlock { block, text: String::new(), signature: String::new(), call: 0 };
        match &open.block {
            ContentBlock::Text { text, .. } if !text.is_empty() => {
                open.text.push_str(text);
                deltas.push(ResponseDelta::Text(open.text.clone()));
            }
            ContentBlock::Thinking { thinking, signature } => {
                open.text.push_str(thinking);
                open.signature.push_str(signature);
                if !open.text.is_empty() {
                    deltas.push(ResponseDelta::Thinking(open.text.clone()));
                }
            }
            ContentBlock::ToolUse { id, name, .. } => {
                open.call = self.tool_calls;
                self.tool_calls += 1;
                deltas.push(ResponseDelta::ToolCall(ToolCallDelta {
                    index: open.call,
                    id: Some(id.clone().into_owned()),
                    name: Some(name.clone().into_owned()),
                    arguments: String::new(),
                }));
            }
            _ => {}
        }
        self.blocks.insert(index, open);
    }
}

impl OpenBlock {
    fn grow(&mut self, delta: BlockDelta, deltas: &mut Vec<ResponseDelta>) {
        match (delta, &self.block) {
            (BlockDelta::TextDelta { text }, ContentBlock::Text { .. }) => {
                self.text.push_str(&text);
                deltas.push(ResponseDelta::Text(text));
            }
            (BlockDelta::ThinkingDelta { thinking }, ContentBlock::Thinking { .. }) => {
                self.text.push_str(&thinking);
                deltas.push(ResponseDelta::Thinking(thinking));
            }
            (BlockDelta::SignatureDelta { signature }, _) => self.signature.push_str(&signature),
            (BlockDelta::InputJsonDelta { partial_json }, ContentBlock::ToolUse { .. }) => {
                self.text.push_str(&partial_json);
                if !partial_json.is_empty() {
                    deltas.push(ResponseDelta::ToolCall(ToolCallDelta {
                        index: self.call,
                        arguments: partial_json,
                        ..ToolCallDelta::default()
                    }));
                }
            }
            _ => {}
        }
    }

    /// The reasoning that it is so far; `None` for a block of another kind.
    fn thinking(&self) -> Option<Part> {
        match &self.block {
            ContentBlock::Thinking { .. } => Some(Part::Thinking {
                text: self.text.clone(),
                signature: Some(self.signature.clone()).filter(|text| !text.is_empty()),
                redacted: None,
            }),
            ContentBlock::RedactedThinking { data } => Some(Part::Thinking {
                text: String::new(),
                signature: None,
                redacted: Some(data.clone().into_owned()),
            }),
            _ => None,
        }
    }

    fn into_block(self) -> ContentBlock<'static> {
        match self.block {
            ContentBlock::Text { cache_control, .. } => {
                ContentBlock::Text { text: Cow::Owned(self.text), cache_control }
            }
            ContentBlock::Thinking { .. } => ContentBlock::Thinking {
                thinking: Cow::Owned(self.text),
                signature: Cow::Owned(self.signature),
            },
            // Arguments cut by the token limit stay as the text that came.
            ContentBlock::ToolUse { id, name, input, cache_control } => ContentBlock::ToolUse {
                id,
                name,
                cache_control,
                input: if self.text.is_empty() {
                    input
                } else {
                    serde_json::from_str(&self.text).unwrap_or_else(|_| Value::String(self.text))
                },
            },
            other => other,
        }
    }
}

impl Assembler for MessageAssembler {
    fn push(
        &mut self,
        frame: &Frame,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<AssembleStep, WireFault> {
        let data = frame.data.trim();
        if data.is_empty() {
            return Ok(AssembleStep::More);
        }
        match serde_json::from_str::<MessageStreamEvent>(data) {
            Ok(event) => self.push_event(event, deltas),
            Err(error) => Err(WireFault::from_json("event", &error)),
        }
    }

    fn may_end(&self) -> bool {
        false
    }

    fn finish(self: Box<Self>) -> Result<ChatResponse, WireFault> {
        let Some(mut message) = self.message else {
            return Err(WireFault::Malformed("stream has no beginning".into()));
        };
        let mut content = message.content.take().unwrap_or_default();
        content.extend(self.blocks.into_values().map(OpenBlock::into_block));
        message.content = Some(content);
        Ok(into_chat_response(message))
    }
}
