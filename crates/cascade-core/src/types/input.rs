//! What a caller asks.

use super::Message;

/// A query: plain text or a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// One user message.
    Text(String),
    /// A conversation; the last user message is the query.
    Messages(Vec<Message>),
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<Message>> for Input {
    fn from(messages: Vec<Message>) -> Self {
        Self::Messages(messages)
    }
}
