use std::io::{self, IsTerminal, Read, Write};

use cascadeflow::env_vars;
use serde::Serialize;

use super::Paint;
use crate::environment::Environment;

/// The three streams of a command and what is known of the screen behind them.
pub struct Terminal {
    input: Box<dyn Read + Send>,
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    pub(super) out_is_screen: bool,
    pub(super) err_is_screen: bool,
    colour: bool,
}

impl Terminal {
    /// The streams of this process. Colours are used when standard output is a screen and
    /// `NO_COLOR` is not set.
    pub fn of_process(environment: &Environment) -> Self {
        let out_is_screen = io::stdout().is_terminal();
        Self {
            input: Box::new(io::stdin()),
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            out_is_screen,
            err_is_screen: io::stderr().is_terminal(),
            colour: out_is_screen && environment.get(env_vars::NO_COLOR).is_none(),
        }
    }

    /// Streams of the caller's, which are no screen: no colours, no progress bars.
    pub fn of_streams(
        input: impl Read + Send + 'static,
        out: impl Write + Send + 'static,
        err: impl Write + Send + 'static,
    ) -> Self {
        Self {
            input: Box::new(input),
            out: Box::new(out),
            err: Box::new(err),
            out_is_screen: false,
            err_is_screen: false,
            colour: false,
        }
    }

    /// How text is coloured here.
    pub(crate) fn paint(&self) -> Paint {
        Paint::new(self.colour)
    }

    /// All of standard input as text; it can be read once. Waits on a thread of its own, so that
    /// an interrupt comes through.
    pub(crate) async fn read_input(&mut self) -> io::Result<String> {
        let mut input = std::mem::replace(&mut self.input, Box::new(io::empty()));
        let read = tokio::task::spawn_blocking(move || {
            let mut text = String::new();
            input.read_to_string(&mut text).map(|_| text)
        });
        read.await.map_err(io::Error::other)?
    }

    /// Writes `text` to standard output and flushes, so that streamed text shows at once.
    pub(crate) fn write(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    /// Writes `text` and a line break to standard output.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }

    /// Writes `value` as indented JSON to standard output.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }

    /// Writes `text` and a line break to standard error.
    pub(crate) fn note(&mut self, text: &str) -> io::Result<()> {
        self.err.write_all(text.as_bytes())?;
        self.err.write_all(b"\n")?;
        self.err.flush()
    }
}
