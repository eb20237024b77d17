use std::io;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::Value;

/// Words in one chunk of a stream.
const WORDS_PER_CHUNK: usize = 4;

/// The pieces in which a text is streamed.
pub(super) fn chunks(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    words.chunks(WORDS_PER_CHUNK).map(<[&str]>::concat).collect()
}

/// A whole JSON body, or its first half and a broken connection.
pub(super) fn whole(body: &Value, cut: bool) -> Response {
    if !cut {
        return Json(body).into_response();
    }
    let text = body.to_string();
    let half = text.as_bytes().split_at(text.len() / 2).0.to_vec();
    streamed("application/json", vec![half.into()], Duration::ZERO, true)
}

/// Server-sent events with a pause before each, or the first half of them and a broken connection.
pub(super) fn events(mut events: Vec<String>, pause: Duration, cut: bool) -> Response {
    if cut {
        events.truncate(events.len().div_ceil(2));
    }
    let pieces = events.into_iter().map(Bytes::from).collect();
    streamed("text/event-stream", pieces, pause, cut)
}

fn streamed(
    content_type: &'static str,
    pieces: Vec<Bytes>,
    pause: Duration,
    cut: bool,
) -> Response {
    let end = cut.then(|| Err(io::Error::from(io::ErrorKind::ConnectionAborted)));
    let body = stream::iter(pieces.into_iter().map(Ok).chain(end)).then(move |piece| async move {
        // An error overtakes bytes that are still in the send buffer, which would turn a cut in
        // the middle into no answer at all.
        let pause = if piece.is_err() { pause.max(Duration::from_millis(5)) } else { pause };
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        piece
    });
    let mut response = Response::new(Body::from_stream(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// An error with its status.
pub(super) fn refusal(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}

/// An error with status 429 and the seconds to wait.
pub(super) fn rate_limited(seconds: u64, body: Value) -> Response {
    let mut response = refusal(StatusCode::TOO_MANY_REQUESTS, body);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}
