use std::fmt::Write;
use std::time::Duration;

use serde_json::Value;

/// What the server does with one request.
///
/// Starts from [`Script::json`], [`Script::body`], [`Script::stream`], [`Script::sse`] or
/// [`Script::raw`]; the other methods add headers, pieces, pauses and misbehaviour in order.
#[derive(Debug, Clone)]
pub struct Script {
    pub(super) head: Option<Head>,
    pub(super) head_delay: Duration,
    pub(super) steps: Vec<Step>,
    pub(super) end: End,
}

#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) chunked: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Send(Vec<u8>),
    Wait(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The body ends as its framing says, and the connection serves the next request.
    Complete,
    /// The connection is closed at once, whatever the framing promised.
    Cut,
    /// Nothing more is sent and the connection stays open.
    Hang,
}

impl Script {
    /// A JSON answer.
    pub fn json(status: u16, value: &Value) -> Self {
        Self::body(status, "application/json", value.to_string())
    }

    /// An answer of known length.
    pub fn body(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let head = Head {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            chunked: false,
        };
        Self {
            head: Some(head),
            head_delay: Duration::ZERO,
            steps: vec![Step::Send(body.into())],
            end: End::Complete,
        }
    }

    /// The beginning of a chunked answer with status 200; pieces follow with [`Self::piece`].
    pub fn stream(content_type: &str) -> Self {
        let mut script = Self::body(200, content_type, Vec::new());
        script.steps.clear();
        if let Some(head) = &mut script.head {
            head.chunked = true;
        }
        script
    }

    /// A chunked event stream, one `data:` event a piece.
    pub fn sse<T: AsRef<str>>(events: impl IntoIterator<Item = T>) -> Self {
        events.into_iter().fold(Self::stream("text/event-stream"), |script, event| {
            script.piece(format!("data: {}\n\n", event.as_ref()))
        })
    }

    /// Bytes written as they are, without a head; the connection closes after them.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            head: None,
            head_delay: Duration::ZERO,
            steps: vec![Step::Send(bytes.into())],
            end: End::Cut,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Some(head) = &mut self.head {
            head.headers.push((name.into(), value.into()));
        }
        self
    }

    /// Sends one more piece, flushed by itself.
    #[must_use]
    pub fn piece(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.steps.push(Step::Send(bytes.into()));
        self
    }

    /// Waits before what follows.
    #[must_use]
    pub fn wait(mut self, duration: Duration) -> Self {
        self.steps.push(Step::Wait(duration));
        self
    }

    /// Waits before the first byte of the head; [`Duration::MAX`] never sends it.
    #[must_use]
    pub fn delay_head(mut self, duration: Duration) -> Self {
        self.head_delay = duration;
        self
    }

    /// Splits every piece into pieces of `size` bytes, at least 1.
    #[must_use]
    pub fn split_every(mut self, size: usize) -> Self {
        let steps = std::mem::take(&mut self.steps);
        for step in steps {
            match step {
                Step::Send(bytes) => self
                    .steps
                    .extend(bytes.chunks(size.max(1)).map(|piece| Step::Send(piece.to_vec()))),
                Step::Wait(duration) => self.steps.push(Step::Wait(duration)),
            }
        }
        self
    }

    /// Closes the connection after the last piece without ending the body.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.end = End::Cut;
        self
    }

    /// Sends nothing after the last piece and keeps the connection open.
    #[must_use]
    pub fn hang(mut self) -> Self {
        self.end = End::Hang;
        self
    }

    /// The head as sent; empty for a raw script.
    pub(super) fn head_bytes(&self) -> Vec<u8> {
        let Some(head) = &self.head else { return Vec::new() };
        let mut text = format!("HTTP/1.1 {} Scripted\r\n", head.status);
        for (name, value) in &head.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let has_length =
            head.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        if head.chunked {
            text.push_str("transfer-encoding: chunked\r\n");
        } else if !has_length {
            let length: usize = self
                .steps
                .iter()
                .map(|step| match step {
                    Step::Send(bytes) => bytes.len(),
                    Step::Wait(_) => 0,
                })
                .sum();
            let _ = write!(text, "content-length: {length}\r\n");
        }
        text.push_str("\r\n");
        text.into_bytes()
    }

    pub(super) fn is_chunked(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.chunked)
    }
}
