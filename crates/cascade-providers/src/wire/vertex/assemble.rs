use cascade_core::{ChatResponse, ResponseDelta, ToolCallDelta};

use super::decode::{arguments_text, call_id, thinking_of};
use super::{Candidate, GeminiPart, GenerateContentResponse, into_chat_response};
use crate::frame::Frame;
use crate::wire::{AssembleStep, Assembler, WireFault};

/// Puts the events of one streamed answer together. The end of the bytes is the end of the answer.
#[derive(Debug, Default)]
pub struct GenerateContentAssembler {
    response: GenerateContentResponse,
    candidate: Candidate,
    parts: Vec<GeminiPart>,
    calls: usize,
    saw_candidate: bool,
    /// Parts whose reasoning has been told as complete.
    told: usize,
}

impl GenerateContentAssembler {
    /// Takes one event.
    ///
    /// # Errors
    /// A fault when it is an error in an event's place.
    pub fn push_event(
        &mut self,
        event: GenerateContentResponse,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<(), WireFault> {
        if let Some(error) = event.error.filter(|error| !error.is_null()) {
            return Err(WireFault::Reported(serde_json::json!({ "error": error })));
        }
        let whole = &mut self.response;
        whole.model_version = whole.model_version.take().or(event.model_version);
        whole.response_id = whole.response_id.take().or(event.response_id);
        whole.prompt_feedback = event.prompt_feedback.or(whole.prompt_feedback.take());
        // Counts are cumulative.
        whole.usage_metadata = event.usage_metadata.or(whole.usage_metadata.take());
        let Some(news) = event.candidates.into_iter().find(|news| news.index.unwrap_or(0) == 0)
        else {
            return Ok(());
        };
        self.saw_candidate = true;
        for part in news.content.unwrap_or_default().parts {
            self.push_part(part, deltas);
        }
        if news.finish_reason.is_some() {
            self.tell_thinking(deltas);
        }
        let own = &mut self.candidate;
        own.finish_reason = news.finish_reason.or(own.finish_reason.take());
        own.finish_message = news.finish_message.or(own.finish_message.take());
        own.citation_metadata = news.citation_metadata.or(own.citation_metadata.take());
        own.grounding_metadata = news.grounding_metadata.or(own.grounding_metadata.take());
        if let Some(news) = news.logprobs_result {
            let logprobs = own.logprobs_result.get_or_insert_default();
            logprobs.chosen_candidates.extend(news.chosen_candidates);
            logprobs.top_candidates.extend(news.top_candidates);
        }
        Ok(())
    }

    fn push_part(&mut self, part: GeminiPart, deltas: &mut Vec<ResponseDelta>) {
        let (thought, has_signature) = (part.thought, part.thought_signature.is_some());
        let merges = part.text.is_some()
            && self.parts.last().is_some_and(|last| {
                last.text.is_some() && last.thought == thought && last.thought_signature.is_none()
            });
        if !merges {
            self.tell_thinking(deltas);
        }
        if let (Some(_), true) = (&part.function_call, has_signature) {
            // It stands for the reasoning before the call.
            deltas.extend(thinking_of(&part).map(ResponseDelta::ThinkingDone));
        }
        if let Some(call) = &part.function_call {
            deltas.push(ResponseDelta::ToolCall(ToolCallDelta {
                index: self.calls,
                id: Some(call_id(self.calls, call)),
                name: Some(call.name.clone()),
                arguments: arguments_text(call),
            }));
            self.calls += 1;
        }
        if let Some(text) = part.text.as_ref().filter(|text| !text.is_empty()) {
            deltas.push(if part.thought {
                ResponseDelta::Thinking(text.clone())
            } else {
                ResponseDelta::Text(text.clone())
            });
        }
        // Pieces of one text come as parts; a plain answer has it as one.
        if merges
            && let (Some(last), Some(text)) = (self.parts.last_mut(), &part.text)
            && let Some(own) = &mut last.text
        {
            own.push_str(text);
            last.thought_signature = part.thought_signature;
            return;
        }
        let is_told = part.function_call.is_some();
        self.parts.push(part);
        if is_told {
            self.told = self.parts.len();
        }
    }

    /// Tells of the reasoning of the parts that are complete now.
    fn tell_thinking(&mut self, deltas: &mut Vec<ResponseDelta>) {
        let complete = self.parts.get(self.told..).unwrap_or_default();
        deltas.extend(complete.iter().filter_map(thinking_of).map(ResponseDelta::ThinkingDone));
        self.told = self.parts.len();
    }
}

impl Assembler for GenerateContentAssembler {
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
        let event =
            serde_json::from_str(data).map_err(|error| WireFault::from_json("event", &error))?;
        self.push_event(event, deltas)?;
        Ok(AssembleStep::More)
    }

    fn may_end(&self) -> bool {
        self.candidate.finish_reason.is_some()
            || self.response.prompt_feedback.as_ref().is_some_and(|f| f.block_reason.is_some())
    }

    fn finish(mut self: Box<Self>) -> Result<ChatResponse, WireFault> {
        if self.saw_candidate {
            self.candidate.content.get_or_insert_default().parts = self.parts;
            self.response.candidates = vec![self.candidate];
        }
        into_chat_response(self.response)
    }
}
