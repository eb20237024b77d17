use crate::error::Result;
use crate::types::StreamEvent;
use std::pin::Pin;
use std::task::{Context, Poll};
/// A streamed run: events ending with [`StreamEvent::Complete`], or an error.
pub struct CascadeStream {}
impl futures_util::Stream for CascadeStream {
    type Item = Result<StreamEvent>;
    fn poll_next(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(None)
    }
}
