//! Follows a plan step by step.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::call::{CallEnd, CallPlan, Show};
use super::outcome::{Answer, Draft};
use super::run::Run;
use super::tool_loop::Given;
use crate::error::{Error, ErrorKind, Result};
use crate::types::{
    Attempt, AttemptOutcome, AttemptRole, ChatResponse, Message, Plan, PlanStep, Route, StepGate,
    StreamEvent, StreamPhase, StreamPolicy, TraceStage,
};

/// What has become of a plan so far.
#[derive(Default)]
pub(super) struct Progress {
    /// The judged draft whose text and score the result tells of.
    pub(super) draft: Option<Draft>,
    /// Failures in order, with the model's name.
    pub(super) failures: Vec<Error>,
    /// Why answers were rejected, in order.
    pub(super) rejections: Vec<Cow<'static, str>>,
    /// The answer given up, until another is asked for.
    pub(super) left: Option<Left>,
    /// Models that were asked.
    asked: Vec<usize>,
    /// Whether another model was called after a rejection or failure.
    pub(super) escalated: bool,
}

/// An answer that was given up.
pub(super) struct Left {
    /// Position of its model.
    pub(super) index: usize,
    /// Why.
    pub(super) reason: Cow<'static, str>,
    /// Whether it had passed: the strategy runs every step.
    pub(super) passed: bool,
}

impl Run<'_> {
    /// Follows `plan` to an accepted answer.
    ///
    /// # Errors
    /// The composed failure when no step gives one.
    pub(super) async fn follow(&mut self, plan: &Plan) -> Result<Answer> {
        self.announce(plan).await;
        let mut progress = Progress::default();
        let mut accepted = None;
        for (position, step) in plan.steps.iter().enumerate() {
            let answer = self.take_step(plan, position, step, &mut progress).await?;
            let Some(answer) = answer else { continue };
            if !plan.run_all_steps {
                accepted = Some((position, answer));
                break;
            }
            let reason = Cow::Borrowed("every step of the strategy runs");
            progress.left = Some(Left { index: answer.index, reason, passed: true });
            accepted = Some((position, answer));
        }
        let asked_on = |at: &(usize, Answer)| plan.run_all_steps && at.0 + 1 < plan.steps.len();
        if let Some((_, answer)) = accepted.as_ref().filter(|at| asked_on(at)) {
            self.show_again(answer, &mut progress).await;
        }
        let mut accepted = accepted.map(|(_, answer)| answer);
        if accepted.is_none() && !progress.failures.is_empty() {
            accepted = self.fall_back(plan, &mut progress).await?;
        }
        let Some(mut answer) = accepted else {
            return Err(self.compose_failure(progress));
        };
        answer.draft = progress.draft;
        answer.escalated = progress.escalated;
        Ok(answer)
    }

    /// Takes a stream back to an answer whose later steps gave none.
    async fn show_again(&mut self, answer: &Answer, progress: &mut Progress) {
        progress.left = None;
        if self.sink.is_none() {
            return;
        }
        let member = self.member(answer.index);
        let (model, provider) = (&member.name, &member.provider_name);
        let from_model = self
            .attempts
            .last()
            .map_or_else(|| Arc::clone(model), |attempt| Arc::clone(&attempt.model));
        let reason = Cow::Borrowed("the later steps of the strategy gave no answer");
        self.send(StreamEvent::Switch { from_model, to_model: Arc::clone(model), reason }).await;
        let (content, calls) = (&answer.response.content, &answer.response.tool_calls);
        self.show_whole(content, calls, (model, provider), phase_of(answer.role)).await;
    }

    async fn announce(&mut self, plan: &Plan) {
        if self.sink.is_none() {
            return;
        }
        let first = self.member(plan.steps[0].models[0]);
        self.send(StreamEvent::Routing {
            route: plan.route,
            complexity: self.complexity,
            reason: plan.reason.clone(),
            model: Arc::clone(&first.name),
            provider: Arc::clone(&first.provider_name),
        })
        .await;
    }

    /// Takes one step with its retries and fallbacks; `None` when it gave no accepted answer.
    async fn take_step(
        &mut self,
        plan: &Plan,
        position: usize,
        step: &PlanStep,
        progress: &mut Progress,
    ) -> Result<Option<Answer>> {
        let role = match plan.route {
            Route::Direct => AttemptRole::Direct,
            Route::Strategy => AttemptRole::Step,
            Route::Cascade if position == 0 => AttemptRole::Draft,
            Route::Cascade => AttemptRole::Verifier,
        };
        let next = plan.steps.get(position + 1).map(|next| next.models[0]);
        for _ in 0..=step.retries {
            let answered = self.ask(step, role, &step.models, step.samples, progress).await?;
            if answered.is_empty() {
                continue;
            }
            let Some(answer) = self.judge_answers(step, role, answered, next, progress).await?
            else {
                continue;
            };
            if let Given::Answer(answer) = self.run_tools(step, answer, next, progress).await? {
                return Ok(Some(answer));
            }
        }
        for index in &step.fallbacks {
            let role = AttemptRole::Fallback;
            let answered = self.ask(step, role, &[*index], 1, progress).await?;
            if answered.is_empty() {
                continue;
            }
            let Some(answer) = self.judge_answers(step, role, answered, next, progress).await?
            else {
                return Ok(None);
            };
            match self.run_tools(step, answer, next, progress).await? {
                Given::Answer(answer) => return Ok(Some(answer)),
                Given::Rejected => return Ok(None),
                Given::Failed => {}
            }
        }
        Ok(None)
    }

    /// Asks the agent's fallback models that were not asked yet; any answer counts.
    async fn fall_back(&mut self, plan: &Plan, progress: &mut Progress) -> Result<Option<Answer>> {
        let Some(last) = plan.steps.last() else { return Ok(None) };
        let mut step = last.clone();
        step.gate = StepGate::Open;
        for index in self.inner.fallbacks.clone() {
            if progress.asked.contains(&index) || !self.is_allowed(index) {
                continue;
            }
            self.record(
                TraceStage::Fallback,
                self.member(index).config.name.clone(),
                "every planned model failed",
                "fallbacks",
            );
            let answered = self.ask(&step, AttemptRole::Fallback, &[index], 1, progress).await?;
            if answered.is_empty() {
                continue;
            }
            let role = AttemptRole::Fallback;
            let answer = self.judge_answers(&step, role, answered, None, progress).await?;
            let Some(answer) = answer else { return Ok(None) };
            if let Given::Answer(answer) = self.run_tools(&step, answer, None, progress).await? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    /// Calls models at once and gives the answers; failures go to `progress`.
    async fn ask(
        &mut self,
        step: &PlanStep,
        role: AttemptRole,
        models: &[usize],
        samples: u32,
        progress: &mut Progress,
    ) -> Result<Vec<Answered>> {
        let judged = step.gate != StepGate::Open;
        let single = models.len() == 1 && samples == 1;
        if let Some(left) = progress.left.take() {
            self.switch(left, models, progress).await;
        }
        let calls = || models.iter().flat_map(|index| (0..samples).map(move |_| *index));
        self.cover(calls()).await?;
        let from = self.now();
        let show = self.show(role, judged, single);
        let call = |index: usize| CallPlan {
            index,
            role,
            step: Arc::clone(&step.name),
            messages: self.messages(),
            judged,
            show,
        };
        let ends = if single {
            vec![(models[0], self.call(call(models[0])).await)]
        } else {
            let order: Vec<usize> = calls().collect();
            let calls = order.iter().map(|index| self.call(call(*index)));
            let ends = join_all(calls).await;
            order.iter().copied().zip(ends).collect()
        };
        self.waited += ends.iter().map(|(_, end)| end.took).max().unwrap_or_default();
        let mut answered = Vec::with_capacity(ends.len());
        let mut fatal = None;
        for (index, end) in ends {
            progress.asked.push(index);
            let asked = asked_as(role);
            self.take_end(index, end, (from, asked), &mut answered, &mut fatal, progress);
        }
        match fatal {
            Some(error) => {
                for mut answer in answered {
                    answer.attempt.outcome = AttemptOutcome::NotChosen;
                    self.account(answer.attempt);
                }
                Err(error)
            }
            None => Ok(answered),
        }
    }

    /// Tells that an answer is given up for those of `models`: an escalation when another model is
    /// asked because this one failed or was rejected.
    async fn switch(&mut self, left: Left, models: &[usize], progress: &mut Progress) {
        let Left { index, reason, passed } = left;
        let again = models.contains(&index);
        let (stage, rule) = match (passed, again) {
            (true, _) => (TraceStage::Escalate, "run_all_steps"),
            (false, true) => (TraceStage::Fallback, "retry"),
            (false, false) => (TraceStage::Escalate, "next_step"),
        };
        progress.escalated |= !passed && !again;
        let from_model = Arc::clone(&self.member(index).name);
        let to_model = Arc::clone(&self.member(models[0]).name);
        self.record(stage, to_model.to_string(), reason.clone(), rule);
        self.send(StreamEvent::Switch { from_model, to_model, reason }).await;
    }

    /// Takes what a call gave that was begun at `from`, and made as `asked` says.
    pub(super) fn take_end(
        &mut self,
        index: usize,
        end: CallEnd,
        (from, asked): (Duration, &'static str),
        answered: &mut Vec<Answered>,
        fatal: &mut Option<Error>,
        progress: &mut Progress,
    ) {
        let CallEnd { outcome, attempt, kept, shown, .. } = end;
        let what = match &outcome {
            Ok(_) => "answered",
            Err(_) => "failed",
        };
        let decision = format!("{} {what}", attempt.model);
        let reason = match &attempt.error {
            Some(error) => Cow::Owned(error.clone()),
            None => Cow::Borrowed(asked),
        };
        let rule = Cow::Owned(attempt.step.to_string());
        self.record_since(from, TraceStage::Call, decision, reason, rule, attempt.cost);
        match outcome {
            Ok(response) => {
                let after_tools = false;
                answered.push(Answered { index, response, attempt, kept, shown, after_tools });
            }
            Err(error) => {
                let failure = match attempt.role {
                    AttemptRole::Draft => Cow::Borrowed("draft_generation_failed"),
                    _ => Cow::Owned(format!("{} failed: {}", attempt.model, error.message())),
                };
                progress.left = Some(Left { index, reason: failure, passed: false });
                self.account(attempt);
                let ends_run = error.kind() == ErrorKind::Cancelled
                    || (error.kind() == ErrorKind::Timeout && error.field() == Some("deadline"));
                if ends_run && fatal.is_none() {
                    *fatal = Some(error);
                } else {
                    progress.failures.push(error);
                }
            }
        }
    }

    pub(super) fn show(&self, role: AttemptRole, judged: bool, single: bool) -> Show {
        if self.sink.is_none() || !single {
            return Show::Whole;
        }
        let phase = phase_of(role);
        if judged && self.stream_policy == StreamPolicy::Buffer {
            Show::Kept(phase)
        } else {
            Show::Live(phase)
        }
    }

    pub(super) fn messages(&self) -> Arc<[Message]> {
        Arc::clone(&self.conversation.messages)
    }
}

/// An answer before its judgement.
pub(super) struct Answered {
    pub(super) index: usize,
    pub(super) response: ChatResponse,
    pub(super) attempt: Attempt,
    pub(super) kept: Vec<StreamEvent>,
    pub(super) shown: bool,
    /// Whether the model was given the results of its tool calls.
    pub(super) after_tools: bool,
}

/// Why a model was asked.
const fn asked_as(role: AttemptRole) -> &'static str {
    match role {
        AttemptRole::Draft => "asked for a draft",
        AttemptRole::Verifier => "asked as the verifier",
        AttemptRole::Direct => "asked directly",
        AttemptRole::Fallback => "asked as a fallback",
        AttemptRole::Step => "asked by a step of the strategy",
        AttemptRole::Embedding => "asked for vectors",
    }
}

pub(super) fn phase_of(role: AttemptRole) -> StreamPhase {
    match role {
        AttemptRole::Draft => StreamPhase::Draft,
        AttemptRole::Verifier | AttemptRole::Fallback => StreamPhase::Verifier,
        AttemptRole::Direct | AttemptRole::Step | AttemptRole::Embedding => StreamPhase::Direct,
    }
}
