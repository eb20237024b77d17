//! Composes the error of a run in which nothing was accepted.

use std::fmt::Write;

use super::run::Run;
use super::steps::Progress;
use crate::error::{Error, ErrorKind};

impl Run<'_> {
    /// One error for a run in which nothing was accepted: the common kind of all failures, else
    /// [`ErrorKind::AllAttemptsFailed`]; a quality error when answers came but none was accepted.
    pub(super) fn compose_failure(&self, progress: Progress) -> Error {
        let Progress { mut failures, rejections, .. } = progress;
        let Some(last) = failures.pop() else {
            let why = rejections.last().cloned().unwrap_or_default();
            return Error::new(
                ErrorKind::Quality,
                format!("no answer met the required quality: {why}"),
            )
            .with_hint(
                "lower the threshold, or end the strategy with a step that accepts any answer",
            );
        };
        if failures.is_empty() && rejections.is_empty() {
            return last;
        }
        let common = failures.iter().all(|failure| failure.kind() == last.kind());
        let kind = if common { last.kind() } else { ErrorKind::AllAttemptsFailed };
        let mut message = String::from("every attempt failed");
        let mut separator = ": ";
        for attempt in &self.attempts {
            let why = match (&attempt.error, &attempt.verdict) {
                (Some(error), _) => error.as_str(),
                (None, Some(verdict)) => verdict.reason.as_ref(),
                (None, None) => continue,
            };
            message.push_str(separator);
            let _ = write!(message, "`{}` of `{}`: {why}", attempt.model, attempt.provider);
            separator = "; ";
        }
        let mut error = Error::new(kind, message);
        if let Some(hint) = last.hint() {
            error = error.with_hint(hint);
        }
        if let Some(status) = last.status() {
            error = error.with_status(status);
        }
        if let Some(retry_after) = last.retry_after() {
            error = error.with_retry_after(retry_after);
        }
        if let Some(provider) = last.provider() {
            error = error.with_provider(provider);
        }
        if let Some(model) = last.model() {
            error = error.with_model(model);
        }
        if let Some(env_var) = last.env_var() {
            error = error.with_env_var(env_var);
        }
        error.with_source(last)
    }
}
