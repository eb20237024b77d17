//! What a streaming method of user code yields, piece by piece.

use std::collections::VecDeque;
use std::sync::Arc;

use cascadeflow::ports::ResponseStream;
use cascadeflow::{ChatResponse, Error, ErrorKind, ResponseDelta, Result, ToolCallDelta};
use futures_util::stream;
use pyo3::exceptions::PyStopAsyncIteration;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString};

use super::call::type_name;
use super::response::chat_response;
use crate::awaitable::PythonFuture;
use crate::error::from_exception;
use crate::imports;

/// An iterator over chunks.
pub(super) enum Chunks {
    /// Asynchronous.
    Awaited(Py<PyAny>),
    /// Synchronous.
    Plain(Py<PyIterator>),
    /// A complete answer in place of a stream.
    Whole(Option<Py<PyAny>>),
}

impl Chunks {
    /// The iterator that `value` is or has; `None` when it has none.
    pub(super) fn of(value: &Bound<'_, PyAny>) -> Option<Self> {
        let py = value.py();
        if value.hasattr(pyo3::intern!(py, "__aiter__")).ok()? {
            let iterator = value.call_method0(pyo3::intern!(py, "__aiter__")).ok()?;
            return Some(Self::Awaited(iterator.unbind()));
        }
        if value.is_instance(imports::model_response(py).ok()?).ok()? {
            return Some(Self::Whole(Some(value.clone().unbind())));
        }
        let is_text = value.is_instance_of::<PyString>();
        let is_awaitable = value.hasattr(pyo3::intern!(py, "__await__")).ok()?;
        if is_text || is_awaitable {
            return None;
        }
        value.try_iter().ok().map(|iterator| Self::Plain(iterator.unbind()))
    }

    /// The next chunk; `None` at the end.
    pub(super) async fn next(&mut self, place: &str) -> Result<Option<Py<PyAny>>> {
        let future = match self {
            Self::Whole(response) => return Ok(response.take()),
            Self::Plain(iterator) => {
                return Python::attach(|py| {
                    let next = iterator.bind(py).clone().next().transpose();
                    let next = next.map_err(|error| from_exception(py, error, place))?;
                    Ok(next.map(Bound::unbind))
                });
            }
            Self::Awaited(iterator) => Python::attach(|py| {
                let next = iterator.bind(py).call_method0(pyo3::intern!(py, "__anext__"));
                let next = next.map_err(|error| from_exception(py, error, place))?;
                Ok::<_, Error>(PythonFuture::new(next.unbind()))
            })?,
        };
        match future.await {
            Ok(chunk) => Ok(Some(chunk)),
            Err(error) => Python::attach(|py| {
                if error.is_instance_of::<PyStopAsyncIteration>(py) {
                    return Ok(None);
                }
                Err(from_exception(py, error, place))
            }),
        }
    }
}

struct State {
    chunks: Chunks,
    first: Option<Result<Option<Py<PyAny>>>>,
    place: Arc<str>,
    cost_counts: bool,
    text: String,
    last: Option<ChatResponse>,
    ended: bool,
    /// What is left to give after the last chunk.
    closing: VecDeque<ResponseDelta>,
}

/// The stream of `chunks`, of which `first` is taken already.
pub(super) fn delta_stream(
    chunks: Chunks,
    first: Result<Option<Py<PyAny>>>,
    place: Arc<str>,
    cost_counts: bool,
) -> ResponseStream {
    let state = State {
        chunks,
        first: Some(first),
        place,
        cost_counts,
        text: String::new(),
        last: None,
        ended: false,
        closing: VecDeque::new(),
    };
    Box::pin(stream::unfold(state, |mut state| async move {
        let delta = state.next().await?;
        Some((delta, state))
    }))
}

impl State {
    async fn next(&mut self) -> Option<Result<ResponseDelta>> {
        while !self.ended {
            let chunk = match self.first.take() {
                Some(first) => first,
                None => self.chunks.next(&self.place).await,
            };
            let chunk = match chunk {
                Ok(Some(chunk)) => chunk,
                Ok(None) => {
                    self.ended = true;
                    self.finish();
                    return self.closing.pop_front().map(Ok);
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            };
            match Python::attach(|py| self.read(chunk.bind(py))) {
                Ok(Some(text)) if !text.is_empty() => return Some(Ok(ResponseDelta::Text(text))),
                Ok(_) => {}
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        self.closing.pop_front().map(Ok)
    }

    /// The text of a chunk. A `ModelResponse` is the whole answer: it completes what was streamed.
    fn read(&mut self, chunk: &Bound<'_, PyAny>) -> Result<Option<String>> {
        if let Ok(text) = chunk.cast::<PyString>() {
            let text = text.to_string_lossy().into_owned();
            self.text.push_str(&text);
            return Ok(Some(text));
        }
        let py = chunk.py();
        let is_response =
            imports::model_response(py).and_then(|class| chunk.is_instance(class)).unwrap_or(false);
        if is_response {
            let answer = chat_response(&self.place, chunk, self.cost_counts)?;
            let rest = answer.content.strip_prefix(self.text.as_str()).map(str::to_owned);
            self.last = Some(answer);
            if let Some(rest) = &rest {
                self.text.push_str(rest);
            }
            return Ok(rest);
        }
        Err(Error::new(
            ErrorKind::UserCode,
            format!("`{}` yielded `{}` instead of a `str`", self.place, type_name(chunk)),
        )
        .with_hint("yield pieces of text; a last `ModelResponse` may carry usage and confidence"))
    }

    /// Tool calls, whole, then the answer.
    fn finish(&mut self) {
        let mut answer = self.last.take().unwrap_or_default();
        answer.content = std::mem::take(&mut self.text);
        for (index, call) in answer.tool_calls.iter().enumerate() {
            self.closing.push_back(ResponseDelta::ToolCall(ToolCallDelta {
                index,
                id: Some(call.id.clone()),
                name: Some(call.name.clone()),
                arguments: call.arguments.clone(),
            }));
        }
        self.closing.push_back(ResponseDelta::Done(Box::new(answer)));
    }
}
