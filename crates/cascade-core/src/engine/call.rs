//! Calls one model once.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Map;

use super::accounting::usage_of;
use super::agent::Member;
use super::run::Run;
use super::trace_recorder::milliseconds;
use crate::error::{Error, ErrorKind, Result};
use crate::ports::EngineEvent;
use crate::query::estimate_tokens;
use crate::types::{
    Attempt, AttemptOutcome, AttemptRole, ChatRequest, ChatResponse, FinishReason, Message, Priced,
    ResponseDelta, StreamEvent, StreamPhase, Usage, Usd,
};

/// What to call and how.
#[derive(Clone)]
pub(super) struct CallPlan {
    /// Position of the model.
    pub(super) index: usize,
    /// Its part in the run.
    pub(super) role: AttemptRole,
    /// Name of the step.
    pub(super) step: Arc<str>,
    /// The conversation to send.
    pub(super) messages: Arc<[Message]>,
    /// Whether the answer is going to be judged.
    pub(super) judged: bool,
    /// How the answer reaches the stream, where there is one.
    pub(super) show: Show,
}

/// How an answer reaches the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// Not by the call: the answer is fetched in one piece.
    Whole,
    /// Pieces are kept until the verdict.
    Kept(StreamPhase),
    /// Pieces are sent as they come.
    Live(StreamPhase),
}

/// How a call ended.
pub(super) struct CallEnd {
    pub(super) outcome: Result<ChatResponse>,
    /// The attempt, its outcome provisional until the answer was judged.
    pub(super) attempt: Attempt,
    pub(super) took: Duration,
    /// Pieces kept for the time after the verdict.
    pub(super) kept: Vec<StreamEvent>,
    /// Whether any piece was sent.
    pub(super) shown: bool,
}

impl Run<'_> {
    /// Calls a model; its cost is known to the guard when this returns.
    pub(super) async fn call(&self, plan: CallPlan) -> CallEnd {
        let member = self.member(plan.index);
        let request = self.request(&plan);
        let from = self.now();
        let mut pieces = Pieces::new(self, &plan, from);
        let outcome = match plan.show {
            Show::Whole => self
                .within_deadline(member.provider.complete(&request))
                .await
                .and_then(|answered| answered)
                .map_err(Failure::from),
            Show::Kept(phase) | Show::Live(phase) => {
                let live = matches!(plan.show, Show::Live(_));
                self.call_streaming(&plan, &request, phase, live, &mut pieces).await
            }
        };
        let took = self.now().saturating_sub(from);
        let outcome = outcome
            .and_then(|response| if plan.judged { Ok(response) } else { not_empty(response) });
        let (usage, reported) = match &outcome {
            Ok(response) => (usage_of(response, pieces.input_estimate), response.reported_cost),
            Err(Failure { answer: Some(response), .. }) => {
                (usage_of(response, pieces.input_estimate), response.reported_cost)
            }
            Err(_) => (pieces.partial_usage(), None),
        };
        let outcome = outcome.map_err(|failure| {
            let error = failure.error;
            let error = match error.model() {
                Some(_) => error,
                None => error.with_model(&*member.name),
            };
            match error.provider() {
                Some(_) => error,
                None => error.with_provider(&*member.provider_name),
            }
        });
        let (cost, priced) = member.tariff.settle(&usage, reported);
        let error = outcome.as_ref().err();
        let answer = outcome.as_ref().ok();
        let attempt = Attempt {
            outcome: if error.is_some() {
                AttemptOutcome::Failed
            } else {
                AttemptOutcome::Accepted
            },
            usage,
            cost,
            priced,
            latency_ms: milliseconds(took),
            finish_reason: answer.and_then(|answer| answer.finish_reason),
            response_model: answer.and_then(|answer| answer.model.as_deref()).map(Arc::from),
            error_kind: error.map(Error::kind),
            error: error.map(|error| error.message().to_owned()),
            ..pieces.attempt(member)
        };
        self.guard.spend(&attempt);
        pieces.billed = true;
        let (kept, shown) = (std::mem::take(&mut pieces.kept), pieces.shown);
        CallEnd { outcome, attempt, took, kept, shown }
    }

    async fn call_streaming(
        &self,
        plan: &CallPlan,
        request: &ChatRequest,
        phase: StreamPhase,
        live: bool,
        pieces: &mut Pieces<'_>,
    ) -> Result<ChatResponse, Failure> {
        let member = self.member(plan.index);
        let mut stream = self.within_deadline(member.provider.stream(request)).await??;
        loop {
            let next = self.within_deadline(stream.next()).await?;
            if matches!(next, Some(Ok(_))) {
                pieces.arrived();
            }
            let model = Arc::clone(&member.name);
            let event = match next {
                Some(Ok(ResponseDelta::Text(text))) => {
                    pieces.output_bytes += text.len();
                    let provider = Arc::clone(&member.provider_name);
                    StreamEvent::Chunk { text, phase, model, provider }
                }
                Some(Ok(ResponseDelta::Thinking(text))) => {
                    pieces.output_bytes += text.len();
                    StreamEvent::Thinking { text, phase, model }
                }
                // The text went before it, and the signature comes with the answer.
                Some(Ok(ResponseDelta::ThinkingDone(_))) => continue,
                Some(Ok(ResponseDelta::ToolCall(delta))) => {
                    pieces.output_bytes += delta.arguments.len();
                    StreamEvent::ToolCall { delta, phase, model }
                }
                Some(Ok(ResponseDelta::Done(response))) => return Ok(*response),
                Some(Err(error)) => return Err(error.into()),
                None => {
                    return Err(Error::new(
                        ErrorKind::Protocol,
                        "the stream ended without its last message",
                    )
                    .into());
                }
            };
            if live {
                pieces.shown = true;
                self.send(event).await;
            } else {
                pieces.kept.push(event);
            }
        }
    }

    fn input_estimate(&self, plan: &CallPlan) -> u64 {
        let member = self.member(plan.index);
        let options = &self.options;
        let system = options.system_prompt.as_deref().or(self.conversation.system.as_deref());
        let system = system.or(member.config.system_prompt.as_deref());
        self.conversation.other_tokens
            + self.query.estimated_tokens
            + system.map_or(0, estimate_tokens)
    }

    fn request(&self, plan: &CallPlan) -> ChatRequest {
        let member = self.member(plan.index);
        let (config, options) = (&member.config, &self.options);
        let system = match (&options.system_prompt, &self.conversation.system) {
            (Some(first), Some(second)) => Some(format!("{first}\n\n{second}").into()),
            (Some(only), None) | (None, Some(only)) => Some(only.as_str().into()),
            (None, None) => config.system_prompt.as_deref().map(Into::into),
        };
        let mut request = ChatRequest::new(Arc::clone(&member.name), Arc::clone(&plan.messages));
        request.system = system;
        request.max_tokens = options.max_tokens.or(config.max_tokens).or(self.inner.max_tokens);
        request.temperature = options.temperature.or(config.temperature).or(self.inner.temperature);
        request.top_p = options.top_p;
        if !options.stop.is_empty() {
            request.stop = options.stop.clone().into();
        }
        request.seed = options.seed;
        request.tools = Arc::clone(&options.tools);
        request.tool_choice.clone_from(&options.tool_choice);
        request.response_format = options.response_format.clone().map(Arc::new);
        request.logprobs = plan.judged && member.provider.supports_logprobs();
        request.time_left = self.time_left();
        if !config.extra.is_empty() || !options.extra.is_empty() {
            let mut extra: Map<_, _> = config.extra.clone();
            extra.extend(options.extra.iter().map(|(key, value)| (key.clone(), value.clone())));
            request.extra = Arc::new(extra);
        }
        request
    }
}

/// A failure with the answer that is one, which was paid for.
pub(super) struct Failure {
    error: Error,
    answer: Option<Box<ChatResponse>>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, answer: None }
    }
}

impl CallPlan {
    /// An attempt of which nothing has come yet.
    fn attempt(&self, member: &Member) -> Attempt {
        Attempt {
            role: self.role,
            step: Arc::clone(&self.step),
            model: Arc::clone(&member.name),
            provider: Arc::clone(&member.provider_name),
            outcome: AttemptOutcome::Failed,
            usage: Usage::default(),
            cost: Usd::ZERO,
            priced: Priced::Free,
            started_ms: 0.0,
            latency_ms: 0.0,
            first_chunk_ms: None,
            finish_reason: None,
            response_model: None,
            verdict: None,
            error_kind: None,
            error: None,
        }
    }
}

/// An unjudged answer must say something.
fn not_empty(response: ChatResponse) -> Result<ChatResponse, Failure> {
    if !response.content.trim().is_empty() || !response.tool_calls.is_empty() {
        return Ok(response);
    }
    let error = match response.finish_reason {
        Some(FinishReason::ContentFilter) => {
            Error::new(ErrorKind::ContentFilter, "the provider's content filter stopped the answer")
        }
        Some(FinishReason::Refusal) => {
            Error::new(ErrorKind::ContentFilter, "the model refused to answer")
        }
        Some(FinishReason::Length) => Error::new(
            ErrorKind::Protocol,
            "the answer is empty: its tokens ran out before any text",
        )
        .with_field("max_tokens")
        .with_hint("allow more completion tokens"),
        _ => Error::new(ErrorKind::Protocol, "the answer is empty"),
    };
    Err(Failure { error, answer: Some(Box::new(response)) })
}

/// Bytes of English text that make a token, for answers that broke off.
const BYTES_PER_TOKEN: usize = 4;

/// What has come of an answer so far. Dropped before the end, it bills what was received and tells
/// the listeners: the run was cancelled.
struct Pieces<'a> {
    run: &'a Run<'a>,
    plan: &'a CallPlan,
    from: Duration,
    first_chunk: Option<Duration>,
    input_estimate: u64,
    output_bytes: usize,
    kept: Vec<StreamEvent>,
    shown: bool,
    billed: bool,
}

impl<'a> Pieces<'a> {
    fn new(run: &'a Run<'a>, plan: &'a CallPlan, from: Duration) -> Self {
        Self {
            run,
            plan,
            from,
            first_chunk: None,
            input_estimate: run.input_estimate(plan),
            output_bytes: 0,
            kept: Vec::new(),
            shown: false,
            billed: false,
        }
    }

    /// Notes that a piece of the answer came.
    fn arrived(&mut self) {
        if self.first_chunk.is_none() {
            self.first_chunk = Some(self.run.now().saturating_sub(self.from));
        }
    }

    /// An attempt of which nothing but its times is known.
    fn attempt(&self, member: &Member) -> Attempt {
        Attempt {
            started_ms: milliseconds(self.from.saturating_sub(self.run.started)),
            first_chunk_ms: self.first_chunk.map(milliseconds),
            ..self.plan.attempt(member)
        }
    }

    fn partial_usage(&self) -> Usage {
        if self.output_bytes == 0 {
            return Usage::default();
        }
        let output = self.output_bytes.div_ceil(BYTES_PER_TOKEN) as u64;
        Usage::estimate(self.input_estimate, output)
    }
}

impl Drop for Pieces<'_> {
    fn drop(&mut self) {
        if self.billed {
            return;
        }
        let member = self.run.member(self.plan.index);
        let usage = self.partial_usage();
        let (cost, priced) = member.tariff.settle(&usage, None);
        let attempt = Attempt {
            usage,
            cost,
            priced,
            latency_ms: milliseconds(self.run.now().saturating_sub(self.from)),
            error_kind: Some(ErrorKind::Cancelled),
            error: Some("the run was cancelled".to_owned()),
            ..self.attempt(member)
        };
        self.run.guard.spend(&attempt);
        self.run.tell(EngineEvent::AttemptEnded { run: self.run.id, attempt: &attempt });
    }
}
