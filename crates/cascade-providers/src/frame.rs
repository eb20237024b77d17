//! One message of a streamed answer, whatever the stream's framing.

use crate::ndjson::NdjsonParser;
use crate::sse::SseParser;

/// One message of a streamed answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// Name of a server-sent event; empty when it has none.
    pub event: String,
    /// The payload.
    pub data: String,
}

impl Frame {
    /// A frame without an event name.
    pub fn data(bytes: &[u8]) -> Self {
        Self { event: String::new(), data: String::from_utf8_lossy(bytes).into_owned() }
    }
}

/// A message exceeds the size that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameTooLong {
    /// The size in bytes.
    pub limit: usize,
}

/// How a provider separates the messages of a streamed answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// One JSON value a line.
    Ndjson,
}

/// A parser for either framing.
#[derive(Debug)]
pub(crate) enum FrameParser {
    Sse(SseParser),
    Ndjson(NdjsonParser),
}

impl FrameParser {
    pub(crate) fn new(framing: Framing, max_bytes: usize) -> Self {
        match framing {
            Framing::Sse => Self::Sse(SseParser::new(max_bytes)),
            Framing::Ndjson => Self::Ndjson(NdjsonParser::new(max_bytes)),
        }
    }

    pub(crate) fn push(&mut self, chunk: &[u8]) {
        match self {
            Self::Sse(parser) => parser.push(chunk),
            Self::Ndjson(parser) => parser.push(chunk),
        }
    }

    pub(crate) fn next_frame(&mut self) -> Result<Option<Frame>, FrameTooLong> {
        match self {
            Self::Sse(parser) => parser.next_event(),
            Self::Ndjson(parser) => parser.next_line(),
        }
    }

    pub(crate) fn finish(&mut self) -> Option<Frame> {
        match self {
            Self::Sse(parser) => parser.finish(),
            Self::Ndjson(parser) => parser.finish(),
        }
    }
}
