//! Stands in for a provider whose credential is missing.

use cascade_core::ports::{BoxFuture, Provider};
use cascade_core::{ChatRequest, ChatResponse, Error, Result};

/// Fails every call with the error that tells which credential is missing, so that an agent can be
/// made before its keys are there and the other models of a cascade still answer.
pub(crate) struct Unavailable {
    name: String,
    error: Error,
}

impl Unavailable {
    pub(crate) fn new(name: impl Into<String>, error: Error) -> Self {
        Self { name: name.into(), error }
    }
}

impl Provider for Unavailable {
    fn name(&self) -> &str {
        &self.name
    }

    fn complete<'a>(&'a self, _request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        Box::pin(async { Err(self.error.clone()) })
    }
}
