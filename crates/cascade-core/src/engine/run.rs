//! One query on its way through the stages.

use std::borrow::Cow;
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use parking_lot::Mutex;

use super::accounting::add_usage;
use super::agent::{Inner, Member};
use super::builder::check_temperature;
use super::cache_key;
use super::conversation::Conversation;
use super::outcome::Answer;
use super::reservation::Guard;
use super::sink::Sink;
use super::trace_recorder::{Decision, TraceRecorder, milliseconds};
use crate::error::{Error, ErrorKind, Result};
use crate::ports::{CacheKey, EngineEvent};
use crate::query::QueryAnalysis;
use crate::types::{
    Attempt, CascadeResult, Complexity, Input, Plan, RunId, RunOptions, StreamEvent, StreamPolicy,
    TraceStage, Usage, Usd,
};

/// Everything one run knows. It owns nothing that outlives the run.
pub(super) struct Run<'a> {
    pub(super) id: RunId,
    pub(super) inner: &'a Inner,
    pub(super) options: RunOptions,
    pub(super) conversation: Conversation,
    pub(super) query: QueryAnalysis,
    pub(super) complexity: Complexity,
    pub(super) sink: Option<&'a Sink>,
    pub(super) stream_policy: StreamPolicy,
    pub(super) started: Duration,
    deadline: Option<(Duration, Duration)>,
    pub(super) trace: TraceRecorder,
    pub(super) attempts: Vec<Attempt>,
    pub(super) guard: Guard<'a>,
    /// Models that hooks and budgets leave to the run; `None` leaves all.
    pub(super) allowed: Option<Vec<usize>>,
    /// Time spent waiting for models and tools.
    pub(super) waited: Duration,
    pub(super) analysis_time: Duration,
    pub(super) judge_time: Option<Duration>,
    /// Rounds of tool calls executed so far.
    pub(super) tool_rounds: u32,
}

impl<'a> Run<'a> {
    /// Runs one query to its end and tells the listeners. What it spends is added to `tally` at
    /// once, so that it counts even when the run is dropped.
    pub(super) async fn execute(
        inner: &'a Inner,
        input: Input,
        options: RunOptions,
        sink: Option<&'a Sink>,
        tally: Option<&'a Mutex<Usd>>,
    ) -> Result<CascadeResult> {
        let run = RunId::next();
        let ending = Ending::begin(inner, run, &input, &options);
        // On the heap, so that the callers' futures stay small however much a run has to keep.
        let quietly = Box::pin(Self::execute_quietly(run, inner, input, options, sink, tally));
        let outcome = quietly.await;
        ending.tell(match &outcome {
            Ok(result) => EngineEvent::Completed { run, result },
            Err(error) => {
                let total_ms = ending.total_ms();
                EngineEvent::Failed { run, kind: error.kind(), message: error.message(), total_ms }
            }
        });
        outcome
    }

    async fn execute_quietly(
        id: RunId,
        inner: &'a Inner,
        input: Input,
        options: RunOptions,
        sink: Option<&'a Sink>,
        tally: Option<&'a Mutex<Usd>>,
    ) -> Result<CascadeResult> {
        let mut run = Self::begin(id, inner, input, options, sink, tally)?;
        let key = inner.cache.as_ref().map(|_| cache_key::of(&run));
        let (plan, answer) = match run.seek(key.as_ref()).await {
            Ok(Found::Kept(kept)) => return Ok(run.give_cached(&kept).await),
            Ok(Found::Answered(plan, answer)) => (plan, answer),
            Err(error) => return Err(run.fail(error)),
        };
        let deadline = run.deadline;
        let result = run.finish(&plan, answer);
        if let (Some(cache), Some(key)) = (&inner.cache, key) {
            // The answer is there: a cache too slow for the deadline only goes without it.
            let put = cache.put(key, Arc::new(result.clone()));
            let _ = in_time(inner, deadline, put).await;
        }
        Ok(result)
    }

    /// The plan of a run without running it.
    pub(super) async fn plan_only(
        inner: &'a Inner,
        input: Input,
        options: RunOptions,
    ) -> Result<Plan> {
        let mut run = Self::begin(RunId::next(), inner, input, options, None, None)?;
        run.make_plan().await.map_err(|error| run.fail(error))
    }

    /// Looks for the answer: in the cache under `key`, else by making a plan and following it.
    async fn seek(&mut self, key: Option<&CacheKey>) -> Result<Found> {
        if let (Some(cache), Some(key)) = (&self.inner.cache, key) {
            if let Some(kept) = self.within_deadline(cache.get(key)).await? {
                return Ok(Found::Kept(kept));
            }
            self.record(TraceStage::Cache, "miss", "no equal run is kept", "cache");
        }
        let mut plan = self.make_plan().await?;
        self.admit(&mut plan).await?;
        let followed = self.follow(&plan).await;
        self.tell_warnings(&plan).await;
        self.await_ledger().await;
        Ok(Found::Answered(plan, followed?))
    }

    fn begin(
        id: RunId,
        inner: &'a Inner,
        input: Input,
        options: RunOptions,
        sink: Option<&'a Sink>,
        tally: Option<&'a Mutex<Usd>>,
    ) -> Result<Self> {
        let started = inner.clock.monotonic();
        check_options(&options)?;
        let mut conversation = Conversation::new(input)?;
        let query = QueryAnalysis::new(std::mem::take(&mut conversation.query));
        let analysed = inner.clock.monotonic();
        let complexity = options.complexity_hint.unwrap_or(query.complexity);
        let stream_policy = options.stream_policy.unwrap_or(inner.stream_policy);
        let deadline =
            options.deadline.or(inner.deadline).map(|time| (time, started.saturating_add(time)));
        let mut trace = TraceRecorder::new(started);
        let hinted = options.complexity_hint.is_some();
        let step = trace.record(
            started,
            analysed,
            Decision {
                stage: TraceStage::Analyse,
                outcome: Cow::Borrowed(complexity.as_str()),
                reason: Cow::Borrowed(if hinted { "given by the caller" } else { "detected" }),
                rule: Cow::Borrowed(if hinted { "complexity_hint" } else { "query_analysis" }),
                cost: Usd::ZERO,
            },
        );
        for listener in &inner.sinks {
            listener.on_event(EngineEvent::Decided { run: id, step });
        }
        Ok(Self {
            id,
            inner,
            options,
            conversation,
            query,
            complexity,
            sink,
            stream_policy,
            started,
            deadline,
            trace,
            attempts: Vec::with_capacity(2),
            guard: Guard::new(tally),
            allowed: None,
            waited: Duration::ZERO,
            analysis_time: analysed.saturating_sub(started),
            judge_time: None,
            tool_rounds: 0,
        })
    }

    pub(super) fn now(&self) -> Duration {
        self.inner.clock.monotonic()
    }

    pub(super) fn member(&self, index: usize) -> &'a Member {
        &self.inner.members[index]
    }

    /// Records a decision that took no time and cost nothing.
    pub(super) fn record(
        &mut self,
        stage: TraceStage,
        decision: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
    ) {
        let now = self.now();
        self.record_since(now, stage, decision, reason, rule, Usd::ZERO);
    }

    pub(super) fn record_since(
        &mut self,
        from: Duration,
        stage: TraceStage,
        decision: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
        cost: Usd,
    ) {
        let now = self.now();
        let (outcome, reason, rule) = (decision.into(), reason.into(), rule.into());
        let step = self.trace.record(from, now, Decision { stage, outcome, reason, rule, cost });
        for listener in &self.inner.sinks {
            listener.on_event(EngineEvent::Decided { run: self.id, step });
        }
    }

    /// Waits for `future` as long as the run's deadline allows.
    pub(super) async fn within_deadline<T>(&self, future: impl Future<Output = T>) -> Result<T> {
        in_time(self.inner, self.deadline, future).await
    }

    /// Time left until the deadline; `None` without one.
    pub(super) fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|(_, end)| end.saturating_sub(self.now()))
    }

    /// Sends an event where the run is streamed.
    pub(super) async fn send(&self, event: StreamEvent) {
        if let Some(sink) = self.sink {
            sink.send(event).await;
        }
    }

    /// Accounts an attempt whose cost the guard already knows: exactly once, whatever became of it.
    pub(super) fn account(&mut self, attempt: Attempt) {
        self.tell(EngineEvent::AttemptEnded { run: self.id, attempt: &attempt });
        self.attempts.push(attempt);
    }

    /// Tells the listeners.
    pub(super) fn tell(&self, event: EngineEvent<'_>) {
        for listener in &self.inner.sinks {
            listener.on_event(event);
        }
    }

    /// Tokens of all attempts.
    pub(super) fn total_usage(&self) -> Usage {
        let mut total = Usage::default();
        for attempt in &self.attempts {
            add_usage(&mut total, &attempt.usage);
        }
        total
    }

    /// Ends the run with `error`, the attempts and the decisions attached.
    fn fail(self, error: Error) -> Error {
        error.with_attempts(self.attempts).with_trace(self.trace.finish())
    }

    async fn give_cached(mut self, kept: &CascadeResult) -> CascadeResult {
        self.record(TraceStage::Cache, "hit", "an equal run was answered before", "cache");
        let mut result = kept.clone();
        result.cache_hit = true;
        result.attempts = Vec::new();
        result.usage = Usage::default();
        result.unpriced = false;
        result.cost_saved = result.baseline_cost;
        result.savings_percentage = if result.baseline_cost.is_zero() { 0.0 } else { 100.0 };
        result.total_cost = Usd::ZERO;
        result.draft_cost = Usd::ZERO;
        result.verifier_cost = Usd::ZERO;
        let total_ms = milliseconds(self.now().saturating_sub(self.started));
        result.timings = crate::types::Timings {
            total_ms,
            analysis_ms: milliseconds(self.analysis_time),
            overhead_ms: total_ms,
            ..crate::types::Timings::default()
        };
        result.metadata.clone_from(&self.options.metadata);
        self.stream_cached(&result).await;
        result.trace = self.trace.finish();
        result
    }
}

/// Where the answer of a run comes from.
#[expect(clippy::large_enum_variant, reason = "made once a run and taken apart at once")]
enum Found {
    /// From the cache.
    Kept(Arc<CascadeResult>),
    /// From the models that the plan asked.
    Answered(Plan, Answer),
}

/// Tells the listeners how a run ended; of one that is dropped before its end, that it was
/// cancelled.
struct Ending<'a> {
    inner: &'a Inner,
    run: RunId,
    started: Duration,
    told: Cell<bool>,
}

impl<'a> Ending<'a> {
    /// Tells the listeners that the run begins.
    fn begin(inner: &'a Inner, run: RunId, input: &Input, options: &RunOptions) -> Self {
        if !inner.sinks.is_empty() {
            let at = inner.clock.since_epoch();
            for listener in &inner.sinks {
                listener.on_event(EngineEvent::Started { run, at, input, options });
            }
        }
        Self { inner, run, started: inner.clock.monotonic(), told: Cell::new(false) }
    }

    fn total_ms(&self) -> f64 {
        milliseconds(self.inner.clock.monotonic().saturating_sub(self.started))
    }

    fn tell(&self, event: EngineEvent<'_>) {
        self.told.set(true);
        for listener in &self.inner.sinks {
            listener.on_event(event);
        }
    }
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        if !self.told.get() {
            let kind = ErrorKind::Cancelled;
            let message = "the run was cancelled";
            let total_ms = self.total_ms();
            self.tell(EngineEvent::Failed { run: self.run, kind, message, total_ms });
        }
    }
}

/// Waits for `future` until the deadline, given as the time allowed and the moment it ends.
async fn in_time<T>(
    inner: &Inner,
    deadline: Option<(Duration, Duration)>,
    future: impl Future<Output = T>,
) -> Result<T> {
    let Some((total, end)) = deadline else {
        return Ok(future.await);
    };
    let left = end.saturating_sub(inner.clock.monotonic());
    if left.is_zero() {
        return Err(deadline_passed(total));
    }
    match select(pin!(future), inner.clock.sleep(left)).await {
        Either::Left((value, _)) => Ok(value),
        Either::Right(((), _)) => Err(deadline_passed(total)),
    }
}

fn deadline_passed(total: Duration) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("the deadline of {} ms passed before an answer was ready", total.as_millis()),
    )
    .with_field("deadline")
    .with_hint("allow more time, or use faster models")
}

fn check_options(options: &RunOptions) -> Result<()> {
    check_temperature(options.temperature)?;
    if options.max_tokens == Some(0) {
        return Err(Error::validation(
            "max_tokens",
            "max_tokens is zero",
            "give at least 1, or leave it out",
        ));
    }
    if let Some(p) = options.top_p.filter(|p| !(*p > 0.0 && *p <= 1.0)) {
        return Err(Error::validation(
            "top_p",
            format!("top_p is out of range: `{p}`"),
            "give a number above 0 and up to 1",
        ));
    }
    let shares = [
        ("quality_threshold", options.quality_threshold),
        ("domain_confidence_hint", options.domain_confidence_hint),
    ];
    for (field, value) in shares {
        if let Some(v) = value.filter(|v| !(0.0..=1.0).contains(v)) {
            return Err(Error::validation(
                field,
                format!("{field} is out of range: `{v}`"),
                "give a number from 0 to 1",
            ));
        }
    }
    Ok(())
}
