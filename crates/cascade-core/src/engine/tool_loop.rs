//! Executes tool calls and asks on, where a handler is set.

use std::borrow::Cow;
use std::sync::Arc;

use super::call::{CallPlan, Show};
use super::outcome::Answer;
use super::run::Run;
use crate::error::Result;
use crate::types::{Message, Part, Role, StreamPhase, TraceStage};

/// Rounds of tool execution when the call does not say.
pub(super) const DEFAULT_MAX_STEPS: u32 = 5;

impl Run<'_> {
    /// Executes the answer's tool calls, gives the model their results and takes its next answer,
    /// until it calls no more or the rounds are used up; then open calls stay with the result.
    ///
    /// # Errors
    /// The error of a tool or of the model.
    pub(super) async fn run_tools(&mut self, answer: &mut Answer) -> Result<()> {
        let Some(handler) = self.inner.tool_handler.clone() else { return Ok(()) };
        let mut messages = self.conversation.messages.to_vec();
        for _ in 0..self.options.max_steps.unwrap_or(DEFAULT_MAX_STEPS) {
            if answer.response.tool_calls.is_empty() {
                break;
            }
            let from = self.now();
            let mut parts = answer.response.thinking.clone();
            if !answer.response.content.is_empty() {
                parts.push(Part::text(answer.response.content.clone()));
            }
            let calls = std::mem::take(&mut answer.response.tool_calls);
            parts.extend(calls.iter().cloned().map(Part::ToolCall));
            messages.push(Message { role: Role::Assistant, parts, name: None });
            for call in &calls {
                let output = self.within_deadline(handler.call(call)).await??;
                let result = Part::ToolResult {
                    call_id: call.id.clone(),
                    content: output.content,
                    is_error: output.is_error,
                };
                messages.push(Message { role: Role::Tool, parts: vec![result], name: None });
            }
            self.waited += self.now().saturating_sub(from);
            let names: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
            let decision = format!("executed {}", names.join(", "));
            self.record_since(
                from,
                TraceStage::Tools,
                decision,
                "the answer calls tools",
                "tool_loop",
                crate::types::Usd::ZERO,
            );
            self.ask_on(answer, &messages).await?;
        }
        Ok(())
    }

    async fn ask_on(&mut self, answer: &mut Answer, messages: &[Message]) -> Result<()> {
        let from = self.now();
        let end = self
            .call(CallPlan {
                index: answer.index,
                role: answer.role,
                step: Arc::from("tools"),
                messages: messages.into(),
                judged: false,
                show: match self.sink {
                    Some(_) => Show::Live(StreamPhase::Direct),
                    None => Show::Whole,
                },
            })
            .await;
        self.waited += end.took;
        let cost = end.attempt.cost;
        let (what, reason) = match &end.attempt.error {
            None => ("answered", Cow::Borrowed("given the results of its tool calls")),
            Some(error) => ("failed", Cow::Owned(error.clone())),
        };
        let decision = format!("{} {what}", end.attempt.model);
        self.record_since(from, TraceStage::Call, decision, reason, "tool_loop", cost);
        answer.rounds.push(self.attempts.len());
        self.account(end.attempt);
        answer.response = end.outcome?;
        Ok(())
    }
}
