use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::Stream;

use super::agent::Inner;
use super::run::Run;
use super::sink::Sink;
use crate::error::Result;
use crate::ports::BoxFuture;
use crate::types::{CascadeResult, Input, RunOptions, StreamEvent};

/// A streamed run: events that end with [`StreamEvent::Complete`], or with an error.
///
/// Nothing happens before the first poll, and the run goes on only as events are taken.
pub struct CascadeStream {
    run: Option<BoxFuture<'static, Result<CascadeResult>>>,
    sink: Arc<Sink>,
}

impl CascadeStream {
    pub(super) fn new(inner: Arc<Inner>, input: Input, options: RunOptions) -> Self {
        let sink = Arc::new(Sink::default());
        let events = Arc::clone(&sink);
        let run =
            Box::pin(
                async move { Run::execute(&inner, input, options, Some(&events), None).await },
            );
        Self { run: Some(run), sink }
    }
}

impl Stream for CascadeStream {
    type Item = Result<StreamEvent>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(event) = self.sink.take() {
            return Poll::Ready(Some(Ok(event)));
        }
        let Some(run) = self.run.as_mut() else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(outcome) = run.as_mut().poll(cx) {
            self.run = None;
            let last = outcome.map(|result| StreamEvent::Complete { result: Box::new(result) });
            return Poll::Ready(Some(last));
        }
        match self.sink.take() {
            Some(event) => Poll::Ready(Some(Ok(event))),
            None => Poll::Pending,
        }
    }
}

impl std::fmt::Debug for CascadeStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CascadeStream").field("ended", &self.run.is_none()).finish_non_exhaustive()
    }
}
