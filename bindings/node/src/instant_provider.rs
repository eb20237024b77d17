//! A provider that answers at once, to measure what a call costs beside its models.

use cascadeflow::ports::{BoxFuture, Provider};
use cascadeflow::{ChatRequest, ChatResponse, ModelConfig, Result, Usage};
use serde_json::Value;

/// Answers every request with one text, without waiting. Not part of the published surface.
pub(crate) struct InstantProvider {
    answer: ChatResponse,
}

impl InstantProvider {
    /// Its name in the registry.
    pub(crate) const NAME: &'static str = "cascadeflow-instant";

    /// A provider that answers with `model.extra.content`.
    pub(crate) fn new(model: &ModelConfig) -> Self {
        let content = model.extra.get("content").and_then(Value::as_str).unwrap_or_default();
        let words = content.split_whitespace().count() as u64;
        let mut answer = ChatResponse::from_text(content);
        answer.usage = Some(Usage::new(words, words));
        Self { answer }
    }
}

impl Provider for InstantProvider {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn complete<'a>(&'a self, _: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        Box::pin(std::future::ready(Ok(self.answer.clone())))
    }
}
