//! A run while it goes on, and when it has ended.

use std::borrow::Cow;
use std::time::Duration;

use cascade_core::{
    Attempt, CascadeResult, ErrorKind, Input, RunId, RunOptions, TraceStage, TraceStep,
};
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use serde_json::Value;

use super::config::OpenTelemetryConfig;
use super::content;
use super::instruments::{FAILED, Purpose, outcome_of};

/// What is known of a run so far.
pub(super) struct OpenRun {
    pub(super) run: RunId,
    /// When it began, since the Unix epoch.
    pub(super) at: Duration,
    pub(super) user_id: Option<String>,
    pub(super) user_tier: Option<String>,
    pub(super) domain: Option<Cow<'static, str>>,
    pub(super) rule: Option<Cow<'static, str>>,
    pub(super) request: RequestOptions,
    /// The span of the caller; `None` begins a trace of its own.
    pub(super) parent: Option<SpanContext>,
    /// The question as JSON, where content is captured.
    pub(super) input: Option<String>,
    /// The system prompt as JSON, where content is captured.
    pub(super) system: Option<String>,
    pub(super) decisions: Vec<Decision>,
    pub(super) attempts: Vec<Attempt>,
    /// Whether decisions and attempts are kept for spans.
    keeps: bool,
    captures: bool,
}

/// What the caller set; `None` left it to the model or provider.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestOptions {
    pub(super) max_tokens: Option<u32>,
    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    pub(super) seed: Option<i64>,
}

/// A decision of the trace without its reason, which may quote an answer.
pub(super) struct Decision {
    pub(super) stage: TraceStage,
    pub(super) outcome: Cow<'static, str>,
    pub(super) rule: Cow<'static, str>,
    pub(super) at_ms: f64,
    pub(super) duration_ms: f64,
}

/// A run that has ended.
pub(super) struct FinishedRun {
    pub(super) run: OpenRun,
    pub(super) end: End,
}

pub(super) struct End {
    pub(super) total_ms: f64,
    pub(super) outcome: &'static str,
    pub(super) answer: Result<Summary, ErrorKind>,
}

/// What spans tell of a result.
pub(super) struct Summary {
    pub(super) route: &'static str,
    pub(super) complexity: &'static str,
    pub(super) domain: Option<Cow<'static, str>>,
    pub(super) model: String,
    pub(super) provider: String,
    pub(super) draft_accepted: bool,
    pub(super) escalated: bool,
    pub(super) cache_hit: bool,
    pub(super) unpriced: bool,
    pub(super) cost: f64,
    pub(super) baseline: f64,
    pub(super) saved: f64,
    pub(super) tokens: u64,
    /// The answer as JSON, where content is captured.
    pub(super) output: Option<String>,
    /// The draft as JSON, where content is captured.
    pub(super) draft: Option<String>,
}

impl OpenRun {
    pub(super) fn begin(
        run: RunId,
        at: Duration,
        input: &Input,
        options: &RunOptions,
        config: &OpenTelemetryConfig,
    ) -> Self {
        let captures = config.capture_content && config.traces;
        Self {
            run,
            at,
            user_id: options.user_id.clone(),
            user_tier: options.user_tier.clone(),
            domain: options.domain_hint.clone().map(Cow::Owned),
            rule: None,
            request: RequestOptions {
                max_tokens: options.max_tokens,
                temperature: options.temperature,
                top_p: options.top_p,
                seed: options.seed,
            },
            parent: parent_of(options),
            input: captures.then(|| content::input(input)),
            system: options
                .system_prompt
                .as_deref()
                .filter(|_| captures)
                .map(content::system_instructions),
            decisions: Vec::new(),
            attempts: Vec::new(),
            keeps: config.traces,
            captures,
        }
    }

    pub(super) fn purpose(&self) -> Purpose<'_> {
        Purpose {
            user_id: self.user_id.as_deref(),
            user_tier: self.user_tier.as_deref(),
            domain: self.domain.as_deref(),
        }
    }

    pub(super) fn decided(&mut self, step: &TraceStep) {
        if self.keeps {
            self.decisions.push(Decision {
                stage: step.stage,
                outcome: step.decision.clone(),
                rule: step.rule.clone(),
                at_ms: step.at_ms,
                duration_ms: step.duration_ms,
            });
        }
    }

    pub(super) fn attempted(&mut self, attempt: &Attempt) {
        if self.keeps {
            self.attempts.push(attempt.clone());
        }
    }

    pub(super) fn completed(self, result: &CascadeResult) -> FinishedRun {
        let captures = self.captures;
        let summary = Summary {
            route: result.route.as_str(),
            complexity: result.complexity.as_str(),
            domain: result.domain.clone(),
            model: result.answer_model.to_string(),
            provider: result.answer_provider.to_string(),
            draft_accepted: result.draft_accepted,
            escalated: result.escalated,
            cache_hit: result.cache_hit,
            unpriced: result.unpriced,
            cost: result.total_cost.to_f64(),
            baseline: result.baseline_cost.to_f64(),
            saved: result.cost_saved.to_f64(),
            tokens: result.usage.total_tokens(),
            output: captures.then(|| content::output(result)),
            draft: result.draft_response.as_deref().filter(|_| captures).map(content::answer),
        };
        let end = End {
            total_ms: result.timings.total_ms,
            outcome: outcome_of(result),
            answer: Ok(summary),
        };
        FinishedRun { run: self, end }
    }

    pub(super) const fn failed(self, kind: ErrorKind, total_ms: f64) -> FinishedRun {
        FinishedRun { run: self, end: End { total_ms, outcome: FAILED, answer: Err(kind) } }
    }
}

/// The caller's span: `traceparent` of the run's metadata, as the W3C's trace context writes it.
fn parent_of(options: &RunOptions) -> Option<SpanContext> {
    let header = |name: &str| {
        let value = options.metadata.get(name).and_then(Value::as_str)?;
        Some((name.to_owned(), value.to_owned()))
    };
    let headers: std::collections::HashMap<String, String> =
        std::iter::once(header("traceparent")?).chain(header("tracestate")).collect();
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &headers);
    let span = context.span().span_context().clone();
    span.is_valid().then_some(span)
}
