//! A streamed answer while it arrives.

use std::collections::VecDeque;
use std::time::Duration;

use cascade_core::ports::ResponseStream;
use cascade_core::{ChatResponse, Error, ErrorKind, Part, ResponseDelta, Result, ToolCallDelta};
use futures_util::{FutureExt, stream};
use http::HeaderMap;

use crate::deadline::{Deadline, Phase};
use crate::error_mapping::{ErrorContext, request_id};
use crate::frame::{FrameParser, Framing};
use crate::http_config::SizeLimits;
use crate::target::Target;
use crate::transport;
use crate::wire::{AssembleStep, Assembler};

/// A streamed answer; dropping it closes the connection.
pub(crate) struct LiveStream {
    /// Deltas not yet given out.
    pending: VecDeque<ResponseDelta>,
    /// An error to give out after them.
    failure: Option<Error>,
    /// `None` when the answer has ended, well or not.
    source: Option<Box<Source>>,
    /// Hears of failures in the middle; `None` until the answer has begun well.
    target: Option<Target>,
}

/// How long and how large an answer may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamLimits {
    pub(crate) deadline: Deadline,
    pub(crate) between_chunks: Duration,
    pub(crate) sizes: SizeLimits,
}

/// Where further deltas come from.
struct Source {
    response: reqwest::Response,
    headers: HeaderMap,
    parser: FrameParser,
    assembler: Box<dyn Assembler>,
    deadline: Deadline,
    between_chunks: Duration,
    /// Whether the first piece has come; until then the caller limits the wait.
    begun: bool,
    /// Bytes that may still come.
    room: usize,
    origin: String,
    context: ErrorContext,
}

impl LiveStream {
    pub(crate) fn new(
        response: reqwest::Response,
        framing: Framing,
        assembler: Box<dyn Assembler>,
        limits: StreamLimits,
        origin: String,
        context: ErrorContext,
    ) -> Self {
        let headers = response.headers().clone();
        let parser = FrameParser::new(framing, limits.sizes.event);
        let source = Source {
            response,
            headers,
            parser,
            assembler,
            deadline: limits.deadline,
            between_chunks: limits.between_chunks,
            begun: false,
            room: limits.sizes.body,
            origin,
            context,
        };
        Self {
            pending: VecDeque::new(),
            failure: None,
            source: Some(Box::new(source)),
            target: None,
        }
    }

    /// An answer that arrived whole.
    pub(crate) fn whole(response: ChatResponse) -> Self {
        let mut pending = VecDeque::new();
        for part in &response.thinking {
            let Part::Thinking { text, signature, redacted } = part else { continue };
            if !text.is_empty() {
                pending.push_back(ResponseDelta::Thinking(text.clone()));
            }
            if signature.is_some() || redacted.is_some() {
                pending.push_back(ResponseDelta::ThinkingDone(part.clone()));
            }
        }
        if !response.content.is_empty() {
            pending.push_back(ResponseDelta::Text(response.content.clone()));
        }
        for (index, call) in response.tool_calls.iter().enumerate() {
            pending.push_back(ResponseDelta::ToolCall(ToolCallDelta {
                index,
                id: Some(call.id.clone()),
                name: Some(call.name.clone()),
                arguments: call.arguments.clone(),
            }));
        }
        pending.push_back(ResponseDelta::Done(Box::new(response)));
        Self { pending, failure: None, source: None, target: None }
    }

    /// Tells `target` of failures from now on.
    pub(crate) fn watched_by(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// Reads until there is something to give out.
    ///
    /// # Errors
    /// What ended the stream before there was anything; the call may then be repeated unseen.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        self.fill().await;
        if let Some(source) = &mut self.source {
            source.begun = true;
        }
        match self.failure.take() {
            Some(error) if self.pending.is_empty() => Err(error),
            failure => {
                self.failure = failure;
                Ok(())
            }
        }
    }

    pub(crate) fn into_stream(self) -> ResponseStream {
        Box::pin(stream::unfold(self, |mut live| async move {
            let next = live.next().await?;
            Some((next, live))
        }))
    }

    async fn next(&mut self) -> Option<Result<ResponseDelta>> {
        self.fill().await;
        match self.pending.pop_front() {
            Some(delta) => Some(Ok(delta)),
            None => self.failure.take().map(Err),
        }
    }

    /// Reads until a delta is pending or the answer has ended.
    async fn fill(&mut self) {
        while self.pending.is_empty() && self.failure.is_none() {
            let Some(source) = &mut self.source else { return };
            let mut deltas = Vec::new();
            let read = source.read(&mut deltas).await;
            self.pending.extend(deltas);
            match read {
                Ok(AssembleStep::More) => {}
                Ok(AssembleStep::Finished) => {
                    let Some(source) = self.source.take() else { return };
                    match source.finish() {
                        Ok(response) => {
                            self.pending.push_back(ResponseDelta::Done(Box::new(response)));
                        }
                        Err(error) => self.failure = Some(error),
                    }
                }
                Err(error) => {
                    let by_caller = source.deadline.is_over_by_caller();
                    if let (Some(target), false) = (&self.target, by_caller) {
                        target.record_late_failure(&error);
                    }
                    self.source = None;
                    self.failure = Some(error);
                }
            }
        }
    }
}

impl Source {
    /// Takes the frames at hand, or waits for more bytes.
    async fn read(&mut self, deltas: &mut Vec<ResponseDelta>) -> Result<AssembleStep> {
        loop {
            let frame = self.parser.next_frame().map_err(|too_long| {
                self.context.label(Error::new(
                    ErrorKind::Protocol,
                    format!("a message of the stream is larger than {} bytes", too_long.limit),
                ))
            })?;
            let Some(frame) = frame else { break };
            let step = self
                .assembler
                .push(&frame, deltas)
                .map_err(|fault| self.context.fault_error(fault, &self.headers))?;
            if step == AssembleStep::Finished {
                return Ok(step);
            }
        }
        if !deltas.is_empty() {
            return Ok(AssembleStep::More);
        }
        let phase = if self.begun { Phase::NextChunk(self.between_chunks) } else { Phase::Answer };
        let chunk = self
            .deadline
            .limit(phase, self.response.chunk())
            .await
            .map_err(|error| self.context.label(error))?
            .map_err(|error| self.context.label(transport::exchange_error(error, &self.origin)))?;
        match chunk {
            Some(chunk) => {
                let Some(room) = self.room.checked_sub(chunk.len()) else {
                    let message = "answer is larger than the limit of bytes";
                    return Err(self.context.label(Error::new(ErrorKind::Protocol, message)));
                };
                self.room = room;
                self.parser.push(&chunk);
                Ok(AssembleStep::More)
            }
            None => self.end(deltas),
        }
    }

    /// The bytes have ended; the answer should have, too.
    fn end(&mut self, deltas: &mut Vec<ResponseDelta>) -> Result<AssembleStep> {
        if let Some(frame) = self.parser.finish() {
            let step = self
                .assembler
                .push(&frame, deltas)
                .map_err(|fault| self.context.fault_error(fault, &self.headers))?;
            if step == AssembleStep::Finished {
                return Ok(step);
            }
        }
        if self.assembler.may_end() {
            return Ok(AssembleStep::Finished);
        }
        let message = format!("`{}` ends the stream in the middle of the answer", self.origin);
        Err(self.context.label(Error::new(ErrorKind::Connection, message)))
    }

    fn finish(mut self: Box<Self>) -> Result<ChatResponse> {
        // The end of the body, where it is there already, lets the connection serve again.
        let _ = self.response.chunk().now_or_never();
        let mut response = self
            .assembler
            .finish()
            .map_err(|fault| self.context.fault_error(fault, &self.headers))?;
        if let Some(id) = request_id(&self.headers) {
            response.request_id = Some(id);
        }
        Ok(response)
    }
}
