//! What kind of utterance a query is.

use std::fmt;

use serde::Serialize;

/// What kind of utterance a query is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryForm {
    /// No words at all.
    Empty,
    /// A salutation, thanks or farewell and nothing else.
    Greeting,
    /// Talk about the talk or the speakers: "how are you", "what can you do".
    Conversation,
    /// Asks for something to be known.
    Question,
    /// Asks for something to be done.
    Command,
    /// Says something without asking.
    #[default]
    Statement,
}

impl QueryForm {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Greeting => "greeting",
            Self::Conversation => "conversation",
            Self::Question => "question",
            Self::Command => "command",
            Self::Statement => "statement",
        }
    }
}

impl fmt::Display for QueryForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
