//! A handle around a stream of texts: events of a run, or chunks of a provider.

use std::pin::Pin;
use std::sync::Arc;

use cascadeflow::Result;
use futures_util::future::{Either, select};
use futures_util::{Stream, StreamExt};
use napi::Env;
use napi_derive::napi;
use tokio::sync::Mutex;

use crate::cancel::Canceller;
use crate::runtime::{Settled, settle};

type Texts = Pin<Box<dyn Stream<Item = Result<String>> + Send>>;

/// A stream that is pulled one text at a time; nothing is made before it is asked for.
#[napi]
pub struct NativeStream {
    // `None` after the end.
    texts: Arc<Mutex<Option<Texts>>>,
    canceller: Canceller,
}

impl NativeStream {
    pub(crate) fn new(texts: impl Stream<Item = Result<String>> + Send + 'static) -> Self {
        Self { texts: Arc::new(Mutex::new(Some(Box::pin(texts)))), canceller: Canceller::new() }
    }
}

#[napi]
impl NativeStream {
    /// The next text, or its promise; empty at the end and after `cancel`.
    #[napi]
    pub fn next<'env>(&self, env: &'env Env) -> napi::Result<Settled<'env, String>> {
        let texts = Arc::clone(&self.texts);
        let mut cancelled = self.canceller.listen();
        settle(env, async move {
            let mut slot = texts.lock().await;
            let Some(stream) = slot.as_mut().filter(|_| !cancelled.is_fired()) else {
                *slot = None;
                return Ok(String::new());
            };
            let fired = std::pin::pin!(cancelled.fired());
            let next = match select(stream.next(), fired).await {
                Either::Left((next, _)) => next,
                Either::Right(_) => None,
            };
            if !matches!(next, Some(Ok(_))) {
                *slot = None;
            }
            next.unwrap_or_else(|| Ok(String::new()))
        })
    }

    /// Ends the stream and whatever works for it, down to the socket.
    #[napi]
    pub fn cancel(&self) {
        self.canceller.cancel();
        // A `next` under way holds the lock, sees the cancellation and drops the stream itself.
        if let Ok(mut slot) = self.texts.try_lock() {
            *slot = None;
        }
    }
}
