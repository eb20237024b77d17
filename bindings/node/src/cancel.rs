//! Cancellation from JavaScript: what an `AbortSignal` becomes.

use std::future::Future;
use std::pin::Pin;

use cascadeflow::{Error, ErrorKind, Result};
use futures_util::future::{Either, select};
use napi_derive::napi;
use tokio::sync::watch;

/// Cancels the calls it was given to. Dropping the work closes its connection.
#[napi]
pub struct Canceller {
    cancelled: watch::Sender<bool>,
}

#[napi]
impl Canceller {
    /// A canceller that has not fired.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self { cancelled: watch::Sender::new(false) }
    }

    /// Cancels the calls, now and later ones.
    #[napi]
    pub fn cancel(&self) {
        self.cancelled.send_replace(true);
    }
}

impl Canceller {
    /// What a call listens to.
    pub(crate) fn listen(&self) -> Cancelled {
        Cancelled(self.cancelled.subscribe())
    }
}

/// Resolves when its canceller fires; never when the canceller is dropped unfired.
#[derive(Clone)]
pub(crate) struct Cancelled(watch::Receiver<bool>);

impl Cancelled {
    pub(crate) async fn fired(&mut self) {
        if self.0.wait_for(|cancelled| *cancelled).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether the canceller has fired.
    pub(crate) fn is_fired(&self) -> bool {
        *self.0.borrow()
    }
}

/// `work`, or a cancellation error as soon as `cancelled` fires; `work` is dropped then.
pub(crate) async fn until<T>(
    cancelled: Option<Cancelled>,
    work: Pin<&mut impl Future<Output = Result<T>>>,
) -> Result<T> {
    let Some(mut cancelled) = cancelled else { return work.await };
    let fired = std::pin::pin!(cancelled.fired());
    match select(fired, work).await {
        Either::Left(_) => Err(Error::new(ErrorKind::Cancelled, "the caller cancelled the call")),
        Either::Right((output, _)) => output,
    }
}
