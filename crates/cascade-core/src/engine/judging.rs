//! Judges the answers of a step and takes one.

use std::borrow::Cow;
use std::sync::Arc;

use super::outcome::{Answer, Draft};
use super::run::Run;
use super::steps::{Answered, Left, Progress, phase_of};
use crate::error::{Error, ErrorKind, Result};
use crate::ports::JudgeInput;
use crate::types::{
    AttemptOutcome, AttemptRole, ChatResponse, CheckOutcome, PlanStep, StepGate, StreamEvent,
    StreamPhase, ToolCall, ToolCallDelta, TraceStage, Usd, Verdict,
};

impl Run<'_> {
    /// Judges the answers of one step and settles each attempt.
    pub(super) async fn judge_answers(
        &mut self,
        step: &PlanStep,
        role: AttemptRole,
        mut answered: Vec<Answered>,
        next: Option<usize>,
        progress: &mut Progress,
    ) -> Result<Option<Answer>> {
        if step.gate == StepGate::Open && answered.len() == 1 {
            let Some(answer) = answered.pop() else { return Ok(None) };
            return Ok(Some(self.accept(answer, role, None).await));
        }
        let from = self.now();
        let judged = self.verdicts(step, &answered).await;
        let (chosen, verdicts) = match judged {
            Ok((chosen, mut verdicts)) => {
                for (answer, verdict) in answered.iter().zip(&mut verdicts) {
                    refuse_empty(&answer.response, verdict);
                }
                (chosen, verdicts)
            }
            Err(error) => {
                for mut answer in answered {
                    answer.attempt.outcome = AttemptOutcome::Rejected;
                    self.account(answer.attempt);
                }
                return Err(error);
            }
        };
        let took = self.now().saturating_sub(from);
        self.judge_time = Some(self.judge_time.unwrap_or_default() + took);
        let rule = rule_of(&step.gate);
        let mut pick = None;
        for (position, (mut answer, verdict)) in answered.into_iter().zip(verdicts).enumerate() {
            if position == chosen {
                pick = Some((answer, verdict));
                continue;
            }
            let (outcome, decision) = if verdict.accepted {
                (AttemptOutcome::NotChosen, "not_chosen")
            } else {
                (AttemptOutcome::Rejected, "rejected")
            };
            answer.attempt.outcome = outcome;
            let reason = verdict.reason.clone();
            self.record_since(from, TraceStage::Judge, decision, reason, rule.clone(), Usd::ZERO);
            answer.attempt.verdict = Some(verdict);
            self.account(answer.attempt);
        }
        let Some((answer, verdict)) = pick else { return Ok(None) };
        let decision = if verdict.accepted { "accepted" } else { "rejected" };
        let reason = verdict.reason.clone();
        self.record_since(from, TraceStage::Judge, decision, reason, rule, Usd::ZERO);
        if step.gate != StepGate::Open {
            progress.draft = Some(Draft {
                index: answer.index,
                text: answer.response.content.clone(),
                verdict: verdict.clone(),
            });
        }
        let decided = StreamEvent::DraftDecision {
            verdict: verdict.clone(),
            draft_model: Arc::clone(&answer.attempt.model),
            verifier_model: next.map(|index| Arc::clone(&self.member(index).name)),
        };
        if verdict.accepted {
            return Ok(Some(self.accept(answer, role, Some((verdict, decided))).await));
        }
        self.send(decided).await;
        let reason = verdict.reason.clone();
        progress.left = Some(Left { index: answer.index, reason, passed: false });
        progress.rejections.push(verdict.reason.clone());
        let mut attempt = answer.attempt;
        attempt.outcome = AttemptOutcome::Rejected;
        attempt.verdict = Some(verdict);
        self.account(attempt);
        Ok(None)
    }

    /// Takes an answer and accounts it, then shows what was kept of it and tells of the decision.
    /// Accounted first: a caller may leave the stream as soon as it saw the answer.
    pub(super) async fn accept(
        &mut self,
        answer: Answered,
        role: AttemptRole,
        judged: Option<(Verdict, StreamEvent)>,
    ) -> Answer {
        let Answered { index, response, mut attempt, kept, shown, .. } = answer;
        let (model, provider) = (Arc::clone(&attempt.model), Arc::clone(&attempt.provider));
        let (verdict, decided) = judged.unzip();
        attempt.outcome = AttemptOutcome::Accepted;
        attempt.verdict = verdict;
        let rounds = vec![self.attempts.len()];
        self.account(attempt);
        if self.sink.is_some() {
            let nothing_kept = kept.is_empty();
            for event in kept {
                self.send(event).await;
            }
            if nothing_kept && !shown {
                let phase = phase_of(role);
                let (content, calls) = (&response.content, &response.tool_calls);
                self.show_whole(content, calls, (&model, &provider), phase).await;
            }
        }
        if let Some(decided) = decided {
            self.send(decided).await;
        }
        Answer { index, response, rounds, role, draft: None, escalated: false }
    }

    /// Sends an answer that is there in one piece.
    pub(super) async fn show_whole(
        &self,
        content: &str,
        calls: &[ToolCall],
        (model, provider): (&Arc<str>, &Arc<str>),
        phase: StreamPhase,
    ) {
        if !content.is_empty() {
            self.send(StreamEvent::Chunk {
                text: content.to_owned(),
                phase,
                model: Arc::clone(model),
                provider: Arc::clone(provider),
            })
            .await;
        }
        for (index, call) in calls.iter().enumerate() {
            let delta = ToolCallDelta {
                index,
                id: Some(call.id.clone()),
                name: Some(call.name.clone()),
                arguments: call.arguments.clone(),
            };
            let model = Arc::clone(model);
            self.send(StreamEvent::ToolCall { delta, phase, model }).await;
        }
    }

    /// The chosen position and one verdict for each answer. A judge that fails rejects.
    async fn verdicts(
        &self,
        step: &PlanStep,
        answered: &[Answered],
    ) -> Result<(usize, Vec<Verdict>)> {
        let inputs: Vec<JudgeInput<'_>> =
            answered.iter().map(|answer| self.judge_input(step, answer)).collect();
        let rejected = |error: &Error| reject_all(&inputs, error);
        match &step.gate {
            StepGate::Check(name) => {
                let Some(check) = self.inner.checks.get(&**name) else {
                    return Ok((0, vec![Verdict::unjudged("no such check"); inputs.len()]));
                };
                let mut verdicts = Vec::with_capacity(inputs.len());
                for input in &inputs {
                    let outcome = self.within_deadline(check.check(*input)).await?;
                    verdicts.push(match outcome {
                        Ok(found) => verdict_of_check(found, input.threshold),
                        Err(error) => reject(&error, input.threshold),
                    });
                }
                let chosen = verdicts.iter().position(|v| v.accepted).unwrap_or(0);
                Ok((chosen, verdicts))
            }
            StepGate::Judge => {
                let Some(judge) = &self.inner.judge else {
                    return Ok((0, vec![Verdict::unjudged(UNJUDGED); inputs.len()]));
                };
                if let [input] = inputs.as_slice() {
                    let verdict = match judge.judge_now(*input) {
                        Some(verdict) => verdict,
                        None => self.within_deadline(judge.judge(*input)).await?,
                    };
                    return Ok((0, vec![verdict.unwrap_or_else(|e| reject(&e, input.threshold))]));
                }
                let set = self.within_deadline(judge.judge_set(&inputs)).await?;
                Ok(match set {
                    Ok(set) if set.verdicts.len() == inputs.len() && set.chosen < inputs.len() => {
                        (set.chosen, set.verdicts)
                    }
                    Ok(_) => (
                        0,
                        rejected(&Error::new(
                            ErrorKind::UserCode,
                            "the judge gave no verdict for some draft",
                        )),
                    ),
                    Err(error) => (0, rejected(&error)),
                })
            }
            StepGate::Open => Ok((0, vec![Verdict::unjudged(UNJUDGED); inputs.len()])),
        }
    }

    fn judge_input<'b>(&'b self, step: &PlanStep, answer: &'b Answered) -> JudgeInput<'b> {
        JudgeInput {
            query: &self.query,
            complexity: self.complexity,
            draft: &answer.response,
            model: &self.member(answer.index).config,
            threshold: self.options.quality_threshold.or(step.threshold),
            response_format: self.options.response_format.as_ref(),
            tools: &self.options.tools,
            // What had to be called was called: the answer may be text.
            tool_choice: self.options.tool_choice.as_ref().filter(|_| !answer.after_tools),
        }
    }
}

/// The rule that a trace names for a gate.
fn rule_of(gate: &StepGate) -> Cow<'static, str> {
    match gate {
        StepGate::Judge => Cow::Borrowed("judge"),
        StepGate::Open => Cow::Borrowed("open"),
        StepGate::Check(name) => Cow::Owned(name.to_string()),
    }
}

/// An answer that says nothing is never accepted, whatever a judge finds.
fn refuse_empty(response: &ChatResponse, verdict: &mut Verdict) {
    let empty = response.content.trim().is_empty() && response.tool_calls.is_empty();
    if verdict.accepted && empty {
        verdict.accepted = false;
        verdict.reason = Cow::Borrowed("the answer is empty");
        verdict.checks.push(CheckOutcome::fail("empty", "the answer is empty"));
    }
}

/// The reason where nobody judges.
const UNJUDGED: &str = "accepted without judgement";

fn verdict_of_check(found: CheckOutcome, threshold: Option<f64>) -> Verdict {
    let score = found.score.unwrap_or(if found.passed { 1.0 } else { 0.0 });
    let threshold = threshold.unwrap_or(0.0);
    Verdict {
        accepted: found.passed && score >= threshold,
        score,
        confidence: score,
        threshold,
        reason: found.reason.clone(),
        checks: vec![found],
    }
}

fn reject(error: &Error, threshold: Option<f64>) -> Verdict {
    let reason: Cow<'static, str> = Cow::Owned(format!("the judge failed: {}", error.message()));
    Verdict {
        accepted: false,
        score: 0.0,
        confidence: 0.0,
        threshold: threshold.unwrap_or(0.0),
        reason: reason.clone(),
        checks: vec![CheckOutcome {
            check: Cow::Borrowed("judge"),
            passed: false,
            score: None,
            reason,
        }],
    }
}

fn reject_all(inputs: &[JudgeInput<'_>], error: &Error) -> Vec<Verdict> {
    inputs.iter().map(|input| reject(error, input.threshold)).collect()
}
