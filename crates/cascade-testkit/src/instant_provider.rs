use cascade_core::ports::{BoxFuture, Provider};
use cascade_core::{ChatRequest, ChatResponse, Result, Usage};

/// A provider that gives one fixed answer at once, without locks, records or waiting. It measures
/// what everything around a provider costs.
#[derive(Debug, Clone)]
pub struct InstantProvider {
    name: String,
    response: ChatResponse,
}

impl InstantProvider {
    /// Answers every request with `response`.
    pub fn new(name: impl Into<String>, response: ChatResponse) -> Self {
        Self { name: name.into(), response }
    }

    /// Answers every request with `text` and counts of 1.3 tokens a word.
    pub fn from_text(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let words = text.split_whitespace().count() as u64;
        let usage = Usage::new(words * 13 / 10, words * 13 / 10);
        Self::new(name, ChatResponse { usage: Some(usage), ..ChatResponse::from_text(text) })
    }
}

impl Provider for InstantProvider {
    fn name(&self) -> &str {
        &self.name
    }

    fn complete<'a>(&'a self, _: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        Box::pin(std::future::ready(Ok(self.response.clone())))
    }
}
