//! Fetching a model to a local server.

use std::time::Duration;

use cascade_core::{Error, ErrorKind, Result};
use http::Method;
use serde_json::json;

use crate::capabilities::WireFormat;
use crate::deadline::{Deadline, Phase};
use crate::endpoint::Endpoint;
use crate::error_mapping::ErrorContext;
use crate::frame::Frame;
use crate::http_provider::HttpProvider;
use crate::ndjson::NdjsonParser;
use crate::protocol::EncodedRequest;
use crate::retry::Failure;
use crate::transport;
use crate::wire::ollama::{PullProgress, PullRequest};
use crate::wire::{WireFault, encode_body};

/// Longest that a model may take to come; what ends a pull that hangs is its silence.
const LONGEST: Duration = Duration::from_hours(24);

impl HttpProvider {
    /// Has the provider's server fetch `model`, and returns when it is there. What was fetched
    /// before is not fetched again.
    ///
    /// A download may take as long as it needs; `timeouts.total` limits the silence between two
    /// reports of progress.
    ///
    /// # Errors
    /// A validation error when the provider is not Ollama or the name is empty, not found when
    /// there is no such model; otherwise as any call.
    pub async fn pull_model(&self, model: &str) -> Result<()> {
        let endpoint = self.endpoint();
        let context = &ErrorContext { model: model.into(), ..endpoint.context.clone() };
        if endpoint.dialect.protocol != WireFormat::Ollama {
            let message = format!("provider fetches no models: `{}`", endpoint.dialect.name);
            let hint = "use `ollama`, or choose among the models that the provider lists";
            return Err(context.label(Error::validation("provider", message, hint)));
        }
        if model.trim().is_empty() {
            let hint = "give the name of a model, such as `llama3.2`";
            return Err(context.label(Error::validation("model", "model name is empty", hint)));
        }
        let request = PullRequest { model: model.into(), stream: true };
        let encoded = encode_body(&request, &serde_json::Map::new());
        let encoded = &EncodedRequest::from(encoded.map_err(|error| context.label(error))?);
        let deadline = Deadline::start(LONGEST, None).map_err(|error| context.label(error))?;
        let target = endpoint.target_of(model);
        endpoint
            .call(deadline, &target, context, || pull(endpoint, encoded, deadline, context))
            .await
    }
}

async fn pull(
    endpoint: &Endpoint,
    encoded: &EncodedRequest,
    deadline: Deadline,
    context: &ErrorContext,
) -> Result<(), Failure> {
    let silence = Phase::NextChunk(endpoint.config.timeouts.total);
    let label = |error: Error| context.label(error);
    let sent = endpoint.send(Method::POST, endpoint.url("/api/pull"), Some(encoded), context);
    let mut response = deadline.limit(silence, sent).await.map_err(label)??;
    let headers = response.headers().clone();
    let mut lines = NdjsonParser::new(endpoint.config.limits.event);
    let mut is_done = false;
    let mut take = |frame: &Frame| -> Result<(), Failure> {
        let progress = read(frame).map_err(|fault| context.fault_error(fault, &headers))?;
        is_done |= progress.is_done();
        Ok(())
    };
    loop {
        let chunk = deadline.limit(silence, response.chunk()).await.map_err(label)?;
        let chunk = chunk.map_err(|error| {
            label(transport::exchange_error(error, &endpoint.base_url.origin()))
        })?;
        let Some(chunk) = chunk else { break };
        lines.push(&chunk);
        while let Some(frame) = lines.next_line().map_err(|_| too_long(context))? {
            take(&frame)?;
        }
    }
    if let Some(frame) = lines.finish() {
        take(&frame)?;
    }
    if is_done {
        return Ok(());
    }
    Err(label(Error::new(ErrorKind::Protocol, "answer ended before the model was there")).into())
}

fn read(frame: &Frame) -> Result<PullProgress, WireFault> {
    let progress: PullProgress = serde_json::from_str(&frame.data)
        .map_err(|error| WireFault::from_json("report of progress", &error))?;
    match progress.error {
        Some(error) => Err(WireFault::Reported(json!({ "error": error }))),
        None => Ok(progress),
    }
}

fn too_long(context: &ErrorContext) -> Error {
    context.label(Error::new(ErrorKind::Protocol, "report of progress is too long"))
}
