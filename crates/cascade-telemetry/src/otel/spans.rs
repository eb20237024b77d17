//! The spans of a finished run: the run, below it its stages, below those the calls of models.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cascade_core::{Attempt, AttemptOutcome, AttemptRole, Priced, TraceStage, Verdict};
use opentelemetry::trace::{Span, SpanBuilder, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracer, SpanData, SpanProcessor};
use parking_lot::Mutex;

use super::config::OpenTelemetryConfig;
use super::conventions::{Attributes, Conventions, conventions};
use super::instruments::seconds;
use super::open_run::{Decision, FinishedRun, OpenRun, Summary};

/// Name of the span of a whole run.
const RUN: &str = "cascadeflow.run";
/// Step of the calls that follow executed tools.
const TOOLS: &str = "tools";
/// Longest text of a decision or rule that is kept, in bytes.
const MAX_BYTES: usize = 200;

/// Keeps the spans that ended until they are taken.
#[derive(Debug, Clone, Default)]
pub(super) struct Collector {
    ended: Arc<Mutex<Vec<SpanData>>>,
}

impl Collector {
    pub(super) fn take(&self) -> Vec<SpanData> {
        std::mem::take(&mut self.ended.lock())
    }
}

impl SpanProcessor for Collector {
    fn on_start(&self, _span: &mut opentelemetry_sdk::trace::Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.ended.lock().push(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Makes the spans of runs.
pub(super) struct SpanMaker {
    tracer: SdkTracer,
    names: &'static Conventions,
    user_labels: bool,
}

impl SpanMaker {
    pub(super) fn new(tracer: SdkTracer, config: &OpenTelemetryConfig) -> Self {
        Self { tracer, names: conventions(), user_labels: config.user_labels }
    }

    /// Makes the spans of `finished`.
    pub(super) fn make(&self, finished: FinishedRun) {
        let FinishedRun { run, end } = finished;
        let times = Times { began: UNIX_EPOCH + run.at };
        let names = &self.names.attributes;
        let mut attributes = self.of_run(&run);
        attributes.push(KeyValue::new(names.run_outcome.key(), end.outcome));
        match &end.answer {
            Ok(summary) => attributes.extend(self.of_summary(summary)),
            Err(kind) => attributes.push(KeyValue::new(names.error_type.key(), kind.code())),
        }
        let above = Context::new();
        let above = match &run.parent {
            Some(parent) => above.with_remote_span_context(parent.clone()),
            None => above,
        };
        let mut root = self.start(RUN, SpanKind::Internal, times.at(0.0), attributes, &above);
        if let Err(kind) = &end.answer {
            root.set_status(Status::error(kind.code()));
        }
        for decision in run.decisions.iter().filter(|decision| is_event(decision.stage)) {
            let attributes = vec![
                KeyValue::new(names.decision.key(), shortened(&decision.outcome)),
                KeyValue::new(names.rule.key(), shortened(&decision.rule)),
            ];
            root.add_event_with_timestamp(
                stage_name(decision.stage),
                times.at(decision.at_ms),
                attributes,
            );
        }
        let below = above.with_span(root);
        self.stages(&run, &times, &below);
        self.calls(&run, end.answer.as_ref().ok(), &times, &below);
        below.span().end_with_timestamp(times.at(end.total_ms));
    }

    /// The stages that call no model.
    fn stages(&self, run: &OpenRun, times: &Times, below: &Context) {
        // The engine tells verdicts in the order in which it records them.
        let mut verdicts = run.attempts.iter().filter_map(|attempt| attempt.verdict.as_ref());
        for decision in run.decisions.iter().filter(|decision| is_span(decision.stage)) {
            let mut attributes = self.of_decision(decision);
            if decision.stage == TraceStage::Judge
                && let Some(verdict) = verdicts.next()
            {
                attributes.extend(of_verdict(&self.names.attributes, verdict));
            }
            let from = times.at(decision.at_ms - decision.duration_ms);
            let name = stage_name(decision.stage);
            let mut span = self.start(name, SpanKind::Internal, from, attributes, below);
            span.end_with_timestamp(times.at(decision.at_ms));
        }
    }

    /// The calls of models, those of one stage below a span of the stage.
    fn calls(&self, run: &OpenRun, summary: Option<&Summary>, times: &Times, below: &Context) {
        for group in groups(&run.attempts) {
            let first = &group[0];
            if &*first.step == TOOLS {
                for attempt in group {
                    self.call(run, attempt, summary, times, below);
                }
                continue;
            }
            let names = &self.names.attributes;
            let attributes = vec![
                KeyValue::new(names.stage.key(), first.role.as_str()),
                KeyValue::new(names.step.key(), first.step.to_string()),
            ];
            let from = times.at(first.started_ms);
            let kind = SpanKind::Internal;
            let span = self.start(first.role.as_str(), kind, from, attributes, below);
            let stage = below.with_span(span);
            let mut until = 0.0_f64;
            for attempt in group {
                until = until.max(ended_ms(attempt));
                self.call(run, attempt, summary, times, &stage);
            }
            stage.span().end_with_timestamp(times.at(until));
        }
    }

    fn call(
        &self,
        run: &OpenRun,
        attempt: &Attempt,
        summary: Option<&Summary>,
        times: &Times,
        below: &Context,
    ) {
        let names = &self.names.attributes;
        let mut attributes = self.of_attempt(run, attempt);
        if let Some(summary) = summary {
            let text = match (attempt.outcome, attempt.role) {
                (AttemptOutcome::Accepted, _) if attempt.model[..] == summary.model => {
                    summary.output.as_ref()
                }
                (AttemptOutcome::Rejected, AttemptRole::Draft) => summary.draft.as_ref(),
                _ => None,
            };
            if let Some(text) = text {
                attributes.push(KeyValue::new(names.output_messages.key(), text.clone()));
            }
        }
        let name = format!("chat {}", attempt.model);
        let from = times.at(attempt.started_ms);
        let mut span = self.start(name, SpanKind::Client, from, attributes, below);
        if let Some(kind) = attempt.error_kind {
            span.set_status(Status::error(kind.code()));
        }
        span.end_with_timestamp(times.at(ended_ms(attempt)));
    }

    fn start(
        &self,
        name: impl Into<std::borrow::Cow<'static, str>>,
        kind: SpanKind,
        from: SystemTime,
        attributes: Vec<KeyValue>,
        above: &Context,
    ) -> opentelemetry_sdk::trace::Span {
        let builder = SpanBuilder::from_name(name)
            .with_kind(kind)
            .with_start_time(from)
            .with_attributes(attributes);
        self.tracer.build_with_context(builder, above)
    }

    fn of_run(&self, run: &OpenRun) -> Vec<KeyValue> {
        let names = &self.names.attributes;
        let mut attributes = vec![
            KeyValue::new(names.run_id.key(), run.run.to_string()),
            KeyValue::new(names.attempts.key(), integer(run.attempts.len() as u64)),
        ];
        if let Some(rule) = &run.rule {
            attributes.push(KeyValue::new(names.rule.key(), shortened(rule)));
        }
        if let Some(user) = run.user_id.as_ref().filter(|_| self.user_labels) {
            attributes.push(KeyValue::new(names.user_id_span.key(), user.clone()));
        }
        if let Some(tier) = run.user_tier.as_ref().filter(|_| self.user_labels) {
            attributes.push(KeyValue::new(names.label_user_tier.key(), tier.clone()));
        }
        let contents =
            [(names.input_messages, &run.input), (names.system_instructions, &run.system)];
        for (name, text) in contents {
            if let Some(text) = text {
                attributes.push(KeyValue::new(name.key(), text.clone()));
            }
        }
        attributes
    }

    fn of_summary(&self, summary: &Summary) -> Vec<KeyValue> {
        let names = &self.names.attributes;
        let mut attributes = vec![
            KeyValue::new(names.route.key(), summary.route),
            KeyValue::new(names.complexity.key(), summary.complexity),
            KeyValue::new(names.response_model.key(), summary.model.clone()),
            KeyValue::new(
                names.provider_name.key(),
                self.names.provider(&summary.provider).to_owned(),
            ),
            KeyValue::new(names.draft_accepted.key(), summary.draft_accepted),
            KeyValue::new(names.escalated.key(), summary.escalated),
            KeyValue::new(names.cache_hit.key(), summary.cache_hit),
            KeyValue::new(names.cost_usd.key(), summary.cost),
            KeyValue::new(names.cost_baseline_usd.key(), summary.baseline),
            KeyValue::new(names.cost_saved_usd.key(), summary.saved),
            KeyValue::new(names.total_tokens.key(), integer(summary.tokens)),
        ];
        if let Some(domain) = &summary.domain {
            attributes.push(KeyValue::new(names.run_domain.key(), domain.to_string()));
        }
        if summary.unpriced {
            attributes.push(KeyValue::new(names.priced.key(), Priced::Unpriced.as_str()));
        }
        if let Some(output) = &summary.output {
            attributes.push(KeyValue::new(names.output_messages.key(), output.clone()));
        }
        attributes
    }

    fn of_decision(&self, decision: &Decision) -> Vec<KeyValue> {
        let names = &self.names.attributes;
        vec![
            KeyValue::new(names.stage.key(), stage_name(decision.stage)),
            KeyValue::new(names.decision.key(), shortened(&decision.outcome)),
            KeyValue::new(names.rule.key(), shortened(&decision.rule)),
        ]
    }

    fn of_attempt(&self, run: &OpenRun, attempt: &Attempt) -> Vec<KeyValue> {
        let names = &self.names.attributes;
        let usage = &attempt.usage;
        let mut attributes = vec![
            KeyValue::new(names.operation_name.key(), "chat"),
            KeyValue::new(
                names.provider_name.key(),
                self.names.provider(&attempt.provider).to_owned(),
            ),
            KeyValue::new(names.request_model.key(), attempt.model.to_string()),
            KeyValue::new(names.role.key(), attempt.role.as_str()),
            KeyValue::new(names.step.key(), attempt.step.to_string()),
            KeyValue::new(names.attempt_outcome.key(), attempt.outcome.as_str()),
            KeyValue::new(names.usage_input_tokens.key(), integer(usage.input_tokens)),
            KeyValue::new(names.usage_output_tokens.key(), integer(usage.output_tokens)),
            KeyValue::new(names.cost_usd.key(), attempt.cost.to_f64()),
            KeyValue::new(names.priced.key(), attempt.priced.as_str()),
        ];
        let written = usage.cache_write_5m_tokens.saturating_add(usage.cache_write_1h_tokens);
        let details = [
            (names.usage_cache_read_tokens, usage.cached_input_tokens),
            (names.usage_cache_creation_tokens, written),
            (names.usage_reasoning_tokens, usage.reasoning_tokens),
        ];
        for (name, count) in details.into_iter().filter(|(_, count)| *count > 0) {
            attributes.push(KeyValue::new(name.key(), integer(count)));
        }
        let request = &run.request;
        if let Some(most) = request.max_tokens {
            attributes.push(KeyValue::new(names.request_max_tokens.key(), i64::from(most)));
        }
        if let Some(seed) = request.seed {
            attributes.push(KeyValue::new(names.request_seed.key(), seed));
        }
        let numbers = [
            (names.request_temperature, request.temperature),
            (names.request_top_p, request.top_p),
            (names.response_time_to_first_chunk, attempt.first_chunk_ms.map(seconds)),
        ];
        for (name, number) in numbers {
            if let Some(number) = number {
                attributes.push(KeyValue::new(name.key(), number));
            }
        }
        if let Some(model) = &attempt.response_model {
            attributes.push(KeyValue::new(names.response_model.key(), model.to_string()));
        }
        if let Some(reason) = attempt.finish_reason {
            let reasons = vec![StringValue::from(reason.as_str())];
            attributes.push(KeyValue::new(
                names.response_finish_reasons.key(),
                Value::Array(Array::String(reasons)),
            ));
        }
        if let Some(kind) = attempt.error_kind {
            attributes.push(KeyValue::new(names.error_type.key(), kind.code()));
        }
        attributes
    }
}

/// The moments of one run.
struct Times {
    began: SystemTime,
}

impl Times {
    /// `ms` milliseconds after the run began.
    fn at(&self, ms: f64) -> SystemTime {
        let after = Duration::try_from_secs_f64(seconds(ms.max(0.0))).unwrap_or_default();
        self.began + after
    }
}

/// Calls of one stage: the same part and step, side by side in time.
fn groups(attempts: &[Attempt]) -> Vec<Vec<&Attempt>> {
    let mut groups: Vec<Vec<&Attempt>> = Vec::new();
    let mut until = 0.0_f64;
    for attempt in attempts {
        match groups.last_mut() {
            Some(group)
                if group[0].role == attempt.role
                    && group[0].step == attempt.step
                    && attempt.started_ms < until =>
            {
                group.push(attempt);
                until = until.max(ended_ms(attempt));
            }
            _ => {
                until = ended_ms(attempt);
                groups.push(vec![attempt]);
            }
        }
    }
    for group in &mut groups {
        group.sort_by(|a, b| a.started_ms.total_cmp(&b.started_ms));
    }
    groups
}

fn ended_ms(attempt: &Attempt) -> f64 {
    attempt.started_ms + attempt.latency_ms
}

fn of_verdict(names: &Attributes, verdict: &Verdict) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new(names.judge_score.key(), verdict.score),
        KeyValue::new(names.judge_confidence.key(), verdict.confidence),
        KeyValue::new(names.judge_threshold.key(), verdict.threshold),
    ];
    let failed: Vec<StringValue> =
        verdict.failed_checks().map(|name| StringValue::from(name.to_owned())).collect();
    if !failed.is_empty() {
        let failed = Value::Array(Array::String(failed));
        attributes.push(KeyValue::new(names.judge_failed_checks.key(), failed));
    }
    attributes
}

/// Whether a decision of this stage is a span; those that take no time are events of the run.
const fn is_span(stage: TraceStage) -> bool {
    use TraceStage as S;
    matches!(stage, S::Cache | S::Budget | S::Route | S::Judge | S::Tools)
}

const fn is_event(stage: TraceStage) -> bool {
    use TraceStage as S;
    matches!(stage, S::Analyse | S::Escalate | S::Fallback)
}

const fn stage_name(stage: TraceStage) -> &'static str {
    match stage {
        TraceStage::Analyse => "analyse",
        TraceStage::Cache => "cache",
        TraceStage::Budget => "budget",
        TraceStage::Route => "route",
        TraceStage::Call => "call",
        TraceStage::Judge => "judge",
        TraceStage::Escalate => "escalate",
        TraceStage::Fallback => "fallback",
        TraceStage::Tools => TOOLS,
        TraceStage::Account => "account",
    }
}

fn shortened(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_BYTES)].to_owned()
}

fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
