//! Executes tool calls and asks on, where a handler is set.

use std::sync::Arc;

use super::call::CallPlan;
use super::outcome::Answer;
use super::run::Run;
use super::steps::{Answered, Progress};
use crate::error::Result;
use crate::ports::ToolHandler;
use crate::types::{ChatResponse, Message, Part, PlanStep, Role, StepGate, TraceStage, Usd};

/// Rounds of tool execution when the call does not say.
pub(super) const DEFAULT_MAX_STEPS: u32 = 5;

/// What a step gives after its tools were executed.
#[expect(clippy::large_enum_variant, reason = "made once a step and taken apart at once")]
pub(super) enum Given {
    /// An answer: text, or calls that are left to the caller.
    Answer(Answer),
    /// The text that the tools led to was judged and rejected.
    Rejected,
    /// The model failed when it was given the results.
    Failed,
}

impl Run<'_> {
    /// Executes the tool calls of an accepted answer, gives the model their results and takes its
    /// next answer, until it calls no more or the run's rounds are used up; then open calls stay with
    /// the answer. The text in which it ends is judged as the step's answer.
    ///
    /// Calls and results become part of the conversation, so that whichever model is asked next
    /// goes on from them and no tool is executed again for it.
    ///
    /// # Errors
    /// The error of a tool, or one that ends the run.
    pub(super) async fn run_tools(
        &mut self,
        step: &PlanStep,
        mut answer: Answer,
        next: Option<usize>,
        progress: &mut Progress,
    ) -> Result<Given> {
        let Some(handler) = self.inner.tool_handler.clone() else {
            return Ok(Given::Answer(answer));
        };
        let most = self.options.max_steps.unwrap_or(DEFAULT_MAX_STEPS);
        while !answer.response.tool_calls.is_empty() && self.tool_rounds < most {
            self.tool_rounds += 1;
            self.execute_calls(&*handler, &answer.response).await?;
            let Some(answered) = self.ask_on(step, &answer, progress).await? else {
                return Ok(Given::Failed);
            };
            let role = answer.role;
            let taken = if answered.response.tool_calls.is_empty() {
                self.judge_answers(step, role, vec![answered], next, progress).await?
            } else {
                Some(self.accept(answered, role, None).await)
            };
            let Some(taken) = taken else { return Ok(Given::Rejected) };
            let mut rounds = answer.rounds;
            rounds.extend(taken.rounds);
            answer = Answer { rounds, ..taken };
        }
        Ok(Given::Answer(answer))
    }

    /// Executes the calls of `response` in their order and goes on with the conversation.
    async fn execute_calls(
        &mut self,
        handler: &dyn ToolHandler,
        response: &ChatResponse,
    ) -> Result<()> {
        let from = self.now();
        let calls = &response.tool_calls;
        let mut parts = response.thinking.clone();
        if !response.content.is_empty() {
            parts.push(Part::text(response.content.clone()));
        }
        parts.extend(calls.iter().cloned().map(Part::ToolCall));
        let mut messages = vec![Message { role: Role::Assistant, parts, name: None }];
        for call in calls {
            let output = self.within_deadline(handler.call(call)).await??;
            let result = Part::ToolResult {
                call_id: call.id.clone(),
                content: output.content,
                is_error: output.is_error,
            };
            messages.push(Message { role: Role::Tool, parts: vec![result], name: None });
        }
        self.conversation.extend(messages);
        self.waited += self.now().saturating_sub(from);
        let names: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
        let (decision, reason) =
            (format!("executed {}", names.join(", ")), "the answer calls tools");
        self.record_since(from, TraceStage::Tools, decision, reason, "tool_loop", Usd::ZERO);
        Ok(())
    }

    /// Asks the model of `answer` to go on; `None` when it fails, which `progress` then tells.
    async fn ask_on(
        &mut self,
        step: &PlanStep,
        answer: &Answer,
        progress: &mut Progress,
    ) -> Result<Option<Answered>> {
        self.cover(std::iter::once(answer.index)).await?;
        let from = self.now();
        let judged = step.gate != StepGate::Open;
        let call = CallPlan {
            index: answer.index,
            role: answer.role,
            step: Arc::from("tools"),
            messages: self.messages(),
            judged,
            show: self.show(answer.role, judged, true),
        };
        let end = self.call(call).await;
        self.waited += end.took;
        let (mut answered, mut fatal) = (Vec::with_capacity(1), None);
        let asked = (from, "given the results of its tool calls");
        self.take_end(answer.index, end, asked, &mut answered, &mut fatal, progress);
        match fatal {
            Some(error) => Err(error),
            None => Ok(answered.pop().map(|answered| Answered { after_tools: true, ..answered })),
        }
    }
}
