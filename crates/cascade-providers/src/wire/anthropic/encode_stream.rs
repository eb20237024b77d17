use std::borrow::Cow;

use cascade_core::{ChatResponse, Error, Part, ResponseDelta, ToolCallDelta};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::encode_response::{
    empty_message, encode_error, encode_stop_reason, encode_thinking, encode_usage, service_tier,
    stop_sequence,
};
use super::{BlockDelta, ContentBlock, MessageDelta, MessageStreamEvent, MessageUsage};
use crate::wire::AnswerFrame;
use crate::wire::sent::Sent;
use crate::wire::signature::with_encrypted;

/// Writes a streamed answer as a server of this dialect does: every block begun is closed, also by
/// a failure.
///
/// What the deltas left out follows when the whole answer comes. A signature goes out when its
/// block is done ([`ResponseDelta::ThinkingDone`]); one that only the whole answer has is too late
/// for reasoning behind which other words have gone out already: it stays unsigned.
#[derive(Debug)]
pub struct MessageEventEncoder {
    frame: AnswerFrame,
    input_tokens: u64,
    began: bool,
    open: Option<OpenKind>,
    next_index: usize,
    sent: Sent,
    /// Arguments of the open call so far.
    arguments: String,
    /// Reasoning blocks of the answer that have gone out whole.
    thinking_done: usize,
    /// Bytes of reasoning that have gone out since the last of them.
    thinking_open: usize,
    /// Calls that have been begun.
    calls_begun: Vec<usize>,
    /// Whether text or reasoning waits for the end, so that all that follows it must, too.
    holds_words: bool,
}

/// Kind of the block that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenKind {
    Text,
    Thinking,
    /// With the position of the call.
    Call(usize),
}

impl MessageEventEncoder {
    /// A stream of one answer to a prompt of `input_tokens`, which the first event says; the last
    /// one says what was used.
    pub fn new(frame: AnswerFrame, input_tokens: u64) -> Self {
        Self {
            frame,
            input_tokens,
            began: false,
            open: None,
            next_index: 0,
            sent: Sent::default(),
            arguments: String::new(),
            thinking_done: 0,
            thinking_open: 0,
            calls_begun: Vec::new(),
            holds_words: false,
        }
    }

    /// The events that `delta` becomes. After [`ResponseDelta::Done`] nothing follows.
    pub fn push(&mut self, delta: &ResponseDelta) -> Vec<MessageStreamEvent> {
        let mut events = Vec::new();
        self.begin(&mut events);
        if let ResponseDelta::Done(response) = delta {
            self.finish(response, &mut events);
        } else if self.may_go(delta) {
            self.sent.count(delta);
            self.news(delta, &mut events);
        }
        events
    }

    /// Whether `delta` can go out now. A block that is closed cannot grow again: what belongs to
    /// another block than the open call waits for the end, unless the call's arguments are whole.
    fn may_go(&mut self, delta: &ResponseDelta) -> bool {
        let call_is_open = matches!(self.open, Some(OpenKind::Call(_)));
        let is_whole = !call_is_open || serde_json::from_str::<IgnoredAny>(&self.arguments).is_ok();
        let ResponseDelta::ToolCall(call) = delta else {
            self.holds_words |= !is_whole;
            return !self.holds_words;
        };
        self.open == Some(OpenKind::Call(call.index))
            || (is_whole && call.id.is_some() && !self.calls_begun.contains(&call.index))
    }

    /// The events that a failure in the middle is: the open block ends, then the error.
    pub fn fail(&mut self, error: &Error) -> Vec<MessageStreamEvent> {
        let mut events = Vec::new();
        self.close(&mut events);
        let error = encode_error(error).get("error").cloned().unwrap_or_default();
        events.push(MessageStreamEvent::Error { error });
        events
    }

    /// An event as a server-sent event.
    pub fn event(event: &MessageStreamEvent) -> String {
        let value = serde_json::to_value(event).unwrap_or_default();
        let kind = value.get("type").and_then(Value::as_str).unwrap_or("message");
        format!("event: {kind}\ndata: {value}\n\n")
    }

    fn begin(&mut self, events: &mut Vec<MessageStreamEvent>) {
        if std::mem::replace(&mut self.began, true) {
            return;
        }
        let mut message = empty_message(&self.frame);
        message.usage = Some(MessageUsage {
            input_tokens: Some(self.input_tokens),
            output_tokens: Some(0),
            ..MessageUsage::default()
        });
        events.push(MessageStreamEvent::MessageStart { message });
    }

    fn news(&mut self, delta: &ResponseDelta, events: &mut Vec<MessageStreamEvent>) {
        let growth = match delta {
            ResponseDelta::Text(text) => {
                self.switch(OpenKind::Text, text_block, events);
                BlockDelta::TextDelta { text: text.clone() }
            }
            ResponseDelta::Thinking(text) => {
                self.thinking_open += text.len();
                self.switch(OpenKind::Thinking, thinking_block, events);
                BlockDelta::ThinkingDelta { thinking: text.clone() }
            }
            ResponseDelta::ToolCall(call) => {
                self.switch(OpenKind::Call(call.index), || call_block(call), events);
                if call.arguments.is_empty() {
                    return;
                }
                self.arguments.push_str(&call.arguments);
                BlockDelta::InputJsonDelta { partial_json: call.arguments.clone() }
            }
            ResponseDelta::ThinkingDone(part) => return self.end_thinking(part, events),
            ResponseDelta::Done(_) => return,
        };
        self.grow(growth, events);
    }

    /// Signs and closes the reasoning that is open; reasoning of which nothing has gone out, as
    /// when it is not shown, goes whole.
    fn end_thinking(&mut self, part: &Part, events: &mut Vec<MessageStreamEvent>) {
        self.thinking_done += 1;
        if std::mem::take(&mut self.thinking_open) == 0 {
            self.whole_thinking(part, events);
        } else if self.open == Some(OpenKind::Thinking) {
            self.sign(part, events);
            self.close(events);
        }
    }

    fn sign(&self, part: &Part, events: &mut Vec<MessageStreamEvent>) {
        if let Part::Thinking { signature: Some(signature), redacted, .. } = part {
            let signature = with_encrypted(signature, redacted.as_deref());
            self.grow(BlockDelta::SignatureDelta { signature }, events);
        }
    }

    fn grow(&self, delta: BlockDelta, events: &mut Vec<MessageStreamEvent>) {
        let index = self.next_index.saturating_sub(1);
        events.push(MessageStreamEvent::ContentBlockDelta { index, delta });
    }

    /// Closes the open block and begins another, unless it is of this kind.
    fn switch(
        &mut self,
        kind: OpenKind,
        block: impl FnOnce() -> ContentBlock<'static>,
        events: &mut Vec<MessageStreamEvent>,
    ) {
        if self.open == Some(kind) {
            return;
        }
        self.close(events);
        let index = self.next_index;
        events.push(MessageStreamEvent::ContentBlockStart { index, content_block: block() });
        self.next_index += 1;
        self.open = Some(kind);
        if let OpenKind::Call(call) = kind {
            self.arguments.clear();
            self.calls_begun.push(call);
        }
    }

    fn close(&mut self, events: &mut Vec<MessageStreamEvent>) {
        if self.open.take().is_some() {
            let index = self.next_index.saturating_sub(1);
            events.push(MessageStreamEvent::ContentBlockStop { index });
        }
    }

    fn finish(&mut self, response: &ChatResponse, events: &mut Vec<MessageStreamEvent>) {
        let open = self.open;
        let is_open = |delta: &ResponseDelta| matches!(delta, ResponseDelta::ToolCall(call) if open == Some(OpenKind::Call(call.index)));
        // What the open block still lacks goes first, for once closed it cannot grow.
        let (first, then): (Vec<_>, Vec<_>) =
            self.sent.rest(response).into_iter().partition(is_open);
        for delta in first {
            self.news(&delta, events);
        }
        self.rest_of_thinking(response, events);
        for delta in then {
            if !matches!(delta, ResponseDelta::Thinking(_)) {
                self.news(&delta, events);
            }
        }
        self.close(events);
        events.push(MessageStreamEvent::MessageDelta {
            delta: MessageDelta {
                stop_reason: Some(encode_stop_reason(response).to_owned()),
                stop_sequence: stop_sequence(response),
            },
            usage: response.usage.as_ref().map(|usage| MessageUsage {
                service_tier: service_tier(response),
                ..encode_usage(usage)
            }),
        });
        events.push(MessageStreamEvent::MessageStop);
    }

    /// The reasoning that has not gone out. Of what has gone out in part, the rest follows, signed
    /// where its block is still open.
    fn rest_of_thinking(&mut self, response: &ChatResponse, events: &mut Vec<MessageStreamEvent>) {
        let parts = response.thinking.get(self.thinking_done..).unwrap_or_default();
        let mut gone = std::mem::take(&mut self.thinking_open);
        // A signature is of one block, all of which must stand in front of it.
        let mut may_sign = self.open == Some(OpenKind::Thinking);
        for part in parts {
            let Part::Thinking { text, .. } = part else { continue };
            if gone == 0 || text.is_empty() {
                self.whole_thinking(part, events);
                continue;
            }
            let rest = text.get(gone..).unwrap_or_default();
            gone = gone.saturating_sub(text.len());
            if !rest.is_empty() {
                self.news(&ResponseDelta::Thinking(rest.to_owned()), events);
            }
            if std::mem::take(&mut may_sign) && gone == 0 {
                self.sign(part, events);
            }
        }
    }

    /// A block of reasoning that has not gone out yet, with its signature.
    fn whole_thinking(&mut self, part: &Part, events: &mut Vec<MessageStreamEvent>) {
        let Some(block) = encode_thinking(part) else { return };
        self.close(events);
        let index = self.next_index;
        self.next_index += 1;
        let ContentBlock::Thinking { thinking, signature } = block else {
            events.push(MessageStreamEvent::ContentBlockStart { index, content_block: block });
            events.push(MessageStreamEvent::ContentBlockStop { index });
            return;
        };
        let content_block = thinking_block();
        events.push(MessageStreamEvent::ContentBlockStart { index, content_block });
        if !thinking.is_empty() {
            self.grow(BlockDelta::ThinkingDelta { thinking: thinking.into_owned() }, events);
        }
        if !signature.is_empty() {
            self.grow(BlockDelta::SignatureDelta { signature: signature.into_owned() }, events);
        }
        events.push(MessageStreamEvent::ContentBlockStop { index });
    }
}

fn text_block() -> ContentBlock<'static> {
    ContentBlock::Text { text: Cow::Borrowed(""), cache_control: None }
}

fn thinking_block() -> ContentBlock<'static> {
    ContentBlock::Thinking { thinking: Cow::Borrowed(""), signature: Cow::Borrowed("") }
}

fn call_block(call: &ToolCallDelta) -> ContentBlock<'static> {
    ContentBlock::ToolUse {
        id: Cow::Owned(call.id.clone().unwrap_or_default()),
        name: Cow::Owned(call.name.clone().unwrap_or_default()),
        input: Value::Object(Map::new()),
        cache_control: None,
    }
}
