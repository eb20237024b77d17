use cascade_core::{ChatResponse, ResponseDelta};
use serde_json::Value;

use crate::frame::Frame;

/// Why a provider's words give no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum WireFault {
    /// They are an error report, given whole.
    Reported(Value),
    /// They are not what the dialect says; the text tells what is wrong, without quoting them.
    Malformed(String),
}

impl WireFault {
    /// A fault of JSON that does not fit.
    pub fn from_json(what: &str, error: &serde_json::Error) -> Self {
        let reason = match error.classify() {
            serde_json::error::Category::Eof => "it ends early",
            serde_json::error::Category::Data => "a field has an unexpected type or is missing",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
                "it is not JSON"
            }
        };
        Self::Malformed(format!("{what} cannot be read: {reason}"))
    }
}

/// Whether a streamed answer goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssembleStep {
    /// More frames follow.
    More,
    /// The answer is complete.
    Finished,
}

/// Puts a streamed answer together.
pub trait Assembler: Send {
    /// Takes one frame; what it adds for the reader is appended to `deltas`.
    ///
    /// # Errors
    /// A fault ends the stream.
    fn push(
        &mut self,
        frame: &Frame,
        deltas: &mut Vec<ResponseDelta>,
    ) -> Result<AssembleStep, WireFault>;

    /// Whether the answer is complete should the stream end here without saying so.
    fn may_end(&self) -> bool;

    /// The assembled answer, equal to what a plain call brings.
    ///
    /// # Errors
    /// A fault when the frames do not make an answer.
    fn finish(self: Box<Self>) -> Result<ChatResponse, WireFault>;
}
