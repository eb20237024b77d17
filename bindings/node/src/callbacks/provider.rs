//! A user's provider class as an implementation of the provider port.

use std::collections::VecDeque;
use std::sync::Arc;

use cascadeflow::ports::{BoxFuture, Provider, ResponseStream};
use cascadeflow::{
    ChatRequest, ChatResponse, Error, ErrorKind, ModelConfig, ResponseDelta, Result,
};
use futures_util::stream::try_unfold;
use napi::Env;
use napi::bindgen_prelude::{FnArgs, Function};
use napi_derive::napi;

use super::calls::{Callee, Outcome, new_id};
use crate::convert::{RequestView, StreamedAnswer, read_answer, read_chunk};
use crate::error::from_thrown;

/// An instance of a user's class, as `callbacks/provider-host.ts` offers it.
#[napi]
pub struct ProviderHost {
    host: Arc<Host>,
}

#[napi]
impl ProviderHost {
    /// `class_name` is for messages; `streams` says whether the class has a `stream` method;
    /// `dispatch` takes the calls.
    #[napi(constructor)]
    pub fn new(
        env: Env,
        class_name: String,
        streams: bool,
        dispatch: Function<'_, FnArgs<(u32, &'static str, String)>, ()>,
    ) -> napi::Result<Self> {
        let callee = Callee::new(&env, &dispatch)?;
        Ok(Self { host: Arc::new(Host { class_name, streams, callee }) })
    }
}

struct Host {
    class_name: String,
    streams: bool,
    callee: Callee,
}

impl ProviderHost {
    /// Name of the class, for messages.
    pub(crate) fn class_name(&self) -> &str {
        &self.host.class_name
    }
}

/// The provider port over `host` for `model`.
pub(crate) fn provider_of(host: &ProviderHost, model: &ModelConfig) -> Arc<dyn Provider> {
    let plain =
        PlainProvider { host: Arc::clone(&host.host), name: model.provider.as_str().into() };
    if host.host.streams { Arc::new(StreamingProvider(plain)) } else { Arc::new(plain) }
}

/// A class without a `stream` method: a streamed answer comes in one piece.
struct PlainProvider {
    host: Arc<Host>,
    name: Arc<str>,
}

/// A class with a `stream` method.
struct StreamingProvider(PlainProvider);

async fn ask(host: &Host, provider: &str, operation: &'static str, json: String) -> Result<String> {
    let outcome: Outcome = host.callee.ask(operation, json).await?;
    outcome.map_err(|thrown| from_thrown(&thrown, &host.class_name, provider))
}

fn encode(request: &ChatRequest, stream: bool) -> Result<String> {
    serde_json::to_string(&RequestView::new(request, stream)).map_err(|error| {
        Error::new(ErrorKind::Internal, format!("request cannot be encoded: {error}"))
    })
}

impl Provider for PlainProvider {
    fn name(&self) -> &str {
        &self.name
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        Box::pin(async move {
            let json = encode(request, false)?;
            let json = ask(&self.host, &self.name, "generate", json).await?;
            read_answer(&json, &self.host.class_name, "generate")
                .map_err(|error| error.with_provider(&*self.name))
        })
    }
}

impl Provider for StreamingProvider {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn complete<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ChatResponse>> {
        self.0.complete(request)
    }

    fn stream<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<ResponseStream>> {
        Box::pin(async move {
            let id = new_id();
            self.0.host.callee.tell(id, "open", encode(request, true)?)?;
            let open = OpenStream {
                host: Arc::clone(&self.0.host),
                provider: Arc::clone(&self.0.name),
                id,
                answer: StreamedAnswer::default(),
                ready: VecDeque::new(),
                ended: false,
            };
            Ok(Box::pin(try_unfold(open, next_delta)) as ResponseStream)
        })
    }
}

/// An async iterator of a user's class, pulled one chunk at a time. Dropping it calls the
/// iterator's `return`.
struct OpenStream {
    host: Arc<Host>,
    provider: Arc<str>,
    id: u32,
    answer: StreamedAnswer,
    ready: VecDeque<ResponseDelta>,
    ended: bool,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        if !self.ended {
            // Nothing is left to close when the environment is going away.
            let _ = self.host.callee.tell(self.id, "close", String::new());
        }
    }
}

async fn next_delta(mut open: OpenStream) -> Result<Option<(ResponseDelta, OpenStream)>> {
    loop {
        if let Some(delta) = open.ready.pop_front() {
            return Ok(Some((delta, open)));
        }
        if open.ended {
            return Ok(None);
        }
        let json = ask(&open.host, &open.provider, "next", open.id.to_string()).await?;
        if json.is_empty() {
            open.ended = true;
            let answer = std::mem::take(&mut open.answer).finish();
            open.ready.push_back(ResponseDelta::Done(Box::new(answer)));
            continue;
        }
        let deltas = read_chunk(&json, &open.host.class_name, &mut open.answer)
            .map_err(|error| error.with_provider(&*open.provider))?;
        open.ready.extend(deltas);
    }
}
