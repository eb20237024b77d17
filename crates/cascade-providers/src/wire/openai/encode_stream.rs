use cascade_core::{ChatResponse, Error, FinishReason, ResponseDelta, ToolCallDelta};
use serde::Serialize;

use super::encode_response::{
    encode_error, encode_finish_reason, encode_logprobs, encode_usage, tier_of,
};
use super::{
    ChatCompletionChunk, ChunkChoice, ChunkDelta, FunctionFragment, ResponseContent,
    ToolCallFragment, reasoning_details,
};
use crate::wire::AnswerFrame;
use crate::wire::sent::Sent;

/// Writes a streamed answer as a server of this dialect does.
///
/// What the deltas left out follows when the whole answer comes, so that an answer that is given
/// out only at its end is written whole, too.
#[derive(Debug)]
pub struct ChunkEncoder {
    frame: AnswerFrame,
    include_usage: bool,
    began: bool,
    sent: Sent,
    /// Whether the form of the reasoning that goes back to its provider has gone out.
    details_sent: bool,
}

impl ChunkEncoder {
    /// A stream of one answer; `include_usage` is what the client's `stream_options` say.
    pub fn new(frame: AnswerFrame, include_usage: bool) -> Self {
        Self { frame, include_usage, began: false, sent: Sent::default(), details_sent: false }
    }

    /// The chunks that `delta` becomes. After [`ResponseDelta::Done`] nothing follows but
    /// [`Self::end`].
    pub fn push(&mut self, delta: &ResponseDelta) -> Vec<ChatCompletionChunk> {
        let mut chunks = Vec::new();
        if let ResponseDelta::Done(response) = delta {
            self.finish(response, &mut chunks);
        } else {
            self.sent.count(delta);
            self.news(delta, &mut chunks);
        }
        chunks
    }

    /// The last event of a stream.
    pub const fn end() -> &'static str {
        "data: [DONE]\n\n"
    }

    /// The event that a failure in the middle is.
    pub fn fail(error: &Error) -> String {
        event(&encode_error(error))
    }

    /// A chunk as a server-sent event.
    pub fn event(chunk: &ChatCompletionChunk) -> String {
        event(chunk)
    }

    fn begin(&mut self, chunks: &mut Vec<ChatCompletionChunk>) {
        if std::mem::replace(&mut self.began, true) {
            return;
        }
        let delta = ChunkDelta {
            role: Some("assistant".into()),
            content: Some(ResponseContent::Text(String::new())),
            ..ChunkDelta::default()
        };
        chunks.push(self.chunk(ChunkChoice { delta: Some(delta), ..ChunkChoice::default() }));
    }

    fn news(&mut self, delta: &ResponseDelta, chunks: &mut Vec<ChatCompletionChunk>) {
        let news = match delta {
            ResponseDelta::Text(text) => ChunkDelta {
                content: Some(ResponseContent::Text(text.clone())),
                ..ChunkDelta::default()
            },
            ResponseDelta::Thinking(text) => {
                ChunkDelta { reasoning_content: Some(text.clone()), ..ChunkDelta::default() }
            }
            ResponseDelta::ToolCall(call) => {
                ChunkDelta { tool_calls: Some(vec![fragment(call)]), ..ChunkDelta::default() }
            }
            ResponseDelta::ThinkingDone(part) => {
                let details = reasoning_details::of_part(part);
                if details.is_empty() {
                    return;
                }
                self.details_sent = true;
                ChunkDelta { reasoning_details: Some(details), ..ChunkDelta::default() }
            }
            ResponseDelta::Done(_) => return,
        };
        self.begin(chunks);
        chunks.push(self.chunk(ChunkChoice { delta: Some(news), ..ChunkChoice::default() }));
    }

    fn finish(&mut self, response: &ChatResponse, chunks: &mut Vec<ChatCompletionChunk>) {
        let is_refusal = response.finish_reason == Some(FinishReason::Refusal);
        for delta in self.sent.rest(response) {
            match delta {
                ResponseDelta::Text(text) if is_refusal => {
                    self.begin(chunks);
                    let news = ChunkDelta { refusal: Some(text), ..ChunkDelta::default() };
                    let choice = ChunkChoice { delta: Some(news), ..ChunkChoice::default() };
                    chunks.push(self.chunk(choice));
                }
                delta => self.news(&delta, chunks),
            }
        }
        if !self.details_sent {
            for part in &response.thinking {
                self.news(&ResponseDelta::ThinkingDone(part.clone()), chunks);
            }
        }
        self.begin(chunks);
        let mut last = self.chunk(ChunkChoice {
            delta: Some(ChunkDelta::default()),
            finish_reason: Some(encode_finish_reason(response).to_owned()),
            logprobs: response.logprobs.as_deref().map(encode_logprobs),
            ..ChunkChoice::default()
        });
        let text = |name: &str| {
            response.metadata.get(name).and_then(serde_json::Value::as_str).map(str::to_owned)
        };
        last.service_tier = text("service_tier").or_else(|| tier_of(response));
        last.system_fingerprint = text("system_fingerprint");
        last.provider = text("provider");
        chunks.push(last);
        if self.include_usage {
            let usage = encode_usage(response);
            let chunk = self.chunk(ChunkChoice::default());
            chunks.push(ChatCompletionChunk { choices: Some(Vec::new()), usage, ..chunk });
        }
    }

    fn chunk(&self, choice: ChunkChoice) -> ChatCompletionChunk {
        ChatCompletionChunk {
            id: Some(self.frame.id.clone()),
            object: Some("chat.completion.chunk".into()),
            created: Some(self.frame.created),
            model: Some(self.frame.model.clone()),
            choices: Some(vec![choice]),
            ..ChatCompletionChunk::default()
        }
    }
}

fn fragment(call: &ToolCallDelta) -> ToolCallFragment {
    ToolCallFragment {
        index: Some(call.index),
        id: call.id.clone(),
        kind: call.id.is_some().then(|| "function".into()),
        function: Some(FunctionFragment {
            name: call.name.clone(),
            arguments: call.arguments.clone(),
        }),
    }
}

fn event(value: &impl Serialize) -> String {
    // Own types of texts and finite numbers can always be written.
    let data = serde_json::to_string(value).unwrap_or_default();
    format!("data: {data}\n\n")
}
