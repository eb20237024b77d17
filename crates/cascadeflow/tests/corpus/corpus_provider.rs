use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cascadeflow::ports::{BoxFuture, Provider, ResponseStream};
use cascadeflow::{
    ChatRequest, ChatResponse, Error, ErrorKind, FinishReason, ResponseDelta, Result, Role,
    TokenLogprob, ToolCall, ToolCallDelta, Usage, Usd,
};
use futures_util::stream;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::Value;

/// The answers of a case that are not taken yet, shared by its providers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    answers: Arc<Mutex<BTreeMap<String, Vec<Answer>>>>,
    faults: Arc<Mutex<Vec<String>>>,
}

/// One scripted answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    when: Option<String>,
    #[serde(default)]
    content: String,
    chunks: Option<Vec<String>>,
    finish_reason: Option<FinishReason>,
    usage: Option<Usage>,
    logprobs: Option<Vec<TokenLogprob>>,
    confidence: Option<f64>,
    reported_cost: Option<Usd>,
    #[serde(default)]
    tool_calls: Vec<ToolCall>,
    error: Option<Failure>,
    #[serde(default)]
    hang: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    kind: ErrorKind,
    #[serde(default)]
    message: String,
    status: Option<u16>,
    retry_after_ms: Option<u64>,
}

impl Script {
    /// The script that a case writes.
    pub(crate) fn read(value: &Value) -> Self {
        let answers = serde_json::from_value(value.clone())
            .unwrap_or_else(|error| panic!("the script cannot be read: {error}"));
        Self { answers: Arc::new(Mutex::new(answers)), faults: Arc::default() }
    }

    /// Whether a stream breaks off after some pieces, so that it uses more than a plain call.
    pub(crate) fn breaks_off(&self) -> bool {
        self.answers
            .lock()
            .values()
            .flatten()
            .any(|answer| answer.error.is_some() && answer.chunks.is_some())
    }

    /// Calls that found no answer and answers that nobody took; empty when the script was followed.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = self.faults.lock().clone();
        for (model, answers) in &*self.answers.lock() {
            if !answers.is_empty() {
                faults.push(format!("{} answers of `{model}` were not taken", answers.len()));
            }
        }
        faults
    }

    fn take(&self, request: &ChatRequest) -> Result<Answer> {
        let asked = request
            .messages
            .iter()
            .rfind(|message| message.role == Role::User)
            .map(cascadeflow::Message::text)
            .unwrap_or_default();
        let mut answers = self.answers.lock();
        let queue = answers.entry(request.model.to_string()).or_default();
        let position = queue
            .iter()
            .position(|answer| answer.when.as_ref().is_none_or(|when| asked.contains(when)));
        let Some(position) = position else {
            let fault = format!("no answer is left for a call of `{}`", request.model);
            self.faults.lock().push(fault.clone());
            return Err(Error::new(ErrorKind::Internal, fault));
        };
        Ok(queue.remove(position))
    }
}

impl Answer {
    /// The answer as the engine's own type, for verdicts.
    pub(crate) fn response(&self) -> ChatResponse {
        ChatResponse {
            content: self.chunks.as_ref().map_or_else(|| self.content.clone(), |c| c.concat()),
            tool_calls: self.tool_calls.clone(),
            finish_reason: Some(self.finish_reason.unwrap_or(FinishReason::Stop)),
            usage: self.usage,
            logprobs: self.logprobs.clone(),
            confidence: self.confidence,
            reported_cost: self.reported_cost,
            ..ChatResponse::default()
        }
    }

    fn pieces(&self) -> Vec<Result<ResponseDelta>> {
        let texts = match &self.chunks {
            Some(chunks) => chunks.clone(),
            None if self.content.is_empty() => Vec::new(),
            None => vec![self.content.clone()],
        };
        let mut pieces: Vec<_> = texts.into_iter().map(|t| Ok(ResponseDelta::Text(t))).collect();
        if let Some(failure) = &self.error {
            pieces.push(Err(failure.error()));
            return pieces;
        }
        pieces.extend(self.tool_calls.iter().enumerate().map(|(index, call)| {
            Ok(ResponseDelta::ToolCall(ToolCallDelta {
                index,
                id: Some(call.id.clone()),
                name: Some(call.name.clone()),
                arguments: call.arguments.clone(),
            }))
        }));
        pieces.push(Ok(ResponseDelta::Done(Box::new(self.response()))));
        pieces
    }
}

impl Failure {
    fn error(&self) -> Error {
        let mut error = Error::new(self.kind, self.message.clone());
        if let Some(status) = self.status {
            error = error.with_status(status);
        }
        if let Some(milliseconds) = self.retry_after_ms {
            error = error.with_retry_after(Duration::from_millis(milliseconds));
        }
        error
    }
}

/// Plays the script of a case under the name of a provider.
pub(crate) struct CorpusProvider {
    name: String,
    script: Script,
}

impl CorpusProvider {
    pub(crate) fn shared(name: &str, script: &Script) -> Arc<dyn Provider> {
        Arc::new(Self { name: name.to_owned(), script: script.clone() })
    }
}

impl Provider for CorpusProvider {
    fn name(&self) -> &str {
        &self.name
    }

    fn supports_logprobs(&self) -> bool {
        true
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        Box::pin(async move {
            let answer = self.script.take(request)?;
            if answer.hang {
                std::future::pending::<()>().await;
            }
            match &answer.error {
                Some(failure) => Err(failure.error()),
                None => Ok(answer.response()),
            }
        })
    }

    fn stream<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ResponseStream>> {
        Box::pin(async move {
            let answer = self.script.take(request)?;
            if answer.hang {
                std::future::pending::<()>().await;
            }
            Ok(Box::pin(stream::iter(answer.pieces())) as ResponseStream)
        })
    }
}
