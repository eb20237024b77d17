//! An incremental parser of server-sent events, by the WHATWG specification.

use memchr::{memchr, memchr2};

use crate::frame::{Frame, FrameTooLong};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// Consumed bytes that may stay in front of the buffer before they are moved out.
const SLACK: usize = 64 * 1024;

/// Turns bytes into events, however the bytes are split.
///
/// Lines end in LF, CR or CRLF; a byte order mark, comments, `id` and `retry` are passed over; the
/// space after a colon is optional; several `data` lines are joined by LF. Bytes that are not UTF-8
/// become U+FFFD. An event without data is none. What is left at the end of the stream without a
/// blank line counts when its last line is whole, because some servers leave the blank line out.
#[derive(Debug)]
pub struct SseParser {
    buffer: Vec<u8>,
    /// First byte that belongs to no finished line.
    start: usize,
    /// First byte not yet searched for a line end.
    searched: usize,
    /// Whether an LF that comes next belongs to a CR already taken as a line end.
    skip_line_feed: bool,
    at_stream_start: bool,
    event: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    max_event_bytes: usize,
}

impl SseParser {
    /// A parser that refuses events of more than `max_event_bytes`.
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            skip_line_feed: false,
            at_stream_start: true,
            event: Vec::new(),
            data: Vec::new(),
            has_data: false,
            max_event_bytes,
        }
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, chunk: &[u8]) {
        if self.start == self.buffer.len() {
            self.buffer.clear();
            self.searched = 0;
            self.start = 0;
        } else if self.start > SLACK {
            self.buffer.drain(..self.start);
            self.searched -= self.start;
            self.start = 0;
        }
        self.buffer.extend_from_slice(chunk);
    }

    /// The next complete event; `None` until more bytes come.
    ///
    /// # Errors
    /// [`FrameTooLong`] when an event grows beyond the limit; the stream cannot be read on.
    pub fn next_event(&mut self) -> Result<Option<Frame>, FrameTooLong> {
        if self.at_stream_start && !self.pass_byte_order_mark() {
            return Ok(None);
        }
        while let Some((line_start, line_end)) = self.next_line() {
            if line_start == line_end {
                if let Some(frame) = self.dispatch() {
                    return Ok(Some(frame));
                }
                continue;
            }
            self.take_line(line_start, line_end);
            if self.data.len() > self.max_event_bytes {
                return Err(FrameTooLong { limit: self.max_event_bytes });
            }
        }
        if self.buffer.len() - self.start + self.data.len() > self.max_event_bytes {
            return Err(FrameTooLong { limit: self.max_event_bytes });
        }
        Ok(None)
    }

    /// The event that the stream ended in; `None` when it ended between events or within a line.
    pub fn finish(&mut self) -> Option<Frame> {
        if self.start < self.buffer.len() && !self.is_lone_line_feed() {
            self.data.clear();
            self.has_data = false;
            return None;
        }
        self.dispatch()
    }

    fn is_lone_line_feed(&self) -> bool {
        self.skip_line_feed && &self.buffer[self.start..] == b"\n"
    }

    /// Whether the beginning of the stream is settled.
    fn pass_byte_order_mark(&mut self) -> bool {
        let seen = &self.buffer[self.start..];
        if seen.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(seen) {
            return false;
        }
        if seen.starts_with(BYTE_ORDER_MARK) {
            self.start += BYTE_ORDER_MARK.len();
            self.searched = self.start;
        }
        self.at_stream_start = false;
        true
    }

    /// Bounds of the next finished line, its end excluded.
    fn next_line(&mut self) -> Option<(usize, usize)> {
        if self.skip_line_feed && self.start < self.buffer.len() {
            self.skip_line_feed = false;
            if self.buffer[self.start] == b'\n' {
                self.start += 1;
                self.searched = self.searched.max(self.start);
            }
        }
        let Some(found) = memchr2(b'\n', b'\r', &self.buffer[self.searched..]) else {
            self.searched = self.buffer.len();
            return None;
        };
        let line = (self.start, self.searched + found);
        self.skip_line_feed = self.buffer[line.1] == b'\r';
        self.start = line.1 + 1;
        self.searched = self.start;
        Some(line)
    }

    fn take_line(&mut self, start: usize, end: usize) {
        let line = &self.buffer[start..end];
        let (field, value) = match memchr(b':', line) {
            // A comment.
            Some(0) => return,
            Some(colon) => {
                let value = &line[colon + 1..];
                (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &line[line.len()..]),
        };
        match field {
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.has_data = true;
                self.data.extend_from_slice(value);
            }
            b"event" => {
                self.event.clear();
                self.event.extend_from_slice(value);
            }
            _ => {}
        }
    }

    fn dispatch(&mut self) -> Option<Frame> {
        let event = std::mem::take(&mut self.event);
        if !std::mem::take(&mut self.has_data) {
            return None;
        }
        let data = std::mem::take(&mut self.data);
        Some(Frame { event: into_text(event), data: into_text(data) })
    }
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|invalid| String::from_utf8_lossy(invalid.as_bytes()).into_owned())
}
