//! An incremental splitter of newline-delimited JSON.

use memchr::memchr;
use serde::de::IgnoredAny;

use crate::frame::{Frame, FrameTooLong};

/// Turns bytes into lines, however the bytes are split.
///
/// Blank lines are passed over and a CR before the LF is dropped. What is left at the end of the
/// stream without an LF counts when it is whole JSON.
#[derive(Debug)]
pub struct NdjsonParser {
    buffer: Vec<u8>,
    start: usize,
    searched: usize,
    max_line_bytes: usize,
}

impl NdjsonParser {
    /// A parser that refuses lines of more than `max_line_bytes`.
    pub fn new(max_line_bytes: usize) -> Self {
        Self { buffer: Vec::new(), start: 0, searched: 0, max_line_bytes }
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, chunk: &[u8]) {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        self.buffer.extend_from_slice(chunk);
    }

    /// The next whole line; `None` until more bytes come.
    ///
    /// # Errors
    /// [`FrameTooLong`] when a line grows beyond the limit; the stream cannot be read on.
    pub fn next_line(&mut self) -> Result<Option<Frame>, FrameTooLong> {
        while let Some(found) = memchr(b'\n', &self.buffer[self.searched..]) {
            let line = self.buffer[self.start..self.searched + found].trim_ascii();
            self.check(line.len())?;
            let frame = (!line.is_empty()).then(|| Frame::data(line));
            self.start = self.searched + found + 1;
            self.searched = self.start;
            if frame.is_some() {
                return Ok(frame);
            }
        }
        self.searched = self.buffer.len();
        self.check(self.buffer.len() - self.start)?;
        Ok(None)
    }

    /// The line that the stream ended in; `None` when there is none or it was cut.
    pub fn finish(&mut self) -> Option<Frame> {
        let rest = self.buffer[self.start..].trim_ascii();
        let whole = serde_json::from_slice::<IgnoredAny>(rest).is_ok();
        whole.then(|| Frame::data(rest))
    }

    fn check(&self, length: usize) -> Result<(), FrameTooLong> {
        if length > self.max_line_bytes {
            return Err(FrameTooLong { limit: self.max_line_bytes });
        }
        Ok(())
    }
}
