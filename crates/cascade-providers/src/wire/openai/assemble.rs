use cascade_core::{ChatResponse, ResponseDelta, ToolCallDelta};
use serde_json::Value;

use super::{
    ChatCompletion, ChatCompletionChunk, Choice, ChunkChoice, Logprobs, ResponseContent,
    ResponseFunction, ResponseToolCall, ToolCallFragment, into_chat_response, reasoning_details,
};
use crate::frame::Frame;
use crate::wire::{AssembleStep, Assembler, WireFault};

/// Puts the chunks of one streamed answer together.
#[derive(Debug, Default)]
pub struct ChatCompletionAssembler {
    completion: ChatCompletion,
    choice: Choice,
    content: String,
    calls: Vec<OpenCall>,
    saw_choice: bool,
    /// Whether the reasoning has ended: other words have come.
    thought: bool,
}

/// A tool call whose arguments still grow.
#[derive(Debug)]
struct OpenCall {
    /// The index the server gave it; `None` when it gave none.
    wire_index: Option<usize>,
    call: ResponseToolCall,
}

impl ChatCompletionAssembler {
    /// Takes one chunk.
    ///
    /// # Errors
    /// A fault when it is an error in a chunk's place.
    pub fn push_chunk(
        &mut self,
        chunk: ChatCompletionChunk,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<(), WireFault> {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            return Err(WireFault::Reported(serde_json::json!({ "error": error })));
        }
        let whole = &mut self.completion;
        keep_first(&mut whole.id, chunk.id);
        keep_first(&mut whole.model, chunk.model);
        keep_first(&mut whole.system_fingerprint, chunk.system_fingerprint);
        // What was asked for may come first; what was given is said last.
        whole.service_tier = chunk.service_tier.or(whole.service_tier.take());
        keep_first(&mut whole.provider, chunk.provider);
        whole.created = whole.created.or(chunk.created);
        let usage = chunk.usage.or(chunk.x_groq.and_then(|extension| extension.usage));
        if usage.is_some() {
            whole.usage = usage;
        }
        for choice in chunk.choices.unwrap_or_default() {
            if choice.index == 0 {
                self.saw_choice = true;
                self.push_choice(choice, deltas);
            }
        }
        Ok(())
    }

    fn push_choice(&mut self, news: ChunkChoice, deltas: &mut Vec<ResponseDelta>) {
        if let Some(delta) = news.delta {
            let message = &mut self.choice.message;
            for (whole, piece) in [
                (&mut message.reasoning_content, delta.reasoning_content),
                (&mut message.reasoning, delta.reasoning),
            ] {
                let Some(piece) = piece.filter(|piece| !piece.is_empty()) else { continue };
                whole.get_or_insert_default().push_str(&piece);
                deltas.push(ResponseDelta::Thinking(piece));
            }
            if let Some(details) = delta.reasoning_details {
                let whole = message.reasoning_details.get_or_insert_default();
                reasoning_details::merge(whole, details);
            }
            let text = delta.content.map(ResponseContent::into_text).unwrap_or_default();
            let speaks =
                !text.is_empty() || delta.tool_calls.as_ref().is_some_and(|c| !c.is_empty());
            if !self.thought && (speaks || news.finish_reason.is_some()) {
                self.thought = true;
                let details = message.reasoning_details.clone().unwrap_or_default();
                let shown = message.reasoning_content.as_deref().or(message.reasoning.as_deref());
                let part = reasoning_details::into_part(details, shown.unwrap_or_default());
                deltas.extend(part.map(ResponseDelta::ThinkingDone));
            }
            if !text.is_empty() {
                self.content.push_str(&text);
                deltas.push(ResponseDelta::Text(text));
            }
            if let Some(refusal) = delta.refusal.filter(|piece| !piece.is_empty()) {
                message.refusal.get_or_insert_default().push_str(&refusal);
                if self.content.is_empty() {
                    deltas.push(ResponseDelta::Text(refusal));
                }
            }
            for fragment in delta.tool_calls.unwrap_or_default() {
                deltas.push(ResponseDelta::ToolCall(self.push_fragment(fragment)));
            }
        }
        if news.finish_reason.is_some() {
            self.choice.finish_reason = news.finish_reason;
        }
        if let Some(logprobs) = news.logprobs {
            self.push_logprobs(logprobs);
        }
    }

    /// Adds a fragment to its call, or begins one.
    fn push_fragment(&mut self, fragment: ToolCallFragment) -> ToolCallDelta {
        let function = fragment.function.unwrap_or_default();
        let id = fragment.id.filter(|id| !id.is_empty());
        let name = function.name.filter(|name| !name.is_empty());
        let known = self.find_call(fragment.index, id.as_deref());
        let begins = known.is_none();
        let position = known.unwrap_or_else(|| {
            self.calls.push(OpenCall {
                wire_index: fragment.index,
                call: ResponseToolCall {
                    kind: Some("function".into()),
                    ..ResponseToolCall::default()
                },
            });
            self.calls.len() - 1
        });
        let ResponseToolCall { id: own_id, function: own, .. } = &mut self.calls[position].call;
        keep_first(own_id, id.clone());
        if own.name.is_empty() {
            own.name = name.clone().unwrap_or_default();
        }
        let ResponseFunction { arguments, .. } = own;
        arguments.push_str(&function.arguments);
        ToolCallDelta {
            index: position,
            id: begins.then(|| id.unwrap_or_else(|| format!("call_{position}"))),
            name: name.filter(|_| begins),
            arguments: function.arguments,
        }
    }

    /// The call a fragment belongs to; `None` when it begins a new one. A known index with another
    /// id is a new call too: some servers give every call the index 0.
    fn find_call(&self, index: Option<usize>, id: Option<&str>) -> Option<usize> {
        let same_id = |call: &OpenCall| match (id, call.call.id.as_deref()) {
            (Some(new), Some(own)) => new == own,
            _ => true,
        };
        match (index, id) {
            (Some(index), _) => {
                self.calls.iter().rposition(|call| call.wire_index == Some(index) && same_id(call))
            }
            (None, Some(id)) => {
                self.calls.iter().rposition(|call| call.call.id.as_deref() == Some(id))
            }
            (None, None) => self.calls.len().checked_sub(1),
        }
    }

    fn push_logprobs(&mut self, news: Logprobs) {
        match (&mut self.choice.logprobs, news) {
            (Some(Logprobs::Entries { content }), Logprobs::Entries { content: more }) => {
                content.extend(more);
            }
            (
                Some(Logprobs::Columns { tokens, token_logprobs }),
                Logprobs::Columns { tokens: more_tokens, token_logprobs: more_logprobs },
            ) => {
                tokens.extend(more_tokens);
                token_logprobs.extend(more_logprobs);
            }
            (slot @ None, news) => *slot = Some(news),
            _ => {}
        }
    }
}

impl Assembler for ChatCompletionAssembler {
    fn push(
        &mut self,
        frame: &Frame,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<AssembleStep, WireFault> {
        let data = frame.data.trim();
        if data == "[DONE]" {
            return Ok(AssembleStep::Finished);
        }
        if data.is_empty() {
            return Ok(AssembleStep::More);
        }
        if frame.event == "error" {
            let value = serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.into()));
            return Err(WireFault::Reported(value));
        }
        let chunk = match serde_json::from_str::<ChatCompletionChunk>(data) {
            Ok(chunk) => chunk,
            Err(error) => return Err(WireFault::from_json("event", &error)),
        };
        if chunk.object.as_deref() == Some("error") {
            let value = serde_json::from_str(data).unwrap_or_default();
            return Err(WireFault::Reported(value));
        }
        self.push_chunk(chunk, deltas)?;
        Ok(AssembleStep::More)
    }

    fn may_end(&self) -> bool {
        self.choice.finish_reason.is_some()
    }

    fn finish(mut self: Box<Self>) -> Result<ChatResponse, WireFault> {
        if !self.saw_choice {
            return Err(WireFault::Malformed("stream has no choices".into()));
        }
        if !self.content.is_empty() {
            self.choice.message.content = Some(ResponseContent::Text(self.content));
        }
        if !self.calls.is_empty() {
            self.choice.message.tool_calls =
                Some(self.calls.into_iter().map(|open| open.call).collect());
        }
        self.completion.choices = vec![self.choice];
        into_chat_response(self.completion)
    }
}

fn keep_first(slot: &mut Option<String>, news: Option<String>) {
    if slot.is_none() {
        *slot = news.filter(|text| !text.is_empty());
    }
}
