//! Turns an accepted answer into the result.

use std::borrow::Cow;
use std::sync::Arc;

use super::run::Run;
use super::trace_recorder::milliseconds;
use crate::types::{
    AttemptRole, CascadeResult, ChatResponse, Plan, Priced, Route, StreamEvent, StreamPhase,
    Timings, TraceStage, Usd, Verdict,
};

/// The judged draft that the result tells of.
pub(super) struct Draft {
    pub(super) index: usize,
    pub(super) text: String,
    pub(super) verdict: Verdict,
}

/// The accepted answer.
pub(super) struct Answer {
    pub(super) index: usize,
    pub(super) response: ChatResponse,
    /// Positions of the attempts that the answer was made in: one, and one for each round of tools.
    pub(super) rounds: Vec<usize>,
    pub(super) role: AttemptRole,
    pub(super) draft: Option<Draft>,
    pub(super) escalated: bool,
}

impl Run<'_> {
    /// Assembles the result; the accounting is done on the attempts alone.
    pub(super) fn finish(mut self, plan: &Plan, answer: Answer) -> CascadeResult {
        let money = self.settle(plan, &answer);
        self.record_since(
            self.now(),
            TraceStage::Account,
            format!("{} USD", money.total),
            if money.unpriced { "every attempt; some price is unknown" } else { "every attempt" },
            "ledger",
            Usd::ZERO,
        );
        let usage = self.total_usage();
        let planned_verifier = plan.steps.last().map_or(answer.index, |step| step.models[0]);
        let answering = self.member(answer.index);
        let answer_model = Arc::clone(&answering.name);
        let answer_provider = Arc::clone(&answering.provider_name);
        let cascade = plan.route == Route::Cascade;
        let drafter = cascade.then(|| {
            let planned = plan.steps[0].models[0];
            self.member(answer.draft.as_ref().map_or(planned, |draft| draft.index))
        });
        let draft_model = drafter.map(|member| Arc::clone(&member.name));
        let draft_accepted = cascade && answer.role == AttemptRole::Draft;
        let verifier_model = if draft_accepted || answer.role == AttemptRole::Verifier {
            Arc::clone(&self.member(planned_verifier).name)
        } else {
            Arc::clone(&answer_model)
        };
        let model_used = match &draft_model {
            Some(draft) if !draft_accepted => Cow::Owned(format!("{draft}+{answer_model}")),
            _ => Cow::Owned(answer_model.to_string()),
        };
        let verdict = answer.draft.as_ref().map(|draft| &draft.verdict);
        let rejection_reason = if draft_accepted {
            None
        } else {
            match verdict {
                Some(verdict) if !verdict.accepted => Some(verdict.reason.clone()),
                _ if cascade => Some(Cow::Borrowed("draft_generation_failed")),
                _ => None,
            }
        };
        let quality = verdict.map(|v| (v.score, v.threshold, v.accepted, v.confidence));
        let verifier_response = (!draft_accepted).then(|| answer.response.content.clone());
        let timings = self.timings(cascade);
        let ChatResponse {
            content, tool_calls, thinking, finish_reason, confidence, metadata, ..
        } = answer.response;
        CascadeResult {
            content,
            tool_calls,
            thinking,
            finish_reason,
            model_used,
            answer_model,
            answer_provider,
            route: plan.route,
            complexity: self.complexity,
            complexity_confidence: if self.options.complexity_hint.is_some() {
                1.0
            } else {
                self.query.complexity_confidence
            },
            domain: plan.domain.clone(),
            domain_confidence: plan.domain_confidence,
            cascaded: self.attempts.iter().any(|a| a.verdict.is_some()) || cascade,
            draft_accepted,
            escalated: answer.escalated,
            cache_hit: false,
            reason: plan.reason.clone(),
            quality_score: quality.map(|q| q.0),
            quality_threshold: quality.map(|q| q.1),
            quality_check_passed: quality.map(|q| q.2),
            rejection_reason,
            draft_response: answer.draft.map(|draft| draft.text),
            verifier_response,
            draft_model,
            verifier_model: Some(verifier_model),
            draft_confidence: quality.map(|q| q.3),
            verifier_confidence: if draft_accepted { None } else { confidence },
            usage,
            total_cost: money.total,
            draft_cost: money.drafts,
            verifier_cost: money.total - money.drafts,
            baseline_cost: money.baseline,
            cost_saved: money.baseline - money.total,
            savings_percentage: (money.baseline - money.total).ratio_of(money.baseline) * 100.0,
            unpriced: money.unpriced,
            attempts: self.attempts,
            timings,
            trace: self.trace.finish(),
            metadata: self.options.metadata,
            provider_metadata: metadata,
        }
    }

    /// Sums the attempts. The baseline is what the answer's tokens, rounds of tools included, would
    /// have cost at the plan's last model: where that model answered, what the answer did cost;
    /// where its price is unknown, the total.
    fn settle(&self, plan: &Plan, answer: &Answer) -> Money {
        let mut money = Money::default();
        for attempt in &self.attempts {
            money.total += attempt.cost;
            if attempt.role == AttemptRole::Draft {
                money.drafts += attempt.cost;
            }
            money.unpriced |= attempt.priced == Priced::Unpriced;
        }
        let strong = plan.steps.last().map_or(answer.index, |step| step.models[0]);
        let answered_by_strong = answer.index == strong;
        let tariff = &self.member(strong).tariff;
        if !answered_by_strong && tariff.is_unknown() {
            // What the strong model would have cost cannot be told, so nothing is said to be saved.
            money.unpriced = true;
            money.baseline = money.total;
            return money;
        }
        for attempt in answer.rounds.iter().map(|position| &self.attempts[*position]) {
            money.baseline +=
                if answered_by_strong { attempt.cost } else { tariff.cost(&attempt.usage) };
        }
        money
    }

    fn timings(&self, cascade: bool) -> Timings {
        let total = self.now().saturating_sub(self.started);
        let mut draft_ms: Option<f64> = None;
        let mut verifier_ms: Option<f64> = None;
        for attempt in &self.attempts {
            if cascade && attempt.role == AttemptRole::Draft {
                // Members of a draft set run side by side.
                draft_ms = Some(draft_ms.unwrap_or(0.0).max(attempt.latency_ms));
            } else {
                verifier_ms = Some(verifier_ms.unwrap_or(0.0) + attempt.latency_ms);
            }
        }
        Timings {
            total_ms: milliseconds(total),
            analysis_ms: milliseconds(self.analysis_time),
            draft_ms,
            judge_ms: self.judge_time.map(milliseconds),
            verifier_ms,
            overhead_ms: milliseconds(total.saturating_sub(self.waited)),
        }
    }

    /// Shows a kept result as a stream would.
    pub(super) async fn stream_cached(&self, result: &CascadeResult) {
        if self.sink.is_none() {
            return;
        }
        self.send(StreamEvent::Routing {
            route: result.route,
            complexity: result.complexity,
            reason: result.reason.clone(),
            model: Arc::clone(&result.answer_model),
            provider: Arc::clone(&result.answer_provider),
        })
        .await;
        let (model, provider) = (&result.answer_model, &result.answer_provider);
        let phase = StreamPhase::Direct;
        self.show_whole(&result.content, &result.tool_calls, (model, provider), phase).await;
    }
}

#[derive(Default)]
struct Money {
    total: Usd,
    drafts: Usd,
    baseline: Usd,
    unpriced: bool,
}
