use std::sync::Arc;

use cascadeflow::ports::{BoxFuture, Provider};
use cascadeflow::{ChatRequest, ChatResponse, Result, Usage};
use pyo3::prelude::*;

use super::NativeProvider;

/// A provider that answers at once with the same text, to measure what everything else costs.
struct InstantProvider {
    text: String,
}

impl Provider for InstantProvider {
    fn name(&self) -> &'static str {
        "instant"
    }

    fn complete<'a>(&'a self, _request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        let mut response = ChatResponse::from_text(self.text.clone());
        response.usage = Some(Usage::new(60, 240));
        response.confidence = Some(0.9);
        Box::pin(std::future::ready(Ok(response)))
    }
}

/// A native provider that answers `text` at once; for benchmarks.
#[pyfunction]
pub(crate) fn bench_instant_provider(text: String) -> NativeProvider {
    NativeProvider::fixed("instant", Arc::new(InstantProvider { text }))
}
